// The windows of the clock that limits count in: UTC, weeks from Monday. Nothing is ever reset: a counter
// knows the window that it counts, and another window finds it empty.
//
// Times are microseconds since 2000-01-01T00:00:00Z, the server's epoch. Those before the year -4000 or after
// 30000, the server's infinities too, count as these years. Of `total`, the one window without an end, the
// start is the server's -infinity. Throws std::bad_alloc only.
//
// The minute slides: of the window before, the part counts that a minute back from now still covers, as if
// its units had come evenly. So within one minute of the clock there is never more than the amount, and under
// steady demand within any 60 seconds; what came all at once at a minute's end weighs whole at first and then
// ever less.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/money/decimal.hpp"

namespace llm_admin::limits {

// `year` is a period of plans' quotas and of no row of limits.
enum class period : std::uint8_t { minute, hour, day, week, month, year, total };
std::string_view name_of(period of) noexcept;
std::optional<period> period_named(std::string_view name) noexcept;

inline constexpr std::int64_t total_start = INT64_MIN;

struct window {
  std::int64_t start = 0;
  std::optional<std::int64_t> end;       // the next one's start; nothing: none
  std::optional<std::int64_t> previous;  // the start of the one before
  bool slides = false;
};

window window_of(period of, std::int64_t at);

// How much of the units of the window before counts at a time within `now`: rounded up behind
// weight_places digits. Nothing counts where the window does not slide.
inline constexpr int weight_places = 9;
money::decimal weighted(const money::decimal& previous, const window& now, std::int64_t at);

}  // namespace llm_admin::limits
