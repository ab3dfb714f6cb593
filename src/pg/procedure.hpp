// A procedure that ends its caller's transaction between its steps.
//
//   pg::procedure steps(fcinfo, "CALL llm_admin.x()");
//   for (...) { work(); steps.commit(); }
//
// What lives across commit() holds no lock, snapshot, cursor or connection of its own, and has taken on nobody's rights.
#pragma once

#include "pg/guard.hpp"

namespace llm_admin::pg {

class procedure {
 public:
  // 25001 where the caller is in a transaction block, or in a function: such a CALL cannot commit.
  procedure(FunctionCallInfo fcinfo, const char* call_text);
  ~procedure();
  procedure(const procedure&) = delete;
  procedure& operator=(const procedure&) = delete;

  void commit();  // the next statement begins a new transaction

 private:
  std::uint64_t errors_before_;
};

}  // namespace llm_admin::pg
