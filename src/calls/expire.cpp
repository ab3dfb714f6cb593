// expire_calls, extend_call: the deadline of a call.
#include "calls/expire.hpp"

#include "calls/record.hpp"
#include "core/calls/options.hpp"
#include "core/calls/receipt.hpp"
#include "core/error.hpp"
#include "pg/args.hpp"
#include "pg/clock.hpp"
#include "pg/entry.hpp"
#include "pg/role.hpp"
#include "pg/stop_point.hpp"
#include "pg/uuid.hpp"
#include "store/bounds.hpp"
#include "store/entered_tenant.hpp"

namespace llm_admin::calls_room {

namespace {

// Its input is taken for sent; of its output nobody knows.
usage::call as_expired(const store::open_call& call) {
  usage::call used;
  used.kind = "expired";
  used.estimated = true;
  used.counted.input = used.counted.total = call.input_estimate;
  used.error_message = "the call was not finished by its deadline";
  return used;
}

}  // namespace

int expire_some(std::int64_t now) {
  int ended = 0;
  for (const store::open_call& call : store::lock_overdue(now)) {
    if (!record_call(call, as_expired(call), "expire_calls", waiting::no)) continue;
    (void)store::take_call(call.call_id);
    ++ended;
  }
  return ended;
}

}  // namespace llm_admin::calls_room

using namespace llm_admin;

LLM_ADMIN_SCALAR(llm_admin_expire_calls, INT8OID)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  const auto most = in.integer(0);
  if (!most || *most < 1)
    throw error(most ? sqlstate::invalid_parameter : sqlstate::null_not_allowed, "most must be 1 or more");
  pg::require_primary("expire_calls");
  std::int64_t all = 0;
  while (all < *most) {
    store::poll();
    const int ended = calls_room::expire_some(pg::clock_now());
    all += ended;
    if (ended == 0) break;
    pg::stop_point("expire_calls.some");
  }
  return Int64GetDatum(all);
}

LLM_ADMIN_SCALAR(llm_admin_extend_call, TIMESTAMPTZOID)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  if (in.is_null(0)) throw error(sqlstate::null_not_allowed, "argument call_id must not be null");
  const uuid_bytes id = pg::uuid_of(in.raw(0, UUIDOID));
  const auto timeout = in.integer(1);
  if (!timeout || *timeout < 1 || *timeout > calls::longest_timeout_ms)
    throw error(timeout ? sqlstate::invalid_parameter : sqlstate::null_not_allowed,
                "timeout_ms must be from 1 to " + std::to_string(calls::longest_timeout_ms),
                "from now on the call may take so long", "");
  pg::require_primary("extend_call");
  const auto call = store::find_call(id);
  if (!call || store::is_out_of_reach(call->tenant_id)) calls::refuse_unknown_call(id);
  const std::int64_t end = pg::clock_now() + std::int64_t{*timeout} * 1000;
  if (end <= call->expires_at)
    return TimestampTzGetDatum(call->expires_at);  // a deadline is never brought forward
  const auto moved = store::extend_call(id, end);  // another session may have set a later one
  if (!moved) calls::refuse_unknown_call(id, "it was ended meanwhile");
  return TimestampTzGetDatum(*moved);
}
