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
enum class broken : bool { passed_over, told };
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

std::span<const store::overdue_call> first_of(std::span<const store::overdue_call> found, std::int64_t most) {
  return found.first(std::min(found.size(), static_cast<std::size_t>(most)));
}

store::overdue_place place_of(const store::overdue_call& one) {
  return {one.call.expires_at, one.call.call_id};
}

}  // namespace

std::int64_t expire_calls(std::int64_t now, std::int64_t most) {
  std::int64_t ended = 0;
  store::overdue_place last;
  while (ended < most) {
    const std::vector<store::overdue_call> found = store::lock_overdue(now, last);
    if (found.empty()) break;
    ended += end_each(first_of(found, most - ended), broken::told);
    store::poll();
    pg::stop_point("expire_calls.some");
    if (found.size() < store::overdue_at_once) break;
    last = place_of(found.back());
  }
  return ended;
}

std::int64_t expire_beside(std::int64_t now, std::int64_t looks) {
  constexpr std::int64_t most = 10;
  static store::overdue_place last;
  bool from_start = last == store::overdue_place();
  std::int64_t ended = 0, seen = 0;
  while (ended < most && seen < looks) {
    const std::vector<store::overdue_call> found = store::lock_overdue(now, last);
    if (!found.empty()) {
      ended += end_each(first_of(found, most - ended), broken::passed_over);
      seen += static_cast<std::int64_t>(found.size());
      last = place_of(found.back());
    }
    if (found.size() == store::overdue_at_once) continue;
    last = {};
    if (from_start) break;
    from_start = true;
  }
  if (ended > 0) last = {};
  return ended;
}

namespace {

// Each begin ends some at its end.
const store::overdue_ender calls_overdue([](std::int64_t now, const char*, bool urgent) {
  return urgent ? static_cast<int>(expire_beside(now, looks_in_need)) : 0;
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
  return Int64GetDatum(calls_room::expire_calls(pg::clock_now(), *most));
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
