// Counters of short windows in memory of a fixed size that processes share: which of them there are, and what is taken
// of them.
//
// Design. Limits on requests and tokens by the minute and by the hour are asked for most and mean least a while later, so
// their counters need no row: one that is in memory is read and changed in a microsecond, by whole units in 64 bits. (Money
// stays in tables, where it commits with the rest, and so does whatever has a longer window.) A call takes of all its
// counters in memory at once or of none, under one lock, after its counters in tables have granted. What it took does not
// roll back: the units of a transaction that is rolled back come back at the window's end. What it gives back counts when its
// transaction commits, so nothing is given back twice.
//
// Never over: a key is counted in one place. The memory holds buckets of entries; a key has its place in one of them, and an
// entry whose windows are over makes room. Where a bucket is full the key is counted in tables (`elsewhere`), and the time
// of the last such key is kept: until the windows that count its units are over, the bucket takes no new key, so none
// that was counted in tables goes on here. A clock that steps back empties no window.
//
// The arithmetic is that of core/limits/windows.hpp and escrow.hpp for one slot, in whole numbers: the minute slides. Whoever
// shares the memory holds a lock around every call. Nothing here allocates or throws.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/limits/denial_counts.hpp"
#include "core/limits/windows.hpp"

namespace llm_admin::limits {

inline constexpr std::int64_t most_memory_units = std::int64_t{1} << 60;  // of an amount, and of one call

struct memory_count {
  std::int64_t window_start = 0;
  std::int64_t used = 0, previous = 0;
};

struct memory_counter {
  denial_key key() const noexcept {
    return {names.database, names.limit_id, names.tenant(), names.subject()};
  }

  denial_entry names;  // free: there is none
  limits::period period = limits::period::minute;
  memory_count count;
};

// What is asked of one counter, and what came of it.
struct memory_demand {
  denial_key key;
  limits::period period = limits::period::minute;  // minute or hour
  window in;                                       // at `now`
  std::int64_t now = 0;
  std::int64_t amount = 0, units = 0;  // up to most_memory_units
  bool must_pay = false;
  memory_count count;  // out: as it stands afterwards, in the window that counts
};

class memory_counters {
 public:
  static constexpr std::size_t bucket_entries = 8;
  // Bytes of memory for so many buckets, aligned as std::max_align_t.
  static constexpr std::size_t bytes(std::size_t buckets) noexcept {
    return sizeof(memory_counters) + buckets * sizeof(bucket);
  }
  static memory_counters* prepare(void* memory, std::size_t buckets) noexcept;

  enum class outcome : std::uint8_t { taken, denied, elsewhere };
  // All or none. `at` is the first that denies or is elsewhere; counts are filled in up to there. `only_asks`: makes
  // entries, and takes nothing.
  outcome take(std::span<memory_demand> all, bool only_asks, std::size_t& at) noexcept;

  // What was taken in the window of that start is said to be more or, below zero, less. Nothing where that is not counted
  // any more. More counts in its window only, unless it was used with nothing taken before (`is_new`).
  void change(const denial_key& key, limits::period period, std::int64_t window_start, std::int64_t by,
              bool is_new = false) noexcept;

  std::size_t size() const noexcept { return buckets_ * bucket_entries; }
  const memory_counter& entry(std::size_t n) const noexcept {
    return buckets()[n / bucket_entries].entries[n % bucket_entries];
  }

 private:
  struct bucket {
    std::int64_t elsewhere_at = INT64_MIN;  // when a key was last sent elsewhere
    memory_counter entries[bucket_entries];
  };
  explicit memory_counters(std::size_t buckets) noexcept : buckets_(buckets) {}
  bucket* buckets() noexcept { return reinterpret_cast<bucket*>(this + 1); }
  const bucket* buckets() const noexcept { return reinterpret_cast<const bucket*>(this + 1); }
  bucket& bucket_of(const denial_key& key) noexcept;
  static memory_counter* find(bucket& in, const denial_key& key) noexcept;
  memory_counter* find_or_make(const memory_demand& of) noexcept;

  std::size_t buckets_;
};

}  // namespace llm_admin::limits
