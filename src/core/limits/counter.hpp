// The slots of a counter in the window that counts now: what of each one counts, and their sums. Used by
// escrow.cpp and settle.cpp alone. Throws std::bad_alloc only.
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/limits/escrow.hpp"

namespace llm_admin::limits {

inline money::decimal above_zero(money::decimal value) {
  return value.is_negative() ? money::decimal() : value;
}

// What a counter holds at most of each figure: with its sums it stays within what can be read back, whatever a caller says
// that a call has cost.
inline money::decimal bounded(money::decimal sum) {
  static const money::decimal most = money::decimal(1).shifted(static_cast<int>(money::most_digits) - 1);
  return sum < most ? sum : most;
}

inline std::int64_t window_start_of(const slot& of, period in) {
  return window_of(in, of.window_start).start;
}

// The window that counts now, and the time in it.
struct moment {
  window in;
  std::int64_t at = 0;

  moment(period of, std::int64_t now) : in(window_of(of, now)), at(now) {}
  void include(const slot& one, period of) {
    const window its = window_of(of, one.window_start);
    if (its.start <= in.start) return;
    in = its;
    at = std::max(at, in.start);
  }

  // The slot as it counts in this window.
  slot rolled(slot one, period of) const {
    const std::int64_t from = window_start_of(one, of);
    one.window_start = in.start;
    if (from == in.start) return one;
    one.previous = in.previous && from == *in.previous ? one.used + one.reserved : money::decimal();
    one.used = one.reserved = money::decimal();
    return one;
  }
  money::decimal load(const slot& one) const {
    money::decimal sum = one.used + one.reserved;
    if (in.slides) sum += weighted(one.previous, in, at);
    return sum;
  }
};

struct totals {
  money::decimal used, reserved, previous;  // previous: before its weight
  money::decimal load, share, overdrawn;

  void add(const slot& one, const moment& when) {
    const money::decimal its = when.load(one);
    used += one.used;
    reserved += one.reserved;
    previous += one.previous;
    load += its;
    share += one.share;
    if (its > one.share) overdrawn += its - one.share;
  }
};

inline figures figures_from(const totals& of, const moment& when, const money::decimal& amount) {
  figures made;
  made.reserved = of.reserved;
  made.used = of.load - of.reserved;
  made.amount = amount;
  made.remaining = above_zero(amount - of.load);
  made.window_start = when.in.start;
  made.resets_at = when.in.end;
  made.exceeded = of.load > amount;
  return made;
}

}  // namespace llm_admin::limits
