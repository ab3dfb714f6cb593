#include "core/limits/memory_counters.hpp"

#include <algorithm>
#include <memory>
#include <type_traits>

namespace llm_admin::limits {

static_assert(std::is_trivially_copyable_v<memory_counters> && std::is_trivially_copyable_v<memory_counter>);
static_assert(sizeof(memory_counters) % alignof(memory_counter) == 0);

namespace {

__extension__ using int128 = __int128;

constexpr std::int64_t sliding_us = 60'000'000;

// The window that counts: a clock that steps back empties none.
window counting(period of, const window& in, std::int64_t window_start) {
  return window_start > in.start ? window_of(of, window_start) : in;
}

memory_count rolled(const memory_count& of, const window& in) noexcept {
  if (of.window_start == in.start) return of;
  return {in.start, 0, in.previous && of.window_start == *in.previous ? of.used : 0};
}

// Whether so many units fit beside what counts: the part of the window before that a minute back still covers is rounded
// up, which makes no difference to whole numbers.
bool has_room(const memory_count& of, const window& in, const memory_demand& want) noexcept {
  const int128 room = int128{want.amount} - of.used - want.units;
  if (room < 0 || !in.slides || !in.end) return room >= 0;
  const std::int64_t left = std::min(*in.end - std::max(want.now, in.start), sliding_us);
  return int128{of.previous} * left <= room * sliding_us;
}

}  // namespace

memory_counters* memory_counters::prepare(void* memory, std::size_t buckets) noexcept {
  auto* made = new (memory) memory_counters(buckets);
  std::uninitialized_default_construct_n(made->buckets(), buckets);
  return made;
}

memory_counters::bucket& memory_counters::bucket_of(const denial_key& key) noexcept {
  return buckets()[key.hash() % buckets_];
}

memory_counter* memory_counters::find(bucket& in, const denial_key& key) noexcept {
  for (memory_counter& one : in.entries)
    if (one.names.is(key)) return &one;
  return nullptr;
}

memory_counter* memory_counters::find_or_make(const memory_demand& of) noexcept {
  if (buckets_ == 0 || !denial_entry::fits(of.key)) return nullptr;
  bucket& in = bucket_of(of.key);
  if (memory_counter* const there = find(in, of.key)) {
    there->period = of.period;
    return there;
  }
  const std::int64_t counted_from = of.in.slides ? *of.in.previous : of.in.start;
  memory_counter* place = nullptr;
  if (in.elsewhere_at < counted_from)
    for (memory_counter& one : in.entries) {
      const window now = window_of(one.period, of.now);
      const std::int64_t needed = now.slides ? *now.previous : now.start;
      if (one.names.is_free() || window_of(one.period, one.count.window_start).start < needed) place = &one;
    }
  if (place == nullptr) {
    in.elsewhere_at = std::max(in.elsewhere_at, of.now);
    return nullptr;
  }
  place->names.begin(of.key, of.now);
  place->names.denied = 1;  // taken
  place->period = of.period;
  place->count = {of.in.start, 0, 0};
  return place;
}

memory_counters::outcome memory_counters::take(std::span<memory_demand> all, bool only_asks,
                                               std::size_t& at) noexcept {
  for (at = 0; at < all.size(); ++at) {
    memory_demand& one = all[at];
    memory_counter* const counter = find_or_make(one);
    if (counter == nullptr) return outcome::elsewhere;
    memory_count& held = counter->count;
    held.window_start = window_of(one.period, held.window_start).start;  // of another period before
    const window in = counting(one.period, one.in, held.window_start);
    held = rolled(held, in);  // from now on it makes room for no other
    one.count = held;
    if (!one.must_pay && !has_room(one.count, in, one)) return outcome::denied;
    one.count.used = std::min(one.count.used + one.units, most_memory_units * 2);
  }
  if (only_asks) return outcome::taken;
  for (const memory_demand& one : all) find(bucket_of(one.key), one.key)->count = one.count;
  return outcome::taken;
}

void memory_counters::change(const denial_key& key, period of, std::int64_t window_start, std::int64_t by,
                             bool is_new) noexcept {
  if (buckets_ == 0 || !denial_entry::fits(key)) return;
  memory_counter* const counter = find(bucket_of(key), key);
  if (counter == nullptr) return;
  const window its = window_of(of, window_start);
  const std::int64_t now = window_of(of, counter->count.window_start).start;
  const auto changed = [by](std::int64_t value) {
    return std::clamp<std::int64_t>(value + by, 0, most_memory_units * 2);
  };
  if (now == its.start)
    counter->count.used = changed(counter->count.used);
  else if ((by < 0 || is_new) && its.end && now == *its.end)
    counter->count.previous = changed(counter->count.previous);
}

}  // namespace llm_admin::limits
