#include "calls/booking.hpp"

#include <algorithm>

#include "core/call_tags.hpp"
#include "core/json/parse.hpp"
#include "core/json/tree.hpp"
#include "core/limits/estimate.hpp"
#include "store/estimate_settings.hpp"
#include "store/finished_call.hpp"
#include "store/limits.hpp"
#include "store/quota.hpp"

namespace llm_admin::calls_room {

money::decimal used_of(const limits::limit& by, const calls::reservation& held, const usage::call& used,
                       const std::optional<std::string>& cost_usd) {
  switch (by.what) {
    case limits::what::requests:
      return held.amount;
    case limits::what::input_tokens:
      return used.counted.input;
    case limits::what::output_tokens:
      return used.counted.output;
    case limits::what::tokens:
      return used.counted.total;
    case limits::what::concurrent:
      return {};
    case limits::what::cost_usd:
      break;
  }
  // What has no price costs what was estimated.
  const auto cost = cost_usd ? money::decimal::from_text(*cost_usd) : std::nullopt;
  return cost ? *cost : held.amount;
}

std::vector<calls::reservation> book_limits(const store::open_call& call, const unheld_limits& by,
                                            const usage::call& used,
                                            const std::optional<std::string>& cost_usd, const char* caller) {
  const auto known = store::current_limits();
  const std::string key = call.key_id ? uuid_string(*call.key_id) : std::string();
  const std::string account = call.account_id ? uuid_string(*call.account_id) : std::string();
  const std::vector<call_tag> tags = tags_of(call.tags);
  // Without a price there was no estimate to keep: what was used is estimated, as the limit says.
  limits::token_estimate tokens;
  tokens.input = used.counted.input;
  tokens.output = used.counted.output;
  limits::cost_estimate estimated;
  estimated.usd = call.estimate_usd;
  const limits::estimate_settings settings = store::estimate_settings_now();
  std::vector<store::quota_ask> booked;
  for (limits::met_limit& met : store::limits_met(
           *known, {call.tenant_id, call.team_id, call.user_id, key, by.tier, call.model_id, account, tags},
           by.rule)) {
    calls::reservation would;  // have been held
    if (met.by->what == limits::what::requests && by.is_request) would.amount = 1;
    if (met.by->what == limits::what::cost_usd)
      would.amount = limits::units_of(*met.by, tokens, estimated, settings).value_or(money::decimal());
    money::decimal units = used_of(*met.by, would, used, cost_usd);
    booked.push_back({std::move(met), std::move(units)});
  }
  std::vector<calls::reservation> made = store::book_quota(booked, call.started_at, caller);
  if (made.size() > calls::most_reservations) made.resize(calls::most_reservations);  // that the log can say
  return made;
}

void book_again(std::vector<calls::reservation> ended, const units_of_reservation& was,
                const units_of_reservation& is, const char* caller) {
  const auto known = store::current_limits();
  std::vector<calls::reservation> booked;
  std::vector<money::decimal> units;
  for (calls::reservation& one : ended) {
    const limits::limit* by = known->find(one.limit_id);
    if (by == nullptr) continue;
    const money::decimal before = was(*by, one);
    money::decimal now = is(*by, one);
    if (before == now) continue;
    // What was used at once is settled again; a reservation is no more.
    const bool reserved = store::is_reserved(by->what);
    one.amount = reserved ? money::decimal() : before;
    units.push_back(reserved ? now - before : std::move(now));
    booked.push_back(std::move(one));
  }
  store::settle_quota(
      booked, *known,
      [&](const limits::limit&, const calls::reservation& one) {
        return units[static_cast<std::size_t>(&one - booked.data())];
      },
      caller);
}

void unbook_repeated(const store::open_call& call, const units_of_reservation& used, const char* caller) {
  const auto first = store::find_finished(call.call_id);
  if (!first || !first->in_log) return;
  json::tree kept;
  const json::item* held = json::parse(first->reservations, kept);
  if (held == nullptr) return;
  const std::vector<calls::reservation> booked = calls::read_reservations(json::view(held));
  std::vector<calls::reservation> twice;
  for (const calls::reservation& one : call.reservations)
    if (std::any_of(booked.begin(), booked.end(), [&](const calls::reservation& before) {
          return before.limit_id == one.limit_id && before.tenant_id == one.tenant_id &&
                 before.subject == one.subject;
        }))
      twice.push_back(one);
  if (twice.empty()) return;
  book_again(
      std::move(twice), used,
      [](const limits::limit&, const calls::reservation&) { return money::decimal(); }, caller);
}

}  // namespace llm_admin::calls_room
