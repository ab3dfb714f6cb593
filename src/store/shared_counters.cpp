#include "store/shared_counters.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <memory>

#include "pg/settings.hpp"
#include "pg/shmem.hpp"

extern "C" {
#include "miscadmin.h"
}

namespace llm_admin::store {

namespace {

using limits::memory_counters;

std::size_t counter_buckets() noexcept {
  return static_cast<std::size_t>(pg::settings::shared_counters()) / memory_counters::bucket_entries;
}
std::size_t shared_counter_bytes() noexcept { return memory_counters::bytes(counter_buckets()); }
void prepare_shared_counters(void* at) noexcept { memory_counters::prepare(at, counter_buckets()); }

constinit pg::shared_memory shared_counter_memory{"llm_admin counters", shared_counter_bytes,
                                                  prepare_shared_counters, 1};

memory_counters* counters_at(void* at) noexcept { return static_cast<memory_counters*>(at); }

bool is_counted_shared(const limits::limit& by) noexcept {
  const bool is_short = by.period == limits::period::minute || by.period == limits::period::hour;
  return is_short && !is_reserved(by.what) && shared_counter_memory.is_there();
}

// Whole numbers only; larger ones are the largest.
std::optional<std::int64_t> whole_units(const money::decimal& value) {
  if (!value.is_integer()) return std::nullopt;
  if (value > money::decimal(limits::most_memory_units)) return limits::most_memory_units;
  if (value < money::decimal(-limits::most_memory_units)) return -limits::most_memory_units;
  const std::string text = value.text();
  std::int64_t made = 0;
  (void)std::from_chars(text.data(), text.data() + text.size(), made);
  return made;
}

// What a transaction gives back, or has booked, when it commits. Savepoints that are rolled back take theirs away.
struct pending_change {
  limits::uuid limit_id;
  std::string tenant, subject;
  limits::period period;
  std::int64_t window_start, by;
  bool is_new = false;  // booked, with nothing taken before
  SubTransactionId of = InvalidSubTransactionId;
};
std::vector<pending_change>* pending_changes = nullptr;  // for the life of the backend

void change_at_commit(pending_change change) {
  if (pending_changes == nullptr) pending_changes = std::make_unique<std::vector<pending_change>>().release();
  change.of = pg::call([] { return GetCurrentSubTransactionId(); });
  pending_changes->push_back(std::move(change));
}

void change_now(const limits::denial_key& key, limits::period period, std::int64_t window_start,
                std::int64_t by, bool is_new = false) {
  shared_counter_memory.write(
      0, [&](void* at) noexcept { counters_at(at)->change(key, period, window_start, by, is_new); });
}

}  // namespace

extern "C" {
// After the commit nothing may fail any more: units that could not be given back come back at the window's end.
static void llm_admin_give_back_shared(XactEvent event, void*) noexcept {
  if (pending_changes == nullptr || pending_changes->empty()) return;
  if (event == XACT_EVENT_PRE_COMMIT || event == XACT_EVENT_PARALLEL_PRE_COMMIT ||
      event == XACT_EVENT_PRE_PREPARE)
    return;
  if (event == XACT_EVENT_COMMIT || event == XACT_EVENT_PREPARE) {
    try {
      // What is prepared may be rolled back: it gives nothing back, and keeps what it has booked.
      for (const pending_change& one : *pending_changes)
        if (event == XACT_EVENT_COMMIT || one.is_new)
          change_now({MyDatabaseId, one.limit_id, one.tenant, one.subject}, one.period, one.window_start,
                     one.by, one.is_new);
    } catch (...) {
    }
  }
  pending_changes->clear();
}

static void llm_admin_shared_savepoint(SubXactEvent event, SubTransactionId mine, SubTransactionId parent,
                                       void*) noexcept {
  if (pending_changes == nullptr || pending_changes->empty()) return;
  if (event == SUBXACT_EVENT_ABORT_SUB)
    std::erase_if(*pending_changes, [mine](const pending_change& one) { return one.of == mine; });
  if (event == SUBXACT_EVENT_COMMIT_SUB)
    for (pending_change& one : *pending_changes)
      if (one.of == mine) one.of = parent;
}
}

void define_shared_counters() noexcept {
  if (pg::settings::shared_counters() == 0) return;
  shared_counter_memory.define();
  RegisterXactCallback(llm_admin_give_back_shared, nullptr);
  RegisterSubXactCallback(llm_admin_shared_savepoint, nullptr);
}

shared_taking::shared_taking(std::span<const quota_ask> asked, std::int64_t now) : asked_(asked), now_(now) {
  for (std::size_t n = 0; n < asked.size(); ++n) {
    const limits::met_limit& met = asked[n].met;
    if (!is_counted_shared(*met.by)) continue;
    const auto units = whole_units(asked[n].units), amount = whole_units(*limits::amount_at(*met.by, now));
    if (!units || !amount) continue;
    limits::memory_demand want;
    want.key = {MyDatabaseId, met.by->id, met.tenant, met.subject};
    want.period = met.by->period;
    want.in = limits::window_of(want.period, now);
    want.now = now;
    want.amount = *amount;
    want.units = *units;
    want.must_pay = met.by->on_exceed == limits::on_exceed::warn;
    demands_.push_back(want);
    asked_at_.push_back(n);
  }
}

shared_taking::outcome shared_taking::run(intent what, bool tables_done) {
  while (!demands_.empty()) {
    auto made = memory_counters::outcome::taken;
    const std::span<limits::memory_demand> all = demands_;
    shared_counter_memory.write(
        0, [&](void* at) noexcept { made = counters_at(at)->take(all, what == intent::asks, at_); });
    if (made == memory_counters::outcome::taken) return outcome::granted;
    if (made == memory_counters::outcome::denied) return outcome::denied;
    if (tables_done) return outcome::elsewhere;
    demands_.erase(demands_.begin() + static_cast<std::ptrdiff_t>(at_));
    asked_at_.erase(asked_at_.begin() + static_cast<std::ptrdiff_t>(at_));
    what = intent::asks;  // the tables are asked first
  }
  return outcome::granted;
}

bool shared_taking::includes(std::size_t n) const noexcept {
  return std::binary_search(asked_at_.begin(), asked_at_.end(), n);
}

std::size_t shared_taking::place_of(std::size_t n) const noexcept {
  return static_cast<std::size_t>(std::lower_bound(asked_at_.begin(), asked_at_.end(), n) -
                                  asked_at_.begin());
}

limits::slot shared_taking::slot_of(std::size_t place) const {
  const limits::memory_demand& one = demands_[place];
  limits::slot made;
  made.window_start = one.count.window_start;
  made.used = one.count.used;
  made.previous = one.count.previous;
  made.share = one.amount;
  return made;
}

limits::figures shared_taking::denial() const {
  const quota_ask& asked = asked_[denied_by()];
  limits::demand want;
  want.period = asked.met.by->period;
  want.amount = *limits::amount_at(*asked.met.by, now_);
  want.units = asked.units;
  want.whole_list = true;
  want.now = now_;
  const limits::slot held = slot_of(at_);
  const limits::seen_slot seen{held, held, false};
  return limits::decide(want, {&seen, 1}).figures;
}

limits::figures shared_taking::figures(std::size_t n) const {
  const limits::slot held = slot_of(place_of(n));
  return limits::figures_of({&held, 1}, asked_[n].met.by->period, *limits::amount_at(*asked_[n].met.by, now_),
                            now_);
}

calls::reservation shared_taking::taken(std::size_t n) const {
  const limits::met_limit& met = asked_[n].met;
  return {
      met.by->id,     met.tenant, met.subject, calls::shared_slot, demands_[place_of(n)].count.window_start,
      asked_[n].units};
}

void settle_shared(const limits::limit& by, const calls::reservation& taken, const money::decimal& used) {
  if (!is_counted_shared(by)) return;
  const auto change = whole_units(used - taken.amount);
  if (!change || *change == 0) return;
  if (*change > 0)
    return change_now({MyDatabaseId, taken.limit_id, taken.tenant_id, taken.subject}, by.period,
                      taken.window_start, *change);
  change_at_commit({taken.limit_id, taken.tenant_id, taken.subject, by.period, taken.window_start, *change});
}

std::optional<calls::reservation> book_shared(const quota_ask& used, std::int64_t at, std::int64_t now) {
  const limits::met_limit& met = used.met;
  shared_taking counter({&used, 1}, now);
  if (counter.empty()) return std::nullopt;
  (void)counter.run(shared_taking::intent::asks, false);  // its place, whatever there is left
  const auto units = whole_units(used.units);
  if (counter.empty() || !units) return std::nullopt;
  const std::int64_t window_start = limits::window_of(met.by->period, at).start;
  change_at_commit({met.by->id, met.tenant, met.subject, met.by->period, window_start, *units, true});
  return calls::reservation{met.by->id, met.tenant, met.subject, calls::shared_slot, window_start, {}};
}

std::vector<shared_counter> shared_counters_now() {
  std::vector<shared_counter> made;
  if (!shared_counter_memory.is_there()) return made;
  // Copied as a whole, so that nobody waits while texts are made.
  std::vector<std::max_align_t> copied(shared_counter_bytes() / sizeof(std::max_align_t) + 1);
  shared_counter_memory.read(
      0, [&](const void* at) noexcept { std::memcpy(copied.data(), at, shared_counter_bytes()); });
  const auto* const all = reinterpret_cast<const memory_counters*>(copied.data());
  for (std::size_t n = 0; n < all->size(); ++n) {
    const limits::memory_counter& one = all->entry(n);
    if (one.names.is_free() || one.names.database != MyDatabaseId) continue;
    shared_counter counter{
        one.names.limit_id, std::string(one.names.tenant()), std::string(one.names.subject()), {}};
    counter.held.window_start = one.count.window_start;
    counter.held.used = one.count.used;
    counter.held.previous = one.count.previous;
    made.push_back(std::move(counter));
  }
  return made;
}

}  // namespace llm_admin::store
