// expire_calls, extend_call: the deadline of a call.
#include "calls/expire.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "calls/record.hpp"
#include "core/calls/options.hpp"
#include "core/calls/receipt.hpp"
#include "core/error.hpp"
#include "pg/args.hpp"
#include "pg/clock.hpp"
#include "pg/entry.hpp"
#include "pg/role.hpp"
#include "pg/spi.hpp"
#include "pg/stop_point.hpp"
#include "pg/uuid.hpp"
#include "store/bounds.hpp"
#include "store/entered_tenant.hpp"
#include "store/overdue.hpp"

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

void warn_of(const store::open_call& call, const std::string& why) {
  const std::string message = "call " + uuid_string(call.call_id) + " is overdue and could not be ended";
  const char* text = message.c_str();
  const char* detail = why.c_str();
  pg::call([=] { ereport(WARNING, (errmsg("%s", text), errdetail_internal("%s", detail))); });
}

bool end(const store::open_call& call) {
  if (!record_call(call, as_expired(call), "expire_calls", waiting::no)) return false;
  (void)store::take_call(call.call_id);
  return true;
}

// How many of them ended; nothing, and none did, where something is wrong with one.
std::optional<std::int64_t> end_together(std::span<const store::overdue_call> some, std::string& why) {
  pg::subtransaction together;
  try {
    std::int64_t ended = 0;
    for (const store::overdue_call& one : some) {
      if (one.damage) throw error(*one.damage);
      if (end(one.call)) ++ended;
    }
    together.release();
    return ended;
  } catch (const pg::error& e) {
    if (e.is_fault()) throw;
    why = e.what();
  } catch (const error& e) {
    if (e.is_fault()) throw;
    why = e.message();
  }
  return std::nullopt;
}

// What is wrong with one call keeps nobody from ending the others.
std::int64_t end_each(std::span<const store::overdue_call> some, broken are) {
  std::string why;
  if (const auto all = end_together(some, why)) return *all;
  std::int64_t ended = 0;
  for (std::size_t n = 0; n < some.size(); ++n) {
    const auto one = end_together(some.subspan(n, 1), why);
    ended += one.value_or(0);
    if (!one && are == broken::told) warn_of(some[n].call, why);
  }
  return ended;
}

}  // namespace

std::int64_t expire_some(std::int64_t now, std::int64_t most, broken are) {
  std::int64_t ended = 0;
  std::optional<store::open_call> last;
  while (ended < most) {
    const std::vector<store::overdue_call> found = store::lock_overdue(now, last ? &*last : nullptr);
    if (found.empty()) break;
    const std::span<const store::overdue_call> all(found);
    ended += end_each(all.first(std::min(all.size(), static_cast<std::size_t>(most - ended))), are);
    if (are == broken::told) {
      store::poll();
      pg::stop_point("expire_calls.some");
    }
    if (found.size() < store::overdue_at_once) break;
    last = found.back().call;
  }
  return ended;
}

namespace {

// Each begin ends some at its end.
const store::overdue_ender calls_overdue([](std::int64_t now, const char*, bool urgent) {
  return urgent ? static_cast<int>(expire_some(now, expired_beside, broken::passed_over)) : 0;
});

}  // namespace

}  // namespace llm_admin::calls_room

using namespace llm_admin;

LLM_ADMIN_SCALAR(llm_admin_expire_calls, INT8OID)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  const auto most = in.integer(0);
  if (!most || *most < 1)
    throw error(most ? sqlstate::invalid_parameter : sqlstate::null_not_allowed, "most must be 1 or more");
  pg::require_primary("expire_calls");
  return Int64GetDatum(calls_room::expire_some(pg::clock_now(), *most, calls_room::broken::told));
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
