#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "core/limits/windows.hpp"
#include "core/time_text.hpp"

namespace llm_admin::limits {
namespace {

constexpr std::int64_t second = 1'000'000;
constexpr std::int64_t minute = 60 * second;
constexpr std::int64_t day = 86'400 * second;

// 2026-11-30T02:22:18.5Z, a Monday.
constexpr std::int64_t now = 9'830 * day + 2 * 60 * minute + 22 * minute + 18 * second + second / 2;

std::string start_of(period of, std::int64_t at) { return iso_utc(window_of(of, at).start); }
std::string end_of(period of, std::int64_t at) {
  const window made = window_of(of, at);
  return made.end ? iso_utc(*made.end) : "none";
}
std::string before(period of, std::int64_t at) {
  const window made = window_of(of, at);
  return made.previous ? iso_utc(*made.previous) : "none";
}

TEST(LimitWindows, OfTheClock) {
  ASSERT_EQ(iso_utc(now), "2026-11-30T02:22:18.500Z");
  EXPECT_EQ(start_of(period::minute, now), "2026-11-30T02:22:00.000Z");
  EXPECT_EQ(end_of(period::minute, now), "2026-11-30T02:23:00.000Z");
  EXPECT_EQ(before(period::minute, now), "2026-11-30T02:21:00.000Z");
  EXPECT_EQ(start_of(period::hour, now), "2026-11-30T02:00:00.000Z");
  EXPECT_EQ(end_of(period::hour, now), "2026-11-30T03:00:00.000Z");
  EXPECT_EQ(start_of(period::day, now), "2026-11-30T00:00:00.000Z");
  EXPECT_EQ(end_of(period::day, now), "2026-12-01T00:00:00.000Z");
  EXPECT_EQ(start_of(period::week, now), "2026-11-30T00:00:00.000Z");
  EXPECT_EQ(start_of(period::week, now - 3 * 60 * minute), "2026-11-23T00:00:00.000Z");
  EXPECT_EQ(end_of(period::week, now), "2026-12-07T00:00:00.000Z");
  EXPECT_EQ(start_of(period::month, now), "2026-11-01T00:00:00.000Z");
  EXPECT_EQ(end_of(period::month, now), "2026-12-01T00:00:00.000Z");
  EXPECT_EQ(before(period::month, now), "2026-10-01T00:00:00.000Z");
  EXPECT_EQ(end_of(period::month, now + day), "2027-01-01T00:00:00.000Z");
  EXPECT_EQ(start_of(period::year, now), "2026-01-01T00:00:00.000Z");
  EXPECT_EQ(before(period::year, now), "2025-01-01T00:00:00.000Z");
  EXPECT_EQ(window_of(period::total, now).start, std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(end_of(period::total, now), "none");
  EXPECT_EQ(before(period::total, now), "none");
}

TEST(LimitWindows, LeapDaysAndTimesBeforeTheEpoch) {
  const std::int64_t leap = 59 * day;  // 2000-02-29
  EXPECT_EQ(start_of(period::month, leap), "2000-02-01T00:00:00.000Z");
  EXPECT_EQ(end_of(period::month, leap), "2000-03-01T00:00:00.000Z");
  EXPECT_EQ(start_of(period::month, -1), "1999-12-01T00:00:00.000Z");
  EXPECT_EQ(start_of(period::minute, -1), "1999-12-31T23:59:00.000Z");
  EXPECT_EQ(start_of(period::week, -1), "1999-12-27T00:00:00.000Z");
}

// Each time is within its window, which begins where the one before ends.
TEST(LimitWindows, FollowEachOtherWithoutGaps) {
  for (const period of :
       {period::minute, period::hour, period::day, period::week, period::month, period::year})
    for (std::int64_t at = -900 * day; at < 12'000 * day; at += 37 * day + 11 * minute + 7) {
      const window made = window_of(of, at);
      ASSERT_LE(made.start, at);
      ASSERT_LT(at, *made.end);
      ASSERT_EQ(window_of(of, made.start).start, made.start);
      ASSERT_EQ(window_of(of, *made.end).start, *made.end);
      ASSERT_EQ(window_of(of, *made.end - 1).start, made.start);
      ASSERT_EQ(window_of(of, made.start - 1).start, *made.previous);
    }
}

TEST(LimitWindows, InfinitiesAreYearsToo) {
  for (const std::int64_t at :
       {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()})
    for (int of = 0; of <= static_cast<int>(period::total); ++of) {
      const window made = window_of(static_cast<period>(of), at);
      EXPECT_EQ(made.start, window_of(static_cast<period>(of), made.start).start);
    }
}

TEST(LimitWindows, Names) {
  for (int of = 0; of <= static_cast<int>(period::total); ++of)
    EXPECT_EQ(period_named(name_of(static_cast<period>(of))), static_cast<period>(of));
  EXPECT_FALSE(period_named("Minute"));
  EXPECT_FALSE(period_named(""));
}

TEST(LimitWindows, TheMinuteBeforeWeighsWhatIsLeftOfIt) {
  const window made = window_of(period::minute, now);
  const auto weight = [&](const char* units, std::int64_t elapsed) {
    return weighted(*money::decimal::from_text(units), made, made.start + elapsed).text();
  };
  EXPECT_EQ(weight("60", 0), "60");
  EXPECT_EQ(weight("60", -5 * second), "60");  // a clock that is behind
  EXPECT_EQ(weight("60", second), "59");
  EXPECT_EQ(weight("60", 30 * second), "30");
  EXPECT_EQ(weight("60", minute - 1), "0.000001");
  EXPECT_EQ(weight("60", minute), "0");
  EXPECT_EQ(weight("1", 20 * second), "0.666666667");  // up, never down
  EXPECT_EQ(weight("0.000000000001", 20 * second), "0.000000001");
  EXPECT_EQ(weight("0", second), "0");
  EXPECT_EQ(weighted(60, window_of(period::hour, now), now), money::decimal());
}

}  // namespace
}  // namespace llm_admin::limits
