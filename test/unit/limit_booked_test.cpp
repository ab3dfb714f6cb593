// Units that are booked with nothing taken before.
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "core/limits/escrow.hpp"

namespace llm_admin::limits {
namespace {

constexpr std::int64_t minute = 60'000'000;
constexpr std::int64_t day = 24 * 60 * minute;
constexpr std::int64_t start = 9000 * day;

money::decimal number(const char* text) { return *money::decimal::from_text(text); }

slot held_at(std::int64_t window_start) {
  slot made;
  made.window_start = window_start;
  made.used = 2;
  made.reserved = 3;
  made.previous = 4;
  made.share = 10;
  return made;
}

std::string figures(const std::optional<slot>& of) {
  if (!of) return "as it was";
  return of->used.text() + ' ' + of->reserved.text() + ' ' + of->previous.text() + ' ' + of->share.text();
}

TEST(LimitBooked, InItsWindowBesideWhatIsThere) {
  for (const period in : {period::minute, period::hour, period::day, period::month, period::year})
    EXPECT_EQ(figures(booked(held_at(window_of(in, start).start), in, {start + 1, number("7.5")})),
              "9.5 3 4 10");
  EXPECT_EQ(figures(booked(held_at(total_start), period::total, {total_start, 50})), "52 3 4 10")
      << "more than its share";
  EXPECT_EQ(figures(booked(held_at(start), period::day, {start, {}})), "as it was");
}

TEST(LimitBooked, ASlotOfAnEarlierWindowMovesOn) {
  const auto moved = booked(held_at(start - minute), period::minute, {start, 7});
  EXPECT_EQ(figures(moved), "7 0 5 10");
  EXPECT_EQ(moved->window_start, start);
  EXPECT_EQ(figures(booked(held_at(start - 2 * day), period::day, {start, 7})), "7 0 0 10");
}

TEST(LimitBooked, AnEarlierWindowCountsAsLongAsTheMinuteSlidesOverIt) {
  EXPECT_EQ(figures(booked(held_at(start + minute), period::minute, {start, 7})), "2 3 11 10");
  EXPECT_EQ(figures(booked(held_at(start + 2 * minute), period::minute, {start, 7})), "as it was");
  EXPECT_EQ(figures(booked(held_at(start + day), period::day, {start, 7})), "as it was");
}

}  // namespace
}  // namespace llm_admin::limits
