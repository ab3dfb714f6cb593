// llm_admin_test.set_clock(at): the time that limits go by in this session (src/pg/clock.hpp); NULL for the server's.
#include "pg/args.hpp"
#include "pg/entry.hpp"

namespace {

using namespace llm_admin;

std::int64_t simulated = 0;

std::int64_t simulated_now() noexcept { return simulated; }

}  // namespace

LLM_ADMIN_SCALAR(llm_admin_test_set_clock, BOOLOID)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  void** const hook = pg::call([] { return find_rendezvous_variable("llm_admin.clock"); });
  const bool set = !in.is_null(0);
  if (set) simulated = DatumGetTimestampTz(in.raw(0, TIMESTAMPTZOID));
  *hook = set ? reinterpret_cast<void*>(&simulated_now) : nullptr;
  return BoolGetDatum(set);
}
