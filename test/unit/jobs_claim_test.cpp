// Whose turn it is, by examples.
#include "core/jobs/claim.hpp"

#include <gtest/gtest.h>

#include <string>

#include "generate/job_queue.hpp"

namespace llm_admin::jobs {
namespace {

using scope = limit_scope;

// Who got how many, in order: "a b b".
std::string tenants_of(const std::vector<claimed_job>& claimed) {
  std::string list;
  for (const claimed_job& one : claimed) list.append(list.empty() ? "" : " ").append(one.tenant);
  return list;
}

void add(test::job_queue& to, const std::string& tenant, int count, const std::string& workflow = "w") {
  for (int n = 0; n < count; ++n) to.add(tenant, workflow);
}

TEST(JobsClaim, WithoutTenantsIsHighestPriorityThenOldest) {
  test::job_queue queue;
  const auto late = queue.add("", "w", 5, queue.now);
  const auto early = queue.add("", "w", 5, queue.now - 1);
  const auto high = queue.add("", "w", 6, queue.now);
  const auto same = queue.add("", "w", 5, queue.now);
  turn_memory memory;
  const auto claimed = queue.claim(10, memory);
  ASSERT_EQ(claimed.size(), 4u);
  EXPECT_EQ(claimed[0].job.id, high);
  EXPECT_EQ(claimed[1].job.id, early);
  EXPECT_EQ(claimed[2].job.id, late);
  EXPECT_EQ(claimed[3].job.id, same);
}

TEST(JobsClaim, TenantsTakeTurnsFromWhereTheLastClaimEnded) {
  test::job_queue queue;
  add(queue, "a", 100);
  add(queue, "b", 100);
  add(queue, "c", 100);
  turn_memory memory;
  EXPECT_EQ(tenants_of(queue.claim(2, memory)), "a b");
  EXPECT_EQ(tenants_of(queue.claim(2, memory)), "c a");
  EXPECT_EQ(tenants_of(queue.claim(4, memory)), "b c a b");
  EXPECT_EQ(tenants_of(queue.claim(1, memory)), "c");
}

TEST(JobsClaim, ATurnGoesOnInTheNextClaim) {
  test::job_queue queue;
  queue.limit(scope::tenant, "a", std::nullopt, std::nullopt, 3);
  add(queue, "a", 100);
  add(queue, "b", 100);
  turn_memory memory;
  EXPECT_EQ(tenants_of(queue.claim(2, memory)), "a a");
  EXPECT_EQ(tenants_of(queue.claim(2, memory)), "a b");
  EXPECT_EQ(tenants_of(queue.claim(6, memory)), "a a a b a a");
  queue.waiting.erase("a");
  EXPECT_EQ(tenants_of(queue.claim(1, memory)), "b");
}

TEST(JobsClaim, FillsUpFromWhoeverHasMore) {
  test::job_queue queue;
  add(queue, "a", 1);
  add(queue, "b", 100);
  add(queue, "c", 2);
  turn_memory memory;
  EXPECT_EQ(tenants_of(queue.claim(8, memory)), "a b c b c b b b");
  EXPECT_EQ(queue.claim(1000, memory).size(), 95u);
  EXPECT_TRUE(queue.claim(1000, memory).empty());
}

// One statement more than the lookups at most, when all tenants were seen by the claim before.
TEST(JobsClaim, NeedsFewLookUps) {
  test::job_queue queue;
  for (int n = 0; n < 1000; ++n) add(queue, "t" + std::to_string(n), 3);
  add(queue, "big", 10000);
  turn_memory memory;
  EXPECT_EQ(queue.claim(100, memory).size(), 100u);
  EXPECT_EQ(queue.rounds, 1);
  test::job_queue alone;
  add(alone, "", 1000);
  turn_memory its;
  EXPECT_EQ(alone.claim(100, its).size(), 100u);
  EXPECT_EQ(alone.rounds, 2);
  EXPECT_EQ(alone.claim(100, its).size(), 100u);
  EXPECT_EQ(alone.rounds, 1);
}

TEST(JobsClaim, WhatIsNotDueHidesNothing) {
  test::job_queue queue;
  for (int n = 0; n < 50; ++n) queue.add("a", "w", 10, queue.now + 1);
  const auto due = queue.add("a", "w", 0);
  turn_memory memory;
  const auto claimed = queue.claim(5, memory);
  ASSERT_EQ(claimed.size(), 1u);
  EXPECT_EQ(claimed[0].job.id, due);
  queue.now += 1;
  EXPECT_EQ(queue.claim(100, memory).size(), 50u);
}

TEST(JobsClaim, WhatMayNotRunHidesNothing) {
  for (const bool leaves_out : {false, true}) {
    test::job_queue queue;
    queue.leaves_out = leaves_out;
    queue.limit(scope::workflow, "x", 1);
    queue.limit(scope::workflow, "z", std::nullopt, std::nullopt, 1, true);
    add(queue, "a", 300, "z");
    add(queue, "a", 300, "x");
    add(queue, "a", 2, "w");
    turn_memory memory;
    EXPECT_EQ(queue.claim(10, memory).size(), 3u);
    EXPECT_TRUE(queue.claim(10, memory).empty());
    EXPECT_EQ(queue.wrong, "");
  }
}

TEST(JobsClaim, KeepsLimitsOfRunningJobsAndOfTheMinute) {
  test::job_queue queue;
  queue.limit(scope::tenant, "a", 2);
  queue.limit(scope::account, "k", std::nullopt, 3);
  for (int n = 0; n < 10; ++n) queue.add("a");
  for (int n = 0; n < 10; ++n) queue.add("b", "w", 5, {}, "", "k");
  turn_memory memory;
  EXPECT_EQ(tenants_of(queue.claim(100, memory)), "a b a b b");
  queue.finish(0);
  EXPECT_EQ(tenants_of(queue.claim(100, memory)), "a");
  queue.now += 60 * second - 1;
  EXPECT_EQ(tenants_of(queue.claim(100, memory)), "");
  queue.now += 1;
  EXPECT_EQ(tenants_of(queue.claim(100, memory)), "b b b");
  EXPECT_EQ(queue.wrong, "");
}

// Whose job is passed over keeps its turn, however the free place and the ring's place fall together.
TEST(JobsClaim, AScarceLimitPassesNobodyOver) {
  test::job_queue queue;
  queue.limit(scope::workflow, "x", 1);
  add(queue, "a", 50, "x");
  add(queue, "b", 50, "x");
  add(queue, "d", 50, "w");
  turn_memory memory;
  std::string order;
  for (int n = 0; n < 12; ++n) {
    order += tenants_of(queue.claim(1, memory)) + ' ';
    if (n % 2 == 1) queue.running.clear();  // x is free at every second claim alone
  }
  EXPECT_EQ(order, "a d b d a d b d a d b d ");
  EXPECT_EQ(queue.wrong, "");
}

TEST(JobsClaim, WhoHasOtherJobsKeepsItsTurnAtALimit) {
  test::job_queue queue;
  queue.limit(scope::workflow, "x", 1);
  add(queue, "a", 20, "x");
  add(queue, "a", 500, "w");
  add(queue, "b", 500, "x");
  add(queue, "c", 500, "x");
  turn_memory memory;
  int of_a = 0;
  for (int n = 0; n < 30; ++n) {
    for (const claimed_job& one : queue.claim(2, memory))
      of_a += one.tenant == "a" && one.job.workflow == "x";
    queue.running.clear();
  }
  EXPECT_GE(of_a, 9);
  EXPECT_LE(of_a, 11);
}

// Both places are never free at one time, unless one is kept; one that a pause keeps from its place is in nobody's way.
TEST(JobsClaim, AfterItsPatienceAJobKeepsAPlaceUntilItHasAll) {
  for (const bool behind_a_paused_one : {false, true}) {
    test::job_queue queue;
    queue.limit(scope::workflow, "x", 1);
    queue.limit(scope::provider, "p", 1);
    queue.limit(scope::account, "k", std::nullopt, std::nullopt, 1, true);
    if (behind_a_paused_one) queue.add("a", "x", 5, {}, "", "k");
    const auto both = queue.add("b", "x", 5, {}, "p");
    for (int n = 0; n < 300; ++n) queue.add("c", "x");
    for (int n = 0; n < 300; ++n) queue.add("d", "w", 5, {}, "p");
    queue.running.push_back({"c", {{}, 5, 0, "x", "", ""}});
    queue.running.push_back({"d", {{}, 5, 0, "w", "p", ""}});
    turn_memory memory;
    std::int64_t claimed_after = -1;
    const std::int64_t began = queue.now;
    for (int n = 0; n < 400 && claimed_after < 0; ++n) {
      for (std::size_t at = 0; at < queue.running.size(); ++at)  // one ends each half second, in turn
        if (queue.running[at].tenant == (n % 2 == 0 ? "c" : "d")) {
          queue.finish(at);
          break;
        }
      for (const claimed_job& one : queue.claim(5, memory))
        if (one.job.id == both) claimed_after = queue.now - began;
      queue.now += second / 2;
    }
    EXPECT_EQ(queue.wrong, "");
    EXPECT_GE(claimed_after, default_patience);
    EXPECT_LE(claimed_after, default_patience + 2 * second);
  }
}

TEST(JobsClaim, AsksForNoMoreOwedTurnsThanItCanGive) {
  const std::vector<limit_use> uses = {{{scope::workflow, "x", 10, {}, {}, 1, false}, 0, 0, false}};
  turn_memory memory;
  for (int n = 0; n < 100; ++n) memory.owed.push_back({"t" + std::to_string(n), scope::workflow, "x", 0});
  claim_run few({1000, 2, uses}, memory);
  EXPECT_EQ(few.plan().owed.size(), 2u);
  claim_run many({1000, 50, uses}, memory);
  EXPECT_EQ(many.plan().owed.size(), 10u);
}

TEST(JobsClaim, APausedLimitKeepsNothingFromOthers) {
  test::job_queue queue;
  queue.patience = 0;
  queue.limit(scope::workflow, "x", 1);
  queue.limit(scope::provider, "p", std::nullopt, std::nullopt, 1, true);
  queue.add("a", "x", 5, {}, "p");
  add(queue, "b", 10, "x");
  turn_memory memory;
  for (int n = 0; n < 10; ++n) {
    EXPECT_EQ(tenants_of(queue.claim(3, memory)), "b");
    queue.running.clear();
    queue.now += second;
  }
  queue.limits[1].paused = false;
  EXPECT_EQ(tenants_of(queue.claim(3, memory)), "a");
}

// A turn that is owed at a full limit when another one is paused, and that of a tenant that is paused itself.
TEST(JobsClaim, WhatAPauseStopsIsOwedThere) {
  test::job_queue queue;
  queue.limit(scope::workflow, "x", 0);
  queue.limit(scope::provider, "p", 5);
  queue.limit(scope::tenant, "b", 5);
  queue.add("a", "x", 5, {}, "p");
  queue.add("b", "x");
  queue.add("c", "x");
  turn_memory memory;
  EXPECT_TRUE(queue.claim(3, memory).empty());
  ASSERT_EQ(memory.owed.size(), 3u);
  EXPECT_EQ(memory.owed[0].key, "x");
  queue.limits[1].paused = queue.limits[2].paused = true;
  queue.limits[0].max_running = 1;
  EXPECT_EQ(tenants_of(queue.claim(3, memory)), "c");
  ASSERT_EQ(memory.owed.size(), 2u);
  EXPECT_EQ(memory.owed[0].tenant, "b");
  EXPECT_EQ(memory.owed[1].tenant, "a");
  EXPECT_EQ(memory.owed[1].key, "p");
  queue.limits[1].paused = queue.limits[2].paused = false;
  queue.limits[0].max_running = 2;
  queue.add("c", "x");
  EXPECT_EQ(tenants_of(queue.claim(3, memory)), "b");
  queue.limits[0].max_running = 3;
  EXPECT_EQ(tenants_of(queue.claim(3, memory)), "a");
  EXPECT_EQ(queue.wrong, "");
}

TEST(JobsClaim, WhatIsOwedGoesWithItsLimitAndWithItsJobs) {
  test::job_queue queue;
  queue.limit(scope::workflow, "x", 0);
  add(queue, "a", 1, "x");
  add(queue, "b", 1, "x");
  turn_memory memory;
  EXPECT_TRUE(queue.claim(5, memory).empty());
  ASSERT_EQ(memory.owed.size(), 2u);
  EXPECT_EQ(memory.owed[0].tenant, "a");
  EXPECT_EQ(memory.owed[0].key, "x");
  EXPECT_EQ(memory.owed[0].since, queue.now);
  EXPECT_TRUE(queue.claim(5, memory).empty());
  EXPECT_EQ(memory.owed.size(), 2u);
  queue.waiting.erase("a");
  queue.limits[0].max_running = 5;
  EXPECT_EQ(tenants_of(queue.claim(5, memory)), "b");
  EXPECT_TRUE(memory.owed.empty());
  memory.owed.push_back({"b", scope::account, "gone", 0});
  (void)queue.claim(5, memory);
  EXPECT_TRUE(memory.owed.empty());
}

TEST(JobsClaim, NotesNoMoreThanItKeeps) {
  test::job_queue queue;
  queue.limit(scope::workflow, "x", 0);
  for (std::size_t n = 0; n < most_owed + 100; ++n) queue.add("t" + std::to_string(n), "x");
  turn_memory memory;
  EXPECT_TRUE(queue.claim(10, memory).empty());
  EXPECT_EQ(memory.owed.size(), most_owed);
  EXPECT_LT(queue.rounds, 20);
}

TEST(JobsClaim, ALimitThatAnotherClaimHoldsIsFullForNow) {
  std::vector<limit_use> uses = {{{scope::workflow, "x", 5, {}, {}, 1, false}, 0, 0, true}};
  claim_run run({1000, 5, uses}, {});
  const claim_plan plan = run.plan();
  ASSERT_TRUE(plan.walk);
  EXPECT_EQ(plan.walk->tenants, 5);
  claim_answers answers;
  answers.walked.push_back({"a", {{{1}, 5, 10, "x", "", ""}}, false});
  run.take(plan, answers);
  EXPECT_TRUE(run.plan().is_empty());
  EXPECT_TRUE(run.claimed().empty());
  EXPECT_EQ(run.memory().owed.size(), 1u);
}

TEST(JobsClaim, RefusesRowsThatAreNotDueOrComeTwice) {
  claim_run run({1000, 5, {}}, {});
  const claim_plan plan = run.plan();
  const waiting_job due{{1}, 5, 1000, "", "", ""}, later{{2}, 5, 1001, "", "", ""};
  claim_answers answers;
  answers.walked.push_back({"a", {due, due, later}, false});
  run.take(plan, answers);
  EXPECT_TRUE(run.plan().is_empty());
  ASSERT_EQ(run.claimed().size(), 1u);
  EXPECT_EQ(run.claimed()[0].job.id, due.id);
}

TEST(JobsClaim, AsksForNothingWithoutSlots) {
  claim_run none({1000, 0, {}}, {});
  EXPECT_TRUE(none.plan().is_empty());
  claim_run negative({1000, -5, {}}, {});
  EXPECT_TRUE(negative.plan().is_empty());
}

}  // namespace
}  // namespace llm_admin::jobs
