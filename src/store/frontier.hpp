// How far a log was read, by the ids of its rows: incrementally and exactly, while others write.
//
// An id is taken from its sequence after the writer's transaction has its xid (next_id). So when a row with id M
// is seen, whoever holds an id below M that is not seen began before: those ids are gaps, and a gap closes when
// every transaction that was running then has ended. Transactions that last long, prepared ones too, delay their
// own rows alone.
//
// Xids order nothing and identify nothing here, they only say when a gap may close: in a cluster that has not
// come as far as closes_at, such as one that a dump was restored into, a gap closes after one look.
//
// A reader goes like this, at READ COMMITTED and with the rights of the owner:
//   frontier reader(sql, "usage", "llm_usage_logs");      // locks the frontier's row, then the horizon, then a snapshot
//   reader.run(sql, my_statement, {...});                 // reads id > last_id and the gaps, by that snapshot
//   reader.advance(sql, rows_beyond, greatest_id);        // gaps are closed and opened, by the same snapshot
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>

#include "pg/snapshot.hpp"
#include "pg/spi.hpp"

namespace llm_admin::store {

// A log that is read by a frontier: its table, and the sequence of its ids, by their names in llm_admin.
struct log_ids {
  const char* frontier;
  const char* table;
  const char* sequence;
};
inline constexpr log_ids usage_ids{"usage", "llm_usage_logs", "llm_usage_logs_id_seq"};

// The next id of a log, for a row of this transaction. Needs no right on the sequence.
std::int64_t next_id(const log_ids& log);

class frontier {
 public:
  // Locks the frontier until the transaction ends; makes its row where there is none. 55000 above READ COMMITTED,
  // where a second look at the log would see nothing new.
  frontier(pg::spi& sql, const log_ids& log);

  std::int64_t last_id() const noexcept { return last_id_; }
  std::uint64_t run(pg::spi& sql, pg::statement& s, std::initializer_list<pg::parameter> parameters);
  // `beyond` rows were read beyond last_id(), of which the greatest id is `greatest`.
  void advance(pg::spi& sql, std::int64_t beyond, std::int64_t greatest);

  std::int64_t open_gaps() const noexcept { return open_gaps_; }

 private:
  const log_ids& log_;
  std::int64_t last_id_ = 0;
  std::int64_t open_gaps_ = 0;
  Datum horizon_ = 0;  // xid8: older transactions had ended before the snapshot was taken
  pg::snapshot seen_;
};

}  // namespace llm_admin::store
