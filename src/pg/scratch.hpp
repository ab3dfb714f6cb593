// Memory for one row of a long loop: what a row needs is allocated here and is gone before the next one, so
// that a function uses as much for a million rows as for one.
//
//   pg::cursor rows(all_rows, {});
//   pg::scratch memory;
//   while (const auto row = rows.next()) {
//     memory.reset();
//     ...                                  // palloc, text_of, make_text, fetch: all of it goes with the row
//   }
//
// The context is a child of the one that was current, and is current itself for as long as the object lives:
// keep in it nothing that a later row or the caller needs. Objects of C++ (std::string, secret_bytes) are not
// touched. What row_set::add() was given is copied and stays.
#pragma once

#include "pg/guard.hpp"

namespace llm_admin::pg {

class scratch {
 public:
  scratch();
  ~scratch();  // the former context is current again
  scratch(const scratch&) = delete;
  scratch& operator=(const scratch&) = delete;

  // Frees all that was allocated since the last reset, and makes the context current again.
  void reset();

 private:
  MemoryContext former_;
  MemoryContext own_;
};

}  // namespace llm_admin::pg
