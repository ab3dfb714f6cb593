// Requests and tokens a minute by a simulated clock: the minute slides.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "core/limits/escrow.hpp"

namespace llm_admin::limits {
namespace {

constexpr std::int64_t second = 1'000'000;
constexpr std::int64_t minute = 60 * second;

// A counter of several slots that one session at a time asks, so that every lock is to be had.
class counter {
 public:
  counter(std::int64_t amount, std::size_t slots) : amount_(amount), wanted_slots_(slots) {}

  bool take(std::int64_t now, std::int64_t units, std::uint32_t session) {
    demand want;
    want.period = period::minute;
    want.amount = amount_;
    want.units = units;
    want.now = now;
    want.session = session;
    std::vector<seen_slot> seen;
    for (const slot& one : slots_) seen.push_back({one, std::nullopt, seen.empty() && grows()});
    for (;;) {
      const decision made = decide(want, seen);
      switch (made.next) {
        case step::insert_first:
          slots_ = {*made.inserted};
          return true;
        case step::lock_slot:
        case step::wait_slot:
          seen[static_cast<std::size_t>(made.slot)].held = slots_[static_cast<std::size_t>(made.slot)];
          break;
        case step::lock_all:
          for (std::size_t n = 0; n < slots_.size(); ++n) seen[n].held = slots_[n];
          want.whole_list = true;
          break;
        case step::read_again:
          want.whole_list = true;
          break;
        case step::pay:
        case step::deal:
          for (const slot& one : made.changed) slots_[static_cast<std::size_t>(one.number)] = one;
          if (made.inserted) slots_.push_back(*made.inserted);
          return true;
        case step::deny:
          retry_after_ms = made.figures.retry_after_ms;
          return false;
        case step::cannot_tell:
          ADD_FAILURE();
          return false;
      }
    }
  }
  std::size_t slots() const { return slots_.size(); }
  std::optional<std::int64_t> retry_after_ms;

 private:
  bool grows() const { return slots_.size() < wanted_slots_; }
  std::int64_t amount_;
  std::size_t wanted_slots_;
  std::vector<slot> slots_;
};

struct admitted {
  std::int64_t at, units;
};

std::int64_t within(const std::vector<admitted>& all, std::int64_t from, std::int64_t to) {
  std::int64_t sum = 0;
  for (const admitted& one : all)
    if (one.at >= from && one.at < to) sum += one.units;
  return sum;
}

// Twice the rate is asked for, evenly, over four minutes.
void expect_an_even_rate(std::size_t slots, std::int64_t units) {
  const std::int64_t amount = 300 * units, end = 4 * minute;
  counter all(amount, slots);
  std::vector<admitted> got;
  std::uint32_t session = 0;
  for (std::int64_t at = 0; at < end; at += minute / 600)
    if (all.take(at, units, ++session)) got.push_back({at, units});
  EXPECT_EQ(all.slots(), slots);
  for (std::int64_t from = 0; from + minute <= end; from += second) {
    const std::int64_t sum = within(got, from, from + minute);
    EXPECT_LE(sum * 100, amount * 101) << from / second;
    // The first minute was spent at its beginning, by and by the rate is even.
    EXPECT_TRUE(from < 2 * minute || sum * 100 >= amount * 99) << from / second << " " << sum;
  }
}

TEST(LimitRate, RequestsWithinOnePercentOverSixtySeconds) { expect_an_even_rate(1, 1); }
TEST(LimitRate, TokensWithinOnePercentOverSixtySeconds) { expect_an_even_rate(4, 50); }

TEST(LimitRate, NoBurstOfTwiceAtTheMinute) {
  counter all(100, 1);
  const std::int64_t edge = 100 * minute;
  std::vector<admitted> got;
  for (std::int64_t at = edge - second; at < edge + second; at += second / 200)
    if (all.take(at, 1, 0)) got.push_back({at, 1});
  EXPECT_EQ(within(got, edge - second, edge), 100);
  EXPECT_LE(within(got, edge, edge + second), 2);
}

TEST(LimitRate, WhoWaitsAsToldIsServed) {
  std::mt19937 random(4);
  for (int round = 0; round < 40; ++round) {
    const auto amount = static_cast<std::int64_t>(1 + random() % 50);
    counter all(amount, 1 + random() % 3);
    std::int64_t now = 1'000 * minute;
    for (int n = 0; n < 30; ++n) {
      const auto units = static_cast<std::int64_t>(1 + random() % static_cast<unsigned>(amount));
      now += static_cast<std::int64_t>(random() % 3) * second;
      if (all.take(now, units, static_cast<std::uint32_t>(n))) continue;
      ASSERT_TRUE(all.retry_after_ms);
      ASSERT_GT(*all.retry_after_ms, 0);
      ASSERT_LE(*all.retry_after_ms, 120'000);
      // Not much earlier, and then surely.
      counter early = all;
      ASSERT_TRUE(*all.retry_after_ms <= 2 || !early.take(now + (*all.retry_after_ms - 2) * 1000, units, 0));
      now += *all.retry_after_ms * 1000;
      ASSERT_TRUE(all.take(now, units, static_cast<std::uint32_t>(n)));
    }
  }
  counter all(10, 1);
  EXPECT_TRUE(all.take(0, 1, 0));
  EXPECT_FALSE(all.take(0, 11, 0));
  EXPECT_FALSE(all.retry_after_ms);  // it never fits
}

// A clock that is set back by minutes gives nothing twice.
TEST(LimitRate, AClockThatStepsBack) {
  counter all(10, 1);
  const std::int64_t now = 50 * minute + 30 * second;
  int granted = 0;
  for (int n = 0; n < 40; ++n) granted += all.take(now - n % 4 * minute, 1, 0) ? 1 : 0;
  EXPECT_EQ(granted, 10);
}

}  // namespace
}  // namespace llm_admin::limits
