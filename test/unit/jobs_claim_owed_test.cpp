// Turns that are owed at full limits, by examples.
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

// Whose job is passed over keeps its turn, however the free place and the ring's place fall together.
TEST(JobsClaimOwed, AScarceLimitPassesNobodyOver) {
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

TEST(JobsClaimOwed, WhoHasOtherJobsKeepsItsTurnAtALimit) {
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
TEST(JobsClaimOwed, AfterItsPatienceAJobKeepsAPlaceUntilItHasAll) {
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

TEST(JobsClaimOwed, AsksForNoMoreOwedTurnsThanItCanGive) {
  const std::vector<limit_use> uses = {{{scope::workflow, "x", 10, {}, {}, 1, false}, 0, 0, false}};
  turn_memory memory;
  for (int n = 0; n < 100; ++n) memory.owed.push_back({"t" + std::to_string(n), scope::workflow, "x", 0});
  claim_run few({1000, 2, uses}, memory);
  EXPECT_EQ(few.plan().owed.size(), 2u);
  claim_run many({1000, 50, uses}, memory);
  EXPECT_EQ(many.plan().owed.size(), 10u);
}

TEST(JobsClaimOwed, APausedLimitKeepsNothingFromOthers) {
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

TEST(JobsClaimOwed, WhoHadWhatItWasOwedIsOwedTheNextAtOnce) {
  test::job_queue queue;
  queue.limit(scope::workflow, "x", 1);
  add(queue, "a", 2, "x");
  turn_memory memory;
  memory.owed.push_back({"a", scope::workflow, "x", 0});
  const auto claimed = queue.claim(5, memory);
  ASSERT_EQ(claimed.size(), 1u);
  EXPECT_TRUE(claimed[0].was_owed);
  ASSERT_EQ(memory.owed.size(), 1u);
  EXPECT_EQ(memory.owed[0].since, queue.now);
}

// A turn that is owed at a full limit when another one is paused, and that of a tenant that is paused itself.
TEST(JobsClaimOwed, WhatAPauseStopsIsOwedThere) {
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

TEST(JobsClaimOwed, WhatIsOwedGoesWithItsLimitAndWithItsJobs) {
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

TEST(JobsClaimOwed, NotesNoMoreThanItKeeps) {
  test::job_queue queue;
  queue.limit(scope::workflow, "x", 0);
  for (std::size_t n = 0; n < most_owed + 100; ++n) queue.add("t" + std::to_string(n), "x");
  turn_memory memory;
  EXPECT_TRUE(queue.claim(10, memory).empty());
  EXPECT_EQ(memory.owed.size(), most_owed);
  EXPECT_LT(queue.rounds, 20);
}

}  // namespace
}  // namespace llm_admin::jobs
