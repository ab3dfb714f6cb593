#include "core/limits/replay.hpp"

#include <algorithm>
#include <utility>

namespace llm_admin::limits {

namespace {

constexpr std::uint64_t counter_bytes = 512;  // a counter with its figures, besides its names
constexpr std::uint64_t work_of_limit = 512;  // as much as so many bytes are
constexpr std::int64_t microseconds = 1000;   // of a millisecond

// Limits are met in the order of their ids: of their places.
std::vector<limit> by_place(std::vector<limit> limits) {
  for (std::size_t n = 0; n < limits.size(); ++n) {
    limits[n].id = {};
    for (std::size_t byte = 0; byte < sizeof(std::uint32_t); ++byte)
      limits[n].id[byte] = static_cast<std::uint8_t>(n >> (24 - 8 * byte));
  }
  return limits;
}

std::optional<money::decimal> units_of_logged(const limit& of, const logged_call& call,
                                              const estimate_settings& settings) {
  if (of.what == what::tokens) return call.total;
  token_estimate tokens;
  tokens.input = call.input;
  tokens.output = call.output;
  cost_estimate cost;
  cost.usd = call.cost_usd;
  return units_of(of, tokens, cost, settings);
}

bool counts(const limit& of, const logged_call& call) {
  if (of.what == what::requests) return call.is_request;
  return !call.is_cached;
}

void note(std::int64_t& count, replayed& of, std::int64_t at) {
  ++count;
  if (!of.first_at) of.first_at = at;
}

}  // namespace

replay::replay(std::vector<limit> proposed, const estimate_settings& settings, memory_bound& bound)
    : limits_(by_place(std::move(proposed))), settings_(settings), bound_(bound) {}

std::size_t replay::place_of(const limit& of) const noexcept {
  return static_cast<std::size_t>(&of - limits_.in_order().data());
}

replay::counter& replay::counter_of(const met_limit& met) {
  counter_key key(place_of(*met.by), met.tenant, met.subject);
  const auto found = counters_.lower_bound(key);
  if (found != counters_.end() && found->first == key) return found->second;
  bound_.take(counter_bytes + met.tenant.size() + met.subject.size());
  return counters_.emplace_hint(found, std::move(key), counter())->second;
}

std::vector<replay::asking> replay::ask(const logged_call& call, const call_facts& who) {
  std::vector<asking> asked;
  for (const met_limit& met : limits_.matching(who)) {
    bound_.work(work_of_limit);
    if (!counts(*met.by, call)) continue;
    counter& from = counter_of(met);
    if (from.last_call != number_) ++from.what.calls;
    from.last_call = number_;
    asked.push_back({met.by, &from, units_of_logged(*met.by, call, settings_), {}});
  }
  return asked;
}

void replay::decide_one(asking& one, std::int64_t at) {
  counter& from = *one.from;
  const limit& by = *one.by;
  if (!from.begun) {
    from.begun = true;
    from.held.window_start = window_of(by.period, at).start;
    from.held.share = *by.amount;
  }
  if (by.what == what::concurrent) {
    while (!from.ends.empty() && from.ends.front() <= at) {
      std::pop_heap(from.ends.begin(), from.ends.end(), std::greater<>());
      from.ends.pop_back();
      bound_.give(sizeof(std::int64_t));
    }
    from.held.used = static_cast<std::int64_t>(from.ends.size());
  }
  demand want;
  want.period = by.period;
  want.amount = *by.amount;
  want.units = *one.units;
  want.whole = by.counts_whole();
  want.must_pay = by.on_exceed == on_exceed::warn;
  want.whole_list = true;
  want.now = at;
  const seen_slot seen{from.held, from.held, false};
  one.made = decide(want, {&seen, 1});
}

void replay::book(const asking& one, const logged_call& call) {
  counter& from = *one.from;
  if (!one.made.changed.empty()) from.held = one.made.changed.front();
  from.what.peak = std::max(from.what.peak, one.made.figures.used + one.made.figures.reserved);
  if (one.made.figures.exceeded) note(from.what.warned, from.what, call.at);
  if (one.by->what != what::concurrent) return;
  bound_.take(sizeof(std::int64_t));
  from.ends.push_back(call.at + call.latency_ms * microseconds);
  std::push_heap(from.ends.begin(), from.ends.end(), std::greater<>());
}

// The limit that leads the call to another model, nothing of it being counted.
const limit* replay::attempt(const logged_call& call, const call_facts& who, bool may_downgrade) {
  std::vector<asking> asked = ask(call, who);
  const auto deny = [&](counter& from) {
    note(from.what.denied, from.what, call.at);
    if (call.cost_usd) from.what.saved_usd += *call.cost_usd;
  };
  for (const asking& one : asked)
    if (!one.units) {
      deny(*one.from);
      return nullptr;
    }
  for (asking& one : asked) {
    decide_one(one, call.at);
    if (one.made.next != step::deny) continue;
    if (may_downgrade && one.by->on_exceed == on_exceed::downgrade) {
      note(one.from->what.downgraded, one.from->what, call.at);
      return one.by;
    }
    deny(*one.from);
    return nullptr;
  }
  for (const asking& one : asked) book(one, call);
  return nullptr;
}

void replay::add(const logged_call& call) {
  ++number_;
  call_facts who = call.who;
  for (int turn = 0; const limit* to = attempt(call, who, turn < most_downgrades); ++turn)
    who.model = to->downgrade_to;
}

void replay::each(const std::function<void(const outcome&)>& visit) const {
  for (const auto& [key, of] : counters_) {
    const auto& [place, tenant, subject] = key;
    visit({place, limits_.in_order()[place], tenant, subject, of.what});
  }
}

}  // namespace llm_admin::limits
