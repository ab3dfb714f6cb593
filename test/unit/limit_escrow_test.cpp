// Counters in slots, by decisions alone and by simulated sessions in random order: see limit_sessions.hpp.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "core/limits/escrow.hpp"
#include "unit/limit_sessions.hpp"

namespace llm_admin::limits {
namespace {

constexpr std::int64_t second = 1'000'000;
constexpr std::int64_t day = 86'400 * second;
constexpr std::int64_t now = 9'830 * day + 3'600 * second;

money::decimal of(std::string_view text) { return money::decimal::from_text(text).value(); }

slot row(std::int16_t number, std::string_view used, std::string_view reserved, std::string_view share,
         std::int64_t at = now) {
  return {number, window_of(period::day, at).start, of(used), of(reserved), {}, of(share)};
}

demand of_a_day(std::string_view amount, std::string_view units) {
  demand made;
  made.amount = of(amount);
  made.units = of(units);
  made.now = now;
  return made;
}

seen_slot read(const slot& one) { return {one, std::nullopt, false}; }
seen_slot held(const slot& one) { return {one, one, false}; }
seen_slot locked(const slot& one) { return {one, std::nullopt, true}; }

TEST(LimitEscrow, TheFirstSlotHasAll) {
  const decision made = decide(of_a_day("10", "3"), {});
  ASSERT_EQ(made.next, step::insert_first);
  EXPECT_EQ(*made.inserted, row(0, "3", "0", "10"));
  EXPECT_EQ(made.figures.remaining.text(), "7");
  EXPECT_EQ(decide(of_a_day("10", "11"), {}).next, step::deny);
  EXPECT_FALSE(decide(of_a_day("10", "11"), {}).figures.retry_after_ms);  // never
  EXPECT_EQ(decide(of_a_day("0", "1"), {}).next, step::deny);             // 0 allows nothing
  EXPECT_EQ(decide(of_a_day("0", "0"), {}).next, step::insert_first);
}

TEST(LimitEscrow, TheOwnSlotIsLockedAndPays) {
  demand want = of_a_day("10", "3");
  want.session = 1;
  const slot a = row(0, "0", "0", "5"), b = row(1, "1", "0", "5");
  const seen_slot before[] = {read(a), read(b)};
  ASSERT_EQ(decide(want, before).next, step::lock_slot);
  EXPECT_EQ(decide(want, before).slot, 1);
  want.reserves = true;
  const seen_slot after[] = {read(a), held(b)};
  const decision made = decide(want, after);
  ASSERT_EQ(made.next, step::pay);
  ASSERT_EQ(made.changed.size(), 1U);
  EXPECT_EQ(made.changed[0], row(1, "1", "3", "5"));
  EXPECT_EQ(made.figures.remaining.text(), "6");
}

TEST(LimitEscrow, AnotherUnlockedSlotPaysInstead) {
  const seen_slot seen[] = {locked(row(0, "0", "0", "5")), read(row(1, "1", "0", "5"))};
  ASSERT_EQ(decide(of_a_day("10", "3"), seen).next, step::lock_slot);
  EXPECT_EQ(decide(of_a_day("10", "3"), seen).slot, 1);
  const seen_slot poor[] = {locked(row(0, "0", "0", "5")), read(row(1, "4", "0", "5"))};
  EXPECT_EQ(decide(of_a_day("10", "3"), poor).next, step::wait_slot);
}

TEST(LimitEscrow, ASlotThatWasDeletedIsTheNextOneAdded) {
  demand want = of_a_day("100", "1");
  want.whole_list = true;
  std::vector<seen_slot> seen;
  for (std::int16_t n = 0; n < static_cast<std::int16_t>(most_slots); ++n)
    if (n != 3) seen.push_back({row(n, "0", "0", "6"), row(n, "0", "0", "6"), true});
  const decision made = decide(want, seen);
  ASSERT_EQ(made.next, step::deal);
  ASSERT_TRUE(made.inserted);
  EXPECT_EQ(made.inserted->number, 3);
}

TEST(LimitEscrow, DeniedWithoutALockAtTheLimit) {
  const seen_slot seen[] = {read(row(0, "4", "1", "5")), locked(row(1, "5", "0", "5"))};
  const decision made = decide(of_a_day("10", "1"), seen);
  ASSERT_EQ(made.next, step::deny);
  EXPECT_EQ(made.figures.used.text(), "9");
  EXPECT_EQ(made.figures.reserved.text(), "1");
  EXPECT_EQ(made.figures.remaining.text(), "0");
  EXPECT_EQ(*made.figures.resets_at, 9'831 * day);
  EXPECT_EQ(*made.figures.retry_after_ms, 23 * 3'600'000);
}

TEST(LimitEscrow, DealtAnewAmongAllThatAreHeld) {
  demand want = of_a_day("10", "3");
  const seen_slot seen[] = {held(row(0, "3", "0", "5")), held(row(1, "3", "0", "5"))};
  ASSERT_EQ(decide(want, seen).next, step::read_again);  // another may have added a slot
  want.whole_list = true;
  const decision made = decide(want, seen);
  ASSERT_EQ(made.next, step::deal);
  ASSERT_EQ(made.changed.size(), 2U);
  EXPECT_EQ(made.changed[0], row(0, "6", "0", "7"));  // one unit is left: too few for two slots
  EXPECT_EQ(made.changed[1], row(1, "3", "0", "3"));
  want.units = of("5");
  EXPECT_EQ(decide(want, seen).next, step::deny);
}

TEST(LimitEscrow, OneSlotMoreWhereAllWereLocked) {
  demand want = of_a_day("10", "1");
  const seen_slot before[] = {locked(row(0, "2", "0", "10"))};
  ASSERT_EQ(decide(want, before).next, step::lock_all);
  want.whole_list = true;
  seen_slot now_held = held(row(0, "2", "0", "10"));
  now_held.others = true;
  want.session = 1;
  const decision made = decide(want, std::span(&now_held, 1));
  ASSERT_EQ(made.next, step::deal);
  EXPECT_EQ(*made.inserted, row(1, "1", "0", "5"));  // of the 7 that are left: 3 and 4
  EXPECT_EQ(made.changed.at(0), row(0, "2", "0", "5"));
  want.amount = of("3");  // no room for units in both
  EXPECT_FALSE(decide(want, std::span(&now_held, 1)).inserted);
}

TEST(LimitEscrow, SharesOfALargerAmountPayNothing) {
  demand want = of_a_day("6", "1");
  const seen_slot seen[] = {held(row(0, "2", "0", "5")), read(row(1, "3", "0", "5"))};
  EXPECT_EQ(decide(want, seen).next, step::lock_all);  // one is left of 6, wherever it is
  want.amount = of("5");
  EXPECT_EQ(decide(want, seen).next, step::deny);
  want.amount = of("100");
  EXPECT_EQ(decide(want, seen).next, step::pay);
}

TEST(LimitEscrow, AnotherSlotsOverdraftIsLeftFree) {
  const seen_slot seen[] = {held(row(0, "0", "0", "5")), read(row(1, "8", "0", "5"))};
  EXPECT_EQ(decide(of_a_day("10", "2"), seen).next, step::pay);
  EXPECT_EQ(decide(of_a_day("10", "3"), seen).next, step::deny);
}

TEST(LimitEscrow, WhoHoldsASlotNeverWaits) {
  demand want = of_a_day("10", "3");
  want.may_wait = false;
  const seen_slot free[] = {held(row(0, "4", "0", "5")), read(row(1, "3", "0", "5"))};
  ASSERT_EQ(decide(want, free).next, step::lock_slot);
  EXPECT_EQ(decide(want, free).slot, 1);
  const seen_slot taken[] = {held(row(0, "4", "0", "5")), locked(row(1, "3", "0", "5"))};
  EXPECT_EQ(decide(want, taken).next, step::cannot_tell);
}

TEST(LimitEscrow, WarningsCountBeyondTheAmount) {
  demand want = of_a_day("10", "3");
  want.must_pay = true;
  const seen_slot seen[] = {held(row(0, "9", "0", "10"))};
  const decision made = decide(want, seen);
  ASSERT_EQ(made.next, step::pay);
  EXPECT_TRUE(made.figures.exceeded);
  EXPECT_EQ(made.figures.used.text(), "12");
  EXPECT_EQ(decide(want, {}).next, step::insert_first);
}

TEST(LimitEscrow, AnotherWindowFindsTheSlotEmpty) {
  demand want = of_a_day("10", "4");
  const seen_slot yesterday[] = {held(row(0, "7", "2", "10", now - day))};
  const decision made = decide(want, yesterday);
  ASSERT_EQ(made.next, step::pay);
  EXPECT_EQ(made.changed.at(0).used.text(), "4");
  EXPECT_EQ(made.changed.at(0).previous.text(), "9");
  EXPECT_EQ(made.changed.at(0).window_start, window_of(period::day, now).start);
  const seen_slot long_ago[] = {held(row(0, "7", "2", "10", now - 2 * day))};
  EXPECT_TRUE(decide(want, long_ago).changed.at(0).previous.is_zero());
}

TEST(LimitEscrow, AClockThatStepsBackEmptiesNothing) {
  const seen_slot tomorrow[] = {held(row(0, "9", "0", "10", now + day))};
  const decision denied = decide(of_a_day("10", "2"), tomorrow);
  ASSERT_EQ(denied.next, step::deny);
  EXPECT_EQ(denied.figures.window_start, window_of(period::day, now + day).start);
  EXPECT_EQ(*denied.figures.retry_after_ms, 47 * 3'600'000);
  const decision paid = decide(of_a_day("10", "1"), tomorrow);
  ASSERT_EQ(paid.next, step::pay);
  EXPECT_EQ(paid.changed.at(0), row(0, "10", "0", "10", now + day));
}

TEST(LimitEscrow, AnotherPeriodKeepsWhatItCan) {
  demand want = of_a_day("10", "2");
  want.period = period::month;
  const seen_slot of_the_day[] = {held(row(0, "9", "0", "10"))};
  EXPECT_EQ(decide(want, of_the_day).next, step::deny);
  want.period = period::total;
  EXPECT_EQ(decide(want, of_the_day).next, step::deny);
  EXPECT_FALSE(decide(want, of_the_day).figures.retry_after_ms);
}

TEST(LimitEscrow, SettledWithLessMoreAndInALaterWindow) {
  const taken five{window_of(period::day, now).start, of("5")};
  const slot open = row(2, "1", "5", "8");
  EXPECT_EQ(*settled(open, period::day, five, of("3.5")), row(2, "4.5", "0", "8"));
  EXPECT_EQ(*settled(open, period::day, five, of("50")), row(2, "51", "0", "8"));  // booked whole
  EXPECT_EQ(*settled(open, period::day, five, {}), row(2, "1", "0", "8"));
  slot next = row(2, "0", "1", "8", now + day);
  next.previous = of("6");
  EXPECT_EQ(settled(next, period::day, five, of("3.5"))->previous.text(), "4.5");
  EXPECT_EQ(settled(next, period::day, five, of("3.5"))->reserved.text(), "1");
  EXPECT_FALSE(settled(next, period::day, five, of("7")));  // only released
  EXPECT_FALSE(settled(row(2, "0", "1", "8", now + 2 * day), period::day, five, of("7")));
  // A row that was put back.
  EXPECT_EQ(settled(row(2, "7", "0", "8", now - day), period::day, five, of("3"))->used.text(), "3");
  EXPECT_EQ(settled(row(2, "0", "0", "8"), period::day, five, of("3"))->used.text(), "3");
}

TEST(LimitEscrow, GivenBack) {
  const taken two{window_of(period::day, now).start, of("2")};
  EXPECT_EQ(*given_back(row(0, "5", "0", "8"), period::day, two), row(0, "3", "0", "8"));
  EXPECT_EQ(given_back(row(0, "1", "0", "8"), period::day, two)->used.text(), "0");
  EXPECT_FALSE(given_back(row(0, "5", "0", "8", now + 2 * day), period::day, two));
  EXPECT_FALSE(given_back(row(0, "5", "0", "8", now - day), period::day, two));
}

TEST(LimitEscrow, ManySessionsTakeExactlyTheAmount) {
  std::mt19937 random(70);
  std::size_t most = 0;
  for (int round = 0; round < 15; ++round) {
    simulation all(random, {.amount = 1 + static_cast<std::int64_t>(random() % 60), .sessions = 12});
    all.run(700);
    all.finish();
    most = std::max(most, all.slots());
  }
  EXPECT_GT(most, 4U);  // the sessions met each other
}

// More sessions than slots: who finds all locked waits for one, and nobody for all.
TEST(LimitEscrow, ManySessionsWaitForOneSlotEach) {
  std::mt19937 random(73);
  std::size_t most = 0, waits = 0;
  for (int round = 0; round < 2; ++round) {
    simulation all(random, {.amount = 1'000'000, .sessions = 60});
    all.run(60'000);
    all.finish();
    most = std::max(most, all.slots());
    waits += all.waits();
  }
  EXPECT_EQ(most, most_slots);
  EXPECT_GT(waits, 20U);
}

TEST(LimitEscrow, AnotherThatHoldsASlotIsWaitedFor) {
  std::vector<seen_slot> all;
  for (std::int16_t n = 0; n < static_cast<std::int16_t>(most_slots); ++n)
    all.push_back({row(n, "0", "0", "100"), std::nullopt, true});
  demand want = of_a_day("1600", "2");
  want.session = 5;
  const decision made = decide(want, all);
  ASSERT_EQ(made.next, step::wait_slot);
  EXPECT_EQ(made.slot, 5);
  want.may_wait = false;
  EXPECT_EQ(decide(want, all).next, step::cannot_tell);
  want.may_wait = true;
  all[5].others = false;
  all[5].held =
      row(5, "100", "0", "100");  // spent since it was read: it is given up before others are waited for
  EXPECT_EQ(decide(want, all).next, step::lock_all);
}

TEST(LimitEscrow, WhatIsBookedStaysWithinWhatIsReadBack) {
  const money::decimal most = of(std::string(money::most_digits, '9'));
  slot one = row(0, "0", "0", "100");
  for (int n = 0; n < 3; ++n) one = settled(one, period::day, {now, {}}, most).value_or(one);
  demand more = of_a_day("100", "1");
  more.units = most;
  more.must_pay = more.reserves = true;
  for (int n = 0; n < 3; ++n) {
    const decision made = decide(more, std::vector{held(one)});
    if (!made.changed.empty()) one = made.changed.front();
  }
  demand later = of_a_day("100", "0");
  later.must_pay = true;
  later.now += day;
  const decision rolled = decide(later, std::vector{held(one)});
  ASSERT_EQ(rolled.changed.size(), 1U);
  for (const money::decimal& figure : {one.used, one.reserved, rolled.changed.front().previous})
    EXPECT_TRUE(money::decimal::from_text(figure.text())) << figure.text();
  EXPECT_GT(one.used, of("1e58"));
  EXPECT_GT(one.reserved, of("1e58"));
}

TEST(LimitEscrow, ManySessionsOverWindowsReservationsAndTransactionsOfSeveralCalls) {
  std::mt19937 random(71);
  std::size_t untold = 0, settlements = 0;
  for (int round = 0; round < 15; ++round) {
    simulation all(random, {.amount = 20 + static_cast<std::int64_t>(random() % 300),
                            .sessions = 10,
                            .most_units = 40,
                            .several_calls = true,
                            .reserves = true,
                            .windows = true});
    all.run(1'500);
    all.finish();
    untold += all.untold();
    settlements += all.settlements();
  }
  EXPECT_GT(untold, 0U);
  EXPECT_GT(settlements, 50U);
}

TEST(LimitEscrow, ManySessionsAndFractions) {
  std::mt19937 random(72);
  for (int round = 0; round < 8; ++round) {
    simulation all(random, {.amount = 5, .sessions = 8, .most_units = 900, .places = 3, .reserves = true});
    all.run(500);
    all.finish();
  }
}

}  // namespace
}  // namespace llm_admin::limits
