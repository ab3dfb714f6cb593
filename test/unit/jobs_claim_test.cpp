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

// A claim that is ended before it has seen all goes on behind those it has seen, though they had nothing that may run.
TEST(JobsClaim, AClaimThatIsCutGoesOnWhereItWas) {
  test::job_queue queue;
  queue.most_rounds = 2;
  queue.limit(scope::workflow, "x", 0);
  for (const char* tenant : {"a", "b", "c", "d", "e"}) queue.add(tenant, "x");
  queue.add("e", "w");
  turn_memory memory;
  std::size_t claimed = 0;
  for (int n = 0; n < 10; ++n) claimed += queue.claim(1, memory).size();
  EXPECT_EQ(claimed, 1u);
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
