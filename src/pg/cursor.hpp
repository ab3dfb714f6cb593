// The rows of a statement, a few at a time: for whatever goes through a whole table (see pg/scratch.hpp for
// the memory of each row). The result never stands in memory as a whole.
//
//   static pg::statement all_rows{"SELECT t.a FROM llm_admin.t ORDER BY t.a", {}};
//   pg::cursor rows = store::cursor_by_owner(all_rows, {});
//   while (const auto row = rows.next()) use(row->text(1));
//
// Reads only: a row that is to be changed is locked and read anew by a statement of its own. What the loop
// changes is not seen by the cursor, whose snapshot is the one it was opened with. The loop may use spi and
// other cursors that are finished before next() is called; cursors that are read in turns share one
// connection. Planned anew each time: a plan kept from when the tables were small would join a million rows
// by nested loops.
#pragma once

#include <initializer_list>
#include <optional>

#include "pg/fetch.hpp"
#include "pg/spi.hpp"

namespace llm_admin::pg {

class cursor {
 public:
  // By the snapshot of the caller's statement, or by the newest committed state and what this transaction has
  // done so far (in a parallel plan, where the server refuses that: by the statement's). A number of
  // parameters that is not the statement's is an internal error.
  // Makes a connection of its own, unless it is given one.
  cursor(const statement& s, std::initializer_list<parameter> parameters, as_of when = as_of::statement,
         spi* shared = nullptr);
  // Closes what was not read to its end; after an error of the server that is left to the transaction.
  ~cursor();
  cursor(const cursor&) = delete;
  cursor& operator=(const cursor&) = delete;

  // The next row, valid until next() is called again; nothing at the end. Can be cancelled.
  std::optional<row> next();

 private:
  bool fetch();
  void close();

  static constexpr int batch = 128;
  std::optional<spi> own_;
  std::uint64_t errors_before_;  // as in spi
  Portal portal_ = nullptr;
  SPITupleTable* table_ = nullptr;
  std::uint64_t at_ = 0;
  std::uint64_t rows_ = 0;
};

}  // namespace llm_admin::pg
