#include <gtest/gtest.h>

#include <cstddef>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "core/limits/escrow.hpp"
#include "core/limits/memory_counters.hpp"

namespace llm_admin::limits {
namespace {

using outcome = memory_counters::outcome;
constexpr std::int64_t second = 1'000'000, minute = 60 * second;

struct counters_in_memory {
  explicit counters_in_memory(std::size_t buckets)
      : memory(memory_counters::bytes(buckets) / sizeof(std::max_align_t) + 1),
        of(memory_counters::prepare(memory.data(), buckets)) {}

  static memory_demand asking(std::string_view subject, std::int64_t at, std::int64_t amount,
                              std::int64_t units = 1, period in = period::minute) {
    memory_demand made;
    made.key = {1, {}, "", subject};
    made.period = in;
    made.in = window_of(in, at);
    made.now = at;
    made.amount = amount;
    made.units = units;
    return made;
  }
  outcome take(memory_demand one) {
    std::size_t at = 0;
    return of->take({&one, 1}, false, at);
  }
  outcome take(std::string_view subject, std::int64_t at, std::int64_t amount, std::int64_t units = 1,
               period in = period::minute) {
    return take(asking(subject, at, amount, units, in));
  }
  std::size_t entries() const {
    std::size_t there = 0;
    for (std::size_t n = 0; n < of->size(); ++n) there += of->entry(n).names.is_free() ? 0 : 1;
    return there;
  }

  std::vector<std::max_align_t> memory;
  memory_counters* of;
};

// Whatever comes, one counter decides as one slot of a counter in a table does.
TEST(LimitMemoryCounters, DecideAsSlotsDo) {
  std::mt19937 random(11);
  for (int run = 0; run < 200; ++run) {
    const period in = run % 2 == 0 ? period::minute : period::hour;
    const std::int64_t length = in == period::minute ? minute : 60 * minute;
    counters_in_memory memory(1);
    slot held;
    bool begun = false;
    std::int64_t at = 1000 * minute;
    for (int n = 0; n < 200; ++n) {
      const auto amount = static_cast<std::int64_t>(20 + random() % 3);
      at += static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(length / 5)) - length / 40;
      const auto units = static_cast<std::int64_t>(random() % 4);
      demand want;
      want.period = in;
      want.amount = amount;
      want.units = units;
      want.must_pay = random() % 10 == 0;
      want.whole_list = true;
      want.now = at;
      if (!begun) held.window_start = window_of(in, at).start;
      begun = true;
      held.share = amount;
      const seen_slot seen{held, held, false};
      const decision expected = decide(want, {&seen, 1});
      memory_demand asked = counters_in_memory::asking("a", at, amount, units, in);
      asked.must_pay = want.must_pay;
      std::size_t which = 0;
      const outcome made = memory.of->take({&asked, 1}, false, which);
      ASSERT_EQ(made == outcome::denied, expected.next == step::deny);
      if (!expected.changed.empty()) held = expected.changed.front();
      if (made == outcome::taken && !expected.changed.empty()) {
        EXPECT_EQ(money::decimal(asked.count.used), held.used);
        EXPECT_EQ(asked.count.window_start, held.window_start);
        if (in == period::minute) {
          EXPECT_EQ(money::decimal(asked.count.previous), held.previous);
        }
      }
      if (random() % 5 == 0) {
        const taken back{window_of(in, at).start, 1};
        memory.of->change(asked.key, in, back.window_start, -1);
        if (auto less = given_back(held, in, back)) held = *less;
      }
    }
  }
}

TEST(LimitMemoryCounters, AllOrNone) {
  counters_in_memory memory(4);
  const auto both = [&](std::int64_t second_amount, bool only_asks) {
    std::vector<memory_demand> all = {counters_in_memory::asking("a", 0, 2),
                                      counters_in_memory::asking("b", 0, second_amount)};
    std::size_t at = 0;
    const outcome made = memory.of->take(all, only_asks, at);
    return std::pair(made, at);
  };
  EXPECT_EQ(both(0, false), std::pair(outcome::denied, std::size_t{1}));
  EXPECT_EQ(both(1, true), std::pair(outcome::taken, std::size_t{2}));
  EXPECT_EQ(both(1, false), std::pair(outcome::taken, std::size_t{2}));
  EXPECT_EQ(both(1, false), std::pair(outcome::denied, std::size_t{1}));
  EXPECT_EQ(both(9, false), std::pair(outcome::taken, std::size_t{2}));
  EXPECT_EQ(both(9, false), std::pair(outcome::denied, std::size_t{0}));
}

TEST(LimitMemoryCounters, WhatIsGivenBackIsOfItsWindow) {
  counters_in_memory memory(1);
  const denial_key key{1, {}, "", "a"};
  EXPECT_EQ(memory.take("a", 0, 10, 10), outcome::taken);
  memory.of->change(key, period::minute, 0, -4);
  EXPECT_EQ(memory.take("a", 0, 10, 4), outcome::taken);
  EXPECT_EQ(memory.take("a", 0, 10), outcome::denied);
  EXPECT_EQ(memory.take("a", minute, 10), outcome::denied);
  memory.of->change(key, period::minute, 0, -7);  // now the window before
  EXPECT_EQ(memory.take("a", minute, 10, 7), outcome::taken);
  EXPECT_EQ(memory.take("a", minute, 10), outcome::denied);
  memory.of->change(key, period::minute, 0, 100);      // too late to count
  memory.of->change(key, period::minute, 0, 2, true);  // unless nothing was taken of it before
  EXPECT_EQ(memory.take("a", minute + 30 * second, 10, 1), outcome::denied);
  EXPECT_EQ(memory.take("a", minute + 50 * second, 10, 1), outcome::taken);
  memory.of->change(key, period::minute, -10 * minute, -7);
  EXPECT_EQ(memory.take("a", 3 * minute, 10, 10), outcome::taken);
  memory.of->change(key, period::minute, 3 * minute, 5);
  memory.of->change(key, period::minute, 3 * minute, -1000);
  EXPECT_EQ(memory.take("a", 3 * minute, 10, 10), outcome::taken);
}

TEST(LimitMemoryCounters, WhoFindsNoPlaceIsElsewhereUntilItsWindowsAreOver) {
  counters_in_memory memory(1);
  for (int n = 0; n < 8; ++n) EXPECT_EQ(memory.take("h" + std::to_string(n), 0, 5), outcome::taken);
  EXPECT_EQ(memory.take("late", 10 * second, 5), outcome::elsewhere);
  EXPECT_EQ(memory.take("h0", 10 * second, 5), outcome::taken);
  // The others' windows are over at the second minute after; what was counted elsewhere weighs on until then.
  EXPECT_EQ(memory.take("late", minute, 5), outcome::elsewhere);
  EXPECT_EQ(memory.take("late", 2 * minute, 5), outcome::elsewhere);
  EXPECT_EQ(memory.take("new", 3 * minute, 5), outcome::elsewhere);
  EXPECT_EQ(memory.take("h0", 3 * minute, 5), outcome::taken);
  EXPECT_EQ(memory.take("late", 5 * minute, 5), outcome::taken);
  EXPECT_EQ(memory.take("new", 5 * minute, 5), outcome::taken);
  EXPECT_EQ(memory.take(std::string(300, 'x'), 5 * minute, 5), outcome::elsewhere);
  counters_in_memory none(0);
  EXPECT_EQ(none.take("a", 0, 5), outcome::elsewhere);
}

TEST(LimitMemoryCounters, AnEntryOfThisCallMakesNoRoom) {
  counters_in_memory memory(1);
  for (int n = 0; n < 8; ++n) EXPECT_EQ(memory.take("u" + std::to_string(n), 0, 5), outcome::taken);
  // All of them are over, and the first of the call stays while the second one looks for a place.
  for (int n = 0; n < 8; ++n) {
    const std::string old = "u" + std::to_string(n), fresh = "v" + std::to_string(n);
    std::vector<memory_demand> all = {counters_in_memory::asking(old, 10 * minute, 5),
                                      counters_in_memory::asking(fresh, 10 * minute, 5)};
    std::size_t at = 0;
    const outcome made = memory.of->take(all, false, at);
    EXPECT_NE(made, outcome::denied);
  }
  EXPECT_LE(memory.entries(), 8U);
}

TEST(LimitMemoryCounters, LargestAmounts) {
  counters_in_memory memory(1);
  EXPECT_EQ(memory.take("a", 0, most_memory_units, most_memory_units), outcome::taken);
  EXPECT_EQ(memory.take("a", 0, most_memory_units, 1), outcome::denied);
  EXPECT_EQ(memory.take("a", minute, most_memory_units, 1), outcome::denied);
  EXPECT_EQ(memory.take("a", 2 * minute, most_memory_units, most_memory_units), outcome::taken);
  memory_demand warned = counters_in_memory::asking("a", 2 * minute, 0, most_memory_units);
  warned.must_pay = true;
  for (int n = 0; n < 10; ++n) EXPECT_EQ(memory.take(warned), outcome::taken);
}

// With more keys than places, none ever gets more than its amount in a window, here and elsewhere together.
TEST(LimitMemoryCounters, NeverOverWithOverflow) {
  std::mt19937 random(5);
  counters_in_memory memory(2);
  std::map<std::string, slot> tables;
  std::map<std::pair<std::string, std::int64_t>, std::int64_t> granted;
  constexpr std::int64_t amount = 3;
  std::int64_t at = 0;
  bool seen_elsewhere = false, seen_here = false;
  for (int n = 0; n < 30'000; ++n) {
    at += static_cast<std::int64_t>(random() % (n % 3000 < 300 ? 10 * second : second / 2));
    const std::string subject = "u" + std::to_string(random() % (n % 5000 < 2000 ? 40 : 10));
    const std::int64_t start = window_of(period::minute, at).start;
    outcome made = memory.take(subject, at, amount);
    if (made == outcome::elsewhere) {
      seen_elsewhere = true;
      const auto [held, is_new] = tables.try_emplace(subject);
      if (is_new) held->second.window_start = start;
      held->second.share = amount;
      demand want;
      want.period = period::minute;
      want.amount = amount;
      want.units = 1;
      want.whole_list = true;
      want.now = at;
      const seen_slot seen{held->second, held->second, false};
      const decision decided = decide(want, {&seen, 1});
      made = decided.next == step::deny ? outcome::denied : outcome::taken;
      if (!decided.changed.empty()) held->second = decided.changed.front();
    } else {
      seen_here = true;
    }
    if (made == outcome::taken) {
      const std::int64_t now = ++granted[{subject, start}];
      ASSERT_LE(now, amount);
      // Nor do two windows side by side give more at a time than the sliding one lets through.
      if (at - start < second) {
        const std::int64_t before = granted[{subject, start - minute}];
        ASSERT_LE(now + before * 59 / 60, amount + 1);
      }
    }
  }
  EXPECT_TRUE(seen_elsewhere);
  EXPECT_TRUE(seen_here);
}

}  // namespace
}  // namespace llm_admin::limits
