// What holds for every claim, over queues made at random with fixed seeds.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>

#include "core/jobs/claim.hpp"
#include "generate/job_queue.hpp"

namespace llm_admin::jobs {
namespace {

using scope = limit_scope;
using test::job_queue;
using test::random_source;

std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

// The queue judges each claim: limits, no job twice, none before its time, the oldest first, no slot wasted.
TEST(JobsClaimProperties, EveryClaimKeepsItsPromises) {
  for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
    random_source dice(seed);
    job_queue queue;
    queue.leaves_out = dice.chance(50);
    queue.patience = dice.chance(50) ? default_patience : dice.below(5) * second;
    const std::size_t tenants = 1 + dice.below(12);
    test::fill(queue, dice, tenants, dice.below(120));
    turn_memory memory;
    for (int n = 0; n < 25; ++n) {
      queue.most_rounds = dice.chance(20) ? static_cast<std::int32_t>(dice.below(4)) : INT32_MAX;
      (void)queue.claim(static_cast<std::int32_t>(dice.below(15)), memory);
      ASSERT_EQ(queue.wrong, "") << "seed " << seed << ", claim " << n;
      while (!queue.running.empty() && dice.chance(60)) queue.finish(dice.below(queue.running.size()));
      queue.now += dice.below(8) * second;
      if (dice.chance(5)) queue.now -= 20 * second;
      for (job_limit& of : queue.limits)
        if (dice.chance(5)) of.paused = !of.paused;
      if (dice.chance(30)) queue.add("t" + std::to_string(dice.below(tenants)), "x");
    }
  }
}

// All that may run does run, once each, when time goes on and jobs end.
TEST(JobsClaimProperties, AllIsClaimedOnce) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    random_source dice(seed);
    job_queue queue;
    const std::size_t count = 1 + dice.below(150);
    test::fill(queue, dice, 1 + dice.below(12), count);
    for (job_limit& of : queue.limits) {
      of.paused = false;
      if (of.max_running == 0) of.max_running = 1;
      if (of.max_per_minute == 0) of.max_per_minute = 1;
    }
    turn_memory memory;
    std::set<uuid_bytes> ids;
    int claims = 0;
    for (; !queue.waiting.empty() && claims < 1000; ++claims) {
      for (const claimed_job& one : queue.claim(1 + static_cast<std::int32_t>(dice.below(9)), memory))
        ASSERT_TRUE(ids.insert(one.job.id).second) << "seed " << seed;
      while (!queue.running.empty() && dice.chance(70)) queue.finish(dice.below(queue.running.size()));
      queue.now += 10 * second;
    }
    ASSERT_EQ(ids.size(), count) << "seed " << seed;
    ASSERT_EQ(queue.wrong, "") << "seed " << seed;
  }
}

// A tenant whose job may run waits for ceil(W / max_jobs) claims at most, W the sum of the weights.
TEST(JobsClaimProperties, TheBoundOfATurnHolds) {
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    random_source dice(seed);
    job_queue queue;
    const std::size_t tenants = 1 + dice.below(40);
    const bool weighted = dice.chance(50);
    std::int64_t weights = 0;
    for (std::size_t n = 0; n < tenants; ++n) {
      const std::int32_t weight = weighted ? 1 + static_cast<std::int32_t>(dice.below(5)) : 1;
      weights += weight;
      if (weighted) queue.limit(scope::tenant, "t" + std::to_string(n), {}, {}, weight);
    }
    const auto max_jobs = static_cast<std::int32_t>(1 + dice.below(12));
    const std::int64_t bound = ceil_div(weights, max_jobs);
    std::map<std::string, std::int64_t> waited;
    turn_memory memory;
    for (int n = 0; n < 60; ++n) {
      for (std::uint32_t more = dice.below(12); more > 0; --more)
        queue.add("t" + std::to_string(dice.chance(30) ? 0 : dice.below(tenants)), "w",
                  static_cast<std::int32_t>(dice.below(11)));
      for (int more = 0; n == 0 && more < 300; ++more) queue.add("t0", "w", 10);
      for (const auto& [tenant, all] : queue.waiting) ++waited[tenant];
      for (const claimed_job& one : queue.claim(max_jobs, memory)) waited[one.tenant] = 0;
      for (const auto& [tenant, claims] : waited)
        ASSERT_LT(claims, bound) << "seed " << seed << ", tenant " << tenant << ", claim " << n;
      for (auto it = waited.begin(); it != waited.end();)
        it = queue.waiting.contains(it->first) ? std::next(it) : waited.erase(it);
      queue.running.clear();
    }
    ASSERT_EQ(queue.wrong, "") << "seed " << seed;
  }
}

// A big tenant beside a thousand small ones.
TEST(JobsClaimProperties, ABigTenantDelaysNobody) {
  job_queue queue;
  for (int n = 0; n < 20'000; ++n) queue.add("big", "w", 10);
  for (int n = 0; n < 1000; ++n) queue.add("t" + std::to_string(n), "w", 0);
  turn_memory memory;
  const std::int64_t bound = ceil_div(1001, 30);
  std::int64_t claims = 0;
  for (; queue.waiting.size() > 1; ++claims) (void)queue.claim(30, memory);
  EXPECT_EQ(claims, bound);
  EXPECT_EQ(queue.wrong, "");
}

TEST(JobsClaimProperties, SharesFollowTheWeights) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    random_source dice(seed);
    job_queue queue;
    const std::size_t tenants = 2 + dice.below(6);
    std::map<std::string, std::int32_t> weight;
    for (std::size_t n = 0; n < tenants; ++n) {
      const std::string tenant = "t" + std::to_string(n);
      weight[tenant] = 1 + static_cast<std::int32_t>(dice.below(5));
      queue.limit(scope::tenant, tenant, {}, {}, weight[tenant]);
      for (int more = 0; more < 400; ++more) queue.add(tenant);
    }
    turn_memory memory;
    std::map<std::string, int> got;
    for (int n = 0; n < 40; ++n)
      for (const claimed_job& one : queue.claim(1 + static_cast<std::int32_t>(dice.below(10)), memory))
        ++got[one.tenant];
    int least = INT32_MAX, most = 0;  // whole turns
    for (const auto& [tenant, its] : weight) {
      least = std::min(least, got[tenant] / its);
      most = std::max(most, (got[tenant] + its - 1) / its);
    }
    ASSERT_LE(most - least, 1) << "seed " << seed;
  }
}

// Lanes of one place each, which become free at any time: in each, tenants get the place in turn.
TEST(JobsClaimProperties, NobodyStarvesAtScarceLimits) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    random_source dice(seed);
    job_queue queue;
    queue.leaves_out = dice.chance(50);
    const std::size_t tenants = 2 + dice.below(8);
    for (const char* key : {"x", "y"}) queue.limit(scope::workflow, key, 1 + dice.below(2));
    std::vector<std::pair<std::string, std::string>> kinds;
    for (std::size_t n = 0; n < tenants; ++n)
      for (const char* workflow : {"x", "y", "w"})
        if (n == 0 || dice.chance(60)) kinds.emplace_back("t" + std::to_string(n), workflow);
    for (int more = 0; more < 300; ++more)
      for (const auto& [tenant, workflow] : kinds) queue.add(tenant, workflow);
    std::map<std::string, std::size_t> sharers;
    std::map<std::pair<std::string, std::string>, std::size_t> passed;  // places that others got since
    for (const auto& [tenant, all] : queue.waiting)
      for (const auto& job : all) passed[{tenant, std::string(job.workflow)}] = 0;
    for (const auto& [lane, none] : passed) ++sharers[lane.second];
    turn_memory memory;
    const auto max_jobs = static_cast<std::int32_t>(1 + dice.below(4));
    for (int n = 0; n < 120; ++n) {
      for (const claimed_job& one : queue.claim(max_jobs, memory)) {
        const std::string workflow(one.job.workflow);
        if (workflow == "w") continue;
        for (auto& [lane, places] : passed)
          if (lane.second == workflow) ++places;
        passed[{one.tenant, workflow}] = 0;
        for (const auto& [lane, places] : passed)
          ASSERT_LE(places, 2 * sharers[lane.second])
              << "seed " << seed << ", claim " << n << ": " << lane.first << " at " << lane.second;
      }
      while (!queue.running.empty() && dice.chance(50)) queue.finish(dice.below(queue.running.size()));
      queue.now += second;
    }
    ASSERT_EQ(queue.wrong, "") << "seed " << seed;
  }
}

// Jobs that need places in several scarce limits at once are claimed, too, whatever goes on in each of them.
TEST(JobsClaimProperties, NobodyStarvesBetweenSeveralLimits) {
  for (std::uint64_t seed = 1; seed <= 25; ++seed) {
    random_source dice(seed);
    job_queue queue;
    queue.patience = 10 * second;
    queue.limit(scope::workflow, "x", 1);
    queue.limit(scope::workflow, "y", 1);
    queue.limit(scope::provider, "p", 1);
    queue.limit(scope::account, "k", 1);
    const std::size_t tenants = 2 + dice.below(4);
    std::map<uuid_bytes, std::int64_t> seen;
    const auto refill = [&] {
      for (std::size_t n = 0; n < tenants; ++n)
        for (const auto& [workflow, provider, account] :
             {std::tuple("x", "", ""), std::tuple("y", "p", ""), std::tuple("w", "p", "k"),
              std::tuple("x", "p", "k"), std::tuple("y", "", "k")})
          queue.add("t" + std::to_string(n), workflow, 5, {}, provider, account);
    };
    for (int n = 0; n < 30; ++n) refill();
    turn_memory memory;
    // Who waits at the head of its kind, and since when.
    std::map<std::string, std::int64_t> since;
    for (int n = 0; n < 400; ++n) {
      for (const claimed_job& one : queue.claim(3, memory))
        since[one.tenant + '/' + std::string(one.job.workflow) + std::string(one.job.provider) +
              std::string(one.job.account)] = queue.now;
      for (auto& [kind, at] : since)
        ASSERT_LT(queue.now - at, 400 * second) << "seed " << seed << ": " << kind;
      if (n == 200) {
        ASSERT_EQ(since.size(), tenants * 5) << "seed " << seed;
      }
      for (std::size_t at = queue.running.size(); at > 0; --at)
        if (dice.chance(40)) queue.finish(at - 1);
      queue.now += second;
      if (n % 50 == 0) refill();
    }
    ASSERT_EQ(queue.wrong, "") << "seed " << seed;
  }
}

// Sessions that know nothing of each other.
TEST(JobsClaimProperties, SeveralSessionsStarveNobody) {
  for (std::uint64_t seed = 1; seed <= 15; ++seed) {
    random_source dice(seed);
    job_queue queue;
    queue.limit(scope::workflow, "x", 1);
    for (const char* tenant : {"a", "b", "c", "d"})
      for (int more = 0; more < 120; ++more) queue.add(tenant, "x");
    for (int more = 0; more < 400; ++more) queue.add("e", "w");
    std::vector<turn_memory> sessions(3);
    std::map<std::string, int> passed = {{"a", 0}, {"b", 0}, {"c", 0}, {"d", 0}};
    for (int n = 0; n < 400; ++n) {
      for (const claimed_job& one : queue.claim(1, sessions[dice.below(sessions.size())])) {
        if (one.tenant == "e") continue;
        for (auto& [tenant, places] : passed)
          ASSERT_LE(++places, 2 * 4 * 3) << "seed " << seed << ' ' << tenant;
        passed[one.tenant] = 0;
      }
      while (!queue.running.empty() && dice.chance(50)) queue.finish(dice.below(queue.running.size()));
    }
    ASSERT_EQ(queue.wrong, "") << "seed " << seed;
  }
}

}  // namespace
}  // namespace llm_admin::jobs
