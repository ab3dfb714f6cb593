// acquire_quota, release_quota, reserve_budget, settle_budget: what applications take of limits around calls that
// they make by themselves.
#include <array>
#include <cstring>
#include <string>
#include <utility>

#include "core/call_tags.hpp"
#include "core/checked_options.hpp"
#include "core/error.hpp"
#include "limits/tickets.hpp"
#include "pg/args.hpp"
#include "pg/clock.hpp"
#include "pg/entry.hpp"
#include "pg/numeric.hpp"
#include "pg/result.hpp"
#include "pg/role.hpp"
#include "pg/spi.hpp"
#include "pg/uuid.hpp"
#include "store/access.hpp"
#include "store/denials.hpp"
#include "store/entered_tenant.hpp"
#include "store/limits.hpp"
#include "store/overdue.hpp"
#include "store/quota.hpp"
#include "store/tenant.hpp"

using namespace llm_admin;

namespace {

constexpr std::array<std::string_view, 11> quota_options = {
    "team",  "key",      "tags",         "account_id",    "provider",       "agent",
    "roles", "requests", "input_tokens", "output_tokens", "expires_seconds"};
constexpr std::array<std::string_view, 8> budget_options = {"team",     "key",   "tags",  "account_id",
                                                            "provider", "agent", "roles", "expires_seconds"};
constexpr std::array<std::string_view, 3> used_members = {"requests", "input_tokens", "output_tokens"};
constexpr std::int64_t most_units = 1'000'000'000'000;
constexpr std::size_t most_roles_of_call = 1000;

struct quota_units {
  std::int64_t requests = 0, input = 0, output = 0;
  money::decimal of(limits::what what) const {
    switch (what) {
      case limits::what::requests:
        return requests;
      case limits::what::input_tokens:
        return input;
      case limits::what::output_tokens:
        return output;
      case limits::what::tokens:
        return input + output;
      case limits::what::concurrent:
        return 1;
      case limits::what::cost_usd:
        break;
    }
    return {};
  }
};

quota_units read_units(checked_options& options, std::int64_t requests) {
  return {options.integer("requests", 0, most_units).value_or(requests),
          options.integer("input_tokens", 0, most_units).value_or(0),
          options.integer("output_tokens", 0, most_units).value_or(0)};
}

// A call as its caller describes it.
struct quota_call {
  std::string tenant, user, key, account;
  std::string_view team;
  std::vector<call_tag> tags;
  store::access_request access;
  std::int64_t seconds = limits_room::ticket_seconds;
};

std::string quota_tenant(std::optional<std::string_view> given) {
  if (!given || given->empty()) return std::string(store::entered_tenant().value_or(std::string_view()));
  store::require_tenant_id(*given);
  store::require_entered(*given);
  return std::string(*given);
}

quota_call read_call(const pg::args& in, int tenant, checked_options& options) {
  quota_call call;
  call.user = in.text(0).value_or(std::string_view());
  call.access.tier = in.text(1);
  call.access.model = in.required_text(2, "model");
  call.tenant = quota_tenant(in.text(tenant));
  call.team = options.text("team").value_or(std::string_view());
  if (const auto key = options.id("key")) call.key = uuid_string(*key);
  if (const auto account = options.id("account_id")) call.account = uuid_string(*account);
  call.tags = read_tags(options, "tags");
  call.access.provider = options.text("provider").value_or(std::string_view());
  call.access.agent = options.text("agent").value_or(std::string_view());
  call.access.roles = options.texts("roles", most_roles_of_call);
  call.seconds =
      options.integer("expires_seconds", 1, limits_room::most_ticket_seconds).value_or(call.seconds);
  return call;
}

void add_number(pg::row_builder& row, const money::decimal& value) {
  row.add(pg::make_numeric(value.text()), NUMERICOID);
}

// limit_id, subject, used, remaining, resets_at, retry_after_ms, downgrade_to, ticket
Datum answer_of(FunctionCallInfo fcinfo, bool allowed, const char* reason, const store::quota_ask* by,
                const limits::figures* now, const std::optional<uuid_bytes>& ticket) {
  pg::row_builder row;
  row.add_boolean(allowed).add_text(reason);
  if (by == nullptr) {
    for (int n = 0; n < 8; ++n) row.add_null();
    return pg::make_row(fcinfo, row);
  }
  row.add(pg::make_uuid(by->met.by->id), UUIDOID).add_text(by->met.subject);
  add_number(row, now->used + now->reserved);
  add_number(row, now->remaining);
  if (now->resets_at)
    row.add(TimestampTzGetDatum(*now->resets_at), TIMESTAMPTZOID);
  else
    row.add_null();
  if (!allowed && now->retry_after_ms)
    row.add_bigint(*now->retry_after_ms);
  else
    row.add_null();
  if (!allowed && !by->met.by->downgrade_to.empty())
    row.add_text(by->met.by->downgrade_to);
  else
    row.add_null();
  if (ticket)
    row.add(pg::make_uuid(*ticket), UUIDOID);
  else
    row.add_null();
  return pg::make_row(fcinfo, row);
}

// Of those that granted, the one with the least left in proportion.
std::size_t tightest(const std::vector<limits::figures>& all) {
  std::size_t least = 0;
  for (std::size_t n = 1; n < all.size(); ++n)
    if (all[n].remaining * all[least].amount < all[least].remaining * all[n].amount) least = n;
  return least;
}

template <class Units>
Datum take(FunctionCallInfo fcinfo, const quota_call& call, const char* caller, const char* kind,
           const Units& units_of) {
  store::access_request request = call.access;
  request.user_id = call.user;
  request.tenant_id = call.tenant;
  pg::require_primary(caller);
  const store::access_decision access = store::check_access(request);
  if (!access.allowed && !(access.tier.empty() && std::strcmp(access.reason, "no_tier") == 0))
    return answer_of(fcinfo, false, access.reason, nullptr, nullptr, std::nullopt);

  const auto known = store::current_limits();
  const std::int64_t now = pg::clock_now();
  std::vector<limits::met_limit> met =
      store::limits_met(*known,
                        {call.tenant, call.team, call.user, call.key, access.tier, access.canonical_model,
                         call.account, call.tags},
                        access.max_requests_per_day ? access.rule : std::nullopt);

  std::vector<store::quota_ask> asked;
  for (limits::met_limit& one : met)
    if (const auto units = units_of(*one.by)) asked.push_back({std::move(one), *units});
  if (asked.empty()) return answer_of(fcinfo, true, "no_limit", nullptr, nullptr, std::nullopt);
  const store::quota_answer answer = store::take_or_free_quota(asked, now, caller);
  if (answer.denied_by) {
    const store::quota_ask& by = asked[*answer.denied_by];
    store::note_denial(by.met, now);
    return answer_of(fcinfo, false, "limit_reached", &by, &answer.figures.back(), std::nullopt);
  }
  const uuid_bytes ticket = limits_room::write_ticket(call.tenant, kind, now, call.seconds, answer.taken);
  std::size_t told = tightest(answer.figures);
  const char* reason = "granted";
  for (std::size_t n = 0; n < asked.size(); ++n)
    if (answer.figures[n].exceeded) {
      told = n;
      reason = "warned";
    }
  return answer_of(fcinfo, true, reason, &asked[told], &answer.figures[told], ticket);
}

bool end_of(const pg::args& in, const char* kind, const char* caller, const store::units_used& used) {
  if (in.is_null(0))
    throw error(sqlstate::null_not_allowed, "ticket must not be null", "",
                "give the ticket that was returned when it was taken");
  pg::require_primary(caller);
  return limits_room::end_ticket({in.raw(0, UUIDOID), UUIDOID}, kind, caller, used);
}

money::decimal usd_of(const pg::args& in, int n, const char* name) {
  if (in.is_null(n))
    throw error(sqlstate::null_not_allowed, std::string(name) + " must not be null", "",
                "0 stands for nothing");
  const auto value = money::decimal::from_text(pg::numeric_text(in.raw(n, NUMERICOID)));
  if (!value || value->is_negative())
    throw error(sqlstate::invalid_parameter, std::string(name) + " must be a number, 0 or more", "",
                "0 stands for nothing");
  return *value;
}

}  // namespace

LLM_ADMIN_FUNCTION(llm_admin_acquire_quota)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  checked_options options(in.jsonb(4, pg::most::settings), quota_options);
  const quota_call call = read_call(in, 3, options);
  const quota_units units = read_units(options, 1);
  options.require();
  return take(fcinfo, call, "acquire_quota", "quota", [&](const limits::limit& by) {
    return by.what == limits::what::cost_usd ? std::nullopt : std::optional(units.of(by.what));
  });
}

LLM_ADMIN_SCALAR(llm_admin_release_quota, BOOLOID)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  checked_options options(in.jsonb(1, pg::most::settings), used_members);
  const quota_units used = read_units(options, 0);
  options.require();
  const bool ended =
      end_of(in, "quota", "release_quota", [&](const limits::limit& by, const calls::reservation&) {
        return by.what == limits::what::concurrent ? money::decimal() : used.of(by.what);
      });
  return BoolGetDatum(ended);
}

LLM_ADMIN_FUNCTION(llm_admin_reserve_budget)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  checked_options options(in.jsonb(5, pg::most::settings), budget_options);
  const quota_call call = read_call(in, 4, options);
  const money::decimal usd = usd_of(in, 3, "amount_usd");
  options.require();
  return take(fcinfo, call, "reserve_budget", "budget", [&](const limits::limit& by) {
    return by.what == limits::what::cost_usd ? std::optional(usd) : std::nullopt;
  });
}

LLM_ADMIN_SCALAR(llm_admin_settle_budget, BOOLOID)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  const money::decimal usd = usd_of(in, 1, "cost_usd");
  const bool ended = end_of(in, "budget", "settle_budget",
                            [&](const limits::limit&, const calls::reservation&) { return usd; });
  return BoolGetDatum(ended);
}

LLM_ADMIN_SCALAR(llm_admin_expire_quota_tickets, INT8OID)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  const int most = in.integer(0).value_or(0);
  if (most < 1)
    throw error(sqlstate::invalid_parameter, "max must be 1 or more", "",
                "SELECT llm_admin.expire_quota_tickets(1000)");
  pg::require_primary("expire_quota_tickets");
  const auto entered = store::entered_tenant();
  std::optional<std::string> tenant;
  if (entered) tenant = *entered;
  limits_room::overdue_walk walk;
  return Int64GetDatum(limits_room::end_overdue(most, tenant, pg::clock_now(), "expire_quota_tickets",
                                                limits_room::damaged::told, walk));
}
