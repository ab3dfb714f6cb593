#include "core/limits/windows.hpp"

#include <algorithm>
#include <array>
#include <chrono>

namespace llm_admin::limits {

namespace {

using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::year_month_day;

constexpr std::int64_t second = 1'000'000;
constexpr std::int64_t minute = 60 * second;
constexpr std::int64_t hour = 60 * minute;
constexpr std::int64_t day = 24 * hour;
constexpr std::int64_t days_of_week = 7;
constexpr std::int64_t first_monday = 2;  // 2000-01-03, in days since the epoch
constexpr std::array<std::string_view, 7> period_names = {"minute", "hour", "day",  "week",
                                                          "month",  "year", "total"};

constexpr sys_days epoch{std::chrono::year{2000} / std::chrono::January / 1};

constexpr std::int64_t time_of(sys_days date) { return (date - epoch).count() * day; }
constexpr std::int64_t earliest = time_of(std::chrono::year{-4000} / std::chrono::January / 1);
constexpr std::int64_t latest = time_of(std::chrono::year{30000} / std::chrono::January / 1);

std::int64_t floor_to(std::int64_t at, std::int64_t length, std::int64_t origin) {
  const std::int64_t since = at - origin;
  return at - (since % length + length) % length;
}

window of_length(std::int64_t at, std::int64_t length, std::int64_t origin = 0) {
  const std::int64_t start = floor_to(at, length, origin);
  return {start, start + length, start - length, false};
}

window of_months(std::int64_t at, int months) {
  const year_month_day date{epoch + days{floor_to(at, day, 0) / day}};
  const auto first = date.year() / (months == 1 ? date.month() : std::chrono::January) / 1;
  const std::chrono::months length{months};
  return {time_of(first), time_of(first + length), time_of(first - length), false};
}

}  // namespace

std::string_view name_of(period of) noexcept { return period_names[static_cast<std::size_t>(of)]; }

std::optional<period> period_named(std::string_view name) noexcept {
  const auto* const found = std::find(period_names.begin(), period_names.end(), name);
  if (found == period_names.end()) return std::nullopt;
  return static_cast<period>(found - period_names.begin());
}

window window_of(period of, std::int64_t at) {
  at = std::clamp(at, earliest, latest);
  window made;
  switch (of) {
    case period::minute:
      made = of_length(at, minute);
      made.slides = true;
      return made;
    case period::hour:
      return of_length(at, hour);
    case period::day:
      return of_length(at, day);
    case period::week:
      return of_length(at, days_of_week * day, first_monday * day);
    case period::month:
      return of_months(at, 1);
    case period::year:
      return of_months(at, 12);
    case period::total:
      made.start = total_start;
      break;
  }
  return made;
}

money::decimal weighted(const money::decimal& previous, const window& now, std::int64_t at) {
  if (!now.slides || !now.end || previous.is_zero() || at >= *now.end) return {};
  const std::int64_t left = std::min(*now.end - at, minute);
  if (left == minute) return previous;
  // A minute is 6 * 10^7 microseconds.
  constexpr std::uint32_t six = 6;
  constexpr int sevens = 7;
  const money::decimal exact = (previous * money::decimal(left)).shifted(-sevens);
  money::decimal part = exact.quotient(six, weight_places);
  if (part * money::decimal(six) < exact) part += money::decimal(1).shifted(-weight_places);
  return part;
}

}  // namespace llm_admin::limits
