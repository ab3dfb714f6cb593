// A queue of jobs in memory, which answers the plans of a claim as a database would, and judges what was claimed.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/jobs/claim.hpp"
#include "generate/random.hpp"

namespace llm_admin::test {

class job_queue {
 public:
  using job = jobs::waiting_job;
  struct earlier {
    bool operator()(const job& a, const job& b) const { return jobs::goes_before(a, b); }
  };
  struct running_job {
    std::string tenant;
    job what;
  };

  std::vector<jobs::job_limit> limits;
  std::int64_t now = 1000 * jobs::second;
  bool leaves_out = false;               // jobs at full limits, as a statement may
  std::int32_t most_rounds = INT32_MAX;  // then the claim ends where it stands
  std::int64_t patience = jobs::default_patience;
  std::int32_t rounds = 0;  // of the last claim

  void limit(jobs::limit_scope scope, std::string key, std::optional<std::int64_t> at_a_time,
             std::optional<std::int64_t> per_minute = {}, std::int32_t weight = 1, bool paused = false) {
    limits.push_back({scope, std::move(key), at_a_time, per_minute, std::nullopt, weight, paused});
  }

  uuid_bytes add(const std::string& tenant, const std::string& workflow = "w", std::int32_t priority = 5,
                 std::optional<std::int64_t> run_at = {}, const std::string& provider = "",
                 const std::string& account = "") {
    job made;
    for (std::size_t n = 0; n < 8; ++n) made.id[15 - n] = static_cast<std::uint8_t>(next_id_ >> (8 * n));
    ++next_id_;
    made.priority = priority;
    made.run_at = run_at.value_or(now);
    made.workflow = name(workflow);
    made.provider = name(provider);
    made.account = name(account);
    waiting[tenant].insert(made);
    return made.id;
  }

  std::vector<jobs::limit_use> uses() const {
    std::vector<jobs::limit_use> all;
    for (const jobs::job_limit& of : limits) {
      jobs::limit_use use{of, 0, 0, false};
      for (const running_job& one : running) use.running += meets(of, one.tenant, one.what) ? 1 : 0;
      for (const auto& [at, one] : started)
        use.started += at > now - 60 * jobs::second && meets(of, one.tenant, one.what) ? 1 : 0;
      all.push_back(std::move(use));
    }
    return all;
  }

  // Claims, moves what was claimed to `running`, and notes in `wrong` which promise was not kept.
  std::vector<jobs::claimed_job> claim(std::int32_t max_jobs, jobs::turn_memory& memory) {
    const std::vector<jobs::limit_use> before = uses();
    jobs::claim_run run({now, max_jobs, before, patience}, memory);
    for (rounds = 0; rounds < most_rounds; ++rounds) {
      const jobs::claim_plan plan = run.plan();
      if (plan.is_empty()) break;
      if (rounds > 10'000) return fail("the claim does not end"), run.claimed();
      run.take(plan, answer(plan, run));
    }
    judge(run, before, max_jobs);
    memory = run.memory();
    for (const jobs::claimed_job& one : run.claimed()) {
      const auto of = waiting.find(one.tenant);
      of->second.erase(one.job);
      if (of->second.empty()) waiting.erase(of);
      running.push_back({one.tenant, one.job});
      started.emplace_back(now, running_job{one.tenant, one.job});
    }
    std::erase_if(started, [this](const auto& one) { return one.first <= now - 60 * jobs::second; });
    return run.claimed();
  }

  void finish(std::size_t n) { running.erase(running.begin() + static_cast<std::ptrdiff_t>(n)); }

  static bool meets(const jobs::job_limit& of, std::string_view tenant, const job& what) {
    switch (of.scope) {
      case jobs::limit_scope::tenant:
        return of.key == tenant;
      case jobs::limit_scope::workflow:
        return of.key == what.workflow;
      case jobs::limit_scope::provider:
        return of.key == what.provider;
      case jobs::limit_scope::account:
        return of.key == what.account;
    }
    return false;
  }

  std::map<std::string, std::set<job, earlier>> waiting;
  std::vector<running_job> running;
  std::vector<std::pair<std::int64_t, running_job>> started;
  std::string wrong;  // the first promise that was not kept; empty: all were

 private:
  std::string_view name(const std::string& text) { return *names_.insert(text).first; }
  void fail(const std::string& what) {
    if (wrong.empty()) wrong = what;
  }
  bool is_full(const jobs::claim_run& run, std::string_view tenant, const job& what) const {
    for (std::size_t n = 0; n < limits.size(); ++n)
      if (run.room(n) <= 0 && meets(limits[n], tenant, what)) return true;
    return false;
  }

  jobs::tenant_rows rows(const std::string& tenant, const std::optional<job>& after,
                         std::optional<std::size_t> at, std::int32_t most, const jobs::claim_run* filter) {
    jobs::tenant_rows made;
    made.tenant = tenant;
    const auto of = waiting.find(tenant);
    if (of == waiting.end()) return made;
    for (auto one = after ? of->second.upper_bound(*after) : of->second.begin(); one != of->second.end();
         ++one) {
      if (one->run_at > now) continue;
      if (at && !meets(limits[*at], tenant, *one)) continue;
      if (filter != nullptr && is_full(*filter, tenant, *one)) {
        for (std::size_t n = 0; n < limits.size(); ++n)
          if (filter->room(n) <= 0 && meets(limits[n], tenant, *one) &&
              std::find(made.left_out.begin(), made.left_out.end(), n) == made.left_out.end())
            made.left_out.push_back(n);
        continue;
      }
      if (static_cast<std::int32_t>(made.rows.size()) == most) {
        made.has_more = true;
        break;
      }
      made.rows.push_back(*one);
    }
    return made;
  }

  std::int32_t weight_of(const std::string& tenant) const {
    for (const jobs::job_limit& of : limits)
      if (of.scope == jobs::limit_scope::tenant && of.key == tenant) return of.weight;
    return 1;
  }

  jobs::claim_answers answer(const jobs::claim_plan& plan, const jobs::claim_run& run) {
    const jobs::claim_run* filter = leaves_out ? &run : nullptr;
    jobs::claim_answers made;
    for (const jobs::rows_request& of : plan.owed)
      made.owed.push_back(rows(of.tenant, of.after, of.limit, of.rows, nullptr));
    for (const jobs::rows_request& of : plan.more)
      made.more.push_back(rows(of.tenant, of.after, of.limit, of.rows, filter));
    if (!plan.walk) return made;
    for (const jobs::tenant_range& range : plan.walk->ranges)
      for (const auto& [tenant, all] : waiting) {
        if (range.from && (range.with_from ? tenant < *range.from : tenant <= *range.from)) continue;
        if (range.to && (range.with_to ? tenant > *range.to : tenant >= *range.to)) continue;
        if (static_cast<std::int32_t>(made.walked.size()) == plan.walk->tenants) return made;
        const std::int64_t share = std::int64_t{weight_of(tenant)} * plan.walk->rows;
        made.walked.push_back(rows(tenant, std::nullopt, std::nullopt,
                                   static_cast<std::int32_t>(std::min<std::int64_t>(share, plan.walk->most)),
                                   filter));
      }
    return made;
  }

  void judge(const jobs::claim_run& run, const std::vector<jobs::limit_use>& before, std::int32_t max_jobs) {
    std::set<uuid_bytes> ids;
    std::vector<std::int64_t> more(limits.size(), 0);
    if (static_cast<std::int64_t>(run.claimed().size()) > max_jobs) fail("more jobs than asked");
    for (const jobs::claimed_job& one : run.claimed()) {
      if (!ids.insert(one.job.id).second) fail("a job twice");
      const auto of = waiting.find(one.tenant);
      if (of == waiting.end() || !of->second.contains(one.job)) fail("a job that does not wait");
      if (one.job.run_at > now) fail("a job before its time");
      for (std::size_t n = 0; n < limits.size(); ++n)
        more[n] += meets(limits[n], one.tenant, one.job) ? 1 : 0;
    }
    for (std::size_t n = 0; n < limits.size(); ++n)
      if (more[n] > jobs::room_in(before[n])) fail("beyond the limit of " + limits[n].key);
    const bool is_whole = rounds < most_rounds;
    const bool has_slots = static_cast<std::int64_t>(run.claimed().size()) < max_jobs;
    std::map<std::string, job> last;  // of a tenant's turns
    for (const jobs::claimed_job& one : run.claimed())
      if (!one.was_owed) last.insert_or_assign(one.tenant, one.job);
    for (const auto& [tenant, all] : waiting) {
      const auto its_last = last.find(tenant);
      for (const job& one : all) {
        if (one.run_at > now || ids.contains(one.id) || is_full(run, tenant, one)) continue;
        if (is_whole && has_slots) fail("a slot stays free while a job may run");
        if (its_last != last.end() && jobs::goes_before(one, its_last->second))
          fail("a later job of a tenant before an earlier one");
        break;  // those behind it come later still
      }
    }
  }

  std::set<std::string> names_;
  std::uint64_t next_id_ = 1;
};

// A queue at random: tenants, limits and jobs, few of each, so that they meet.
inline void fill(job_queue& queue, random_source& dice, std::size_t tenants, std::size_t count) {
  const std::string workflows[] = {"w", "x", "y"}, providers[] = {"", "p"}, accounts[] = {"", "", "a"};
  const auto maybe = [&](std::uint32_t percent, std::uint32_t below) -> std::optional<std::int64_t> {
    if (!dice.chance(percent)) return std::nullopt;
    return dice.below(below);
  };
  for (const char* key : {"x", "y"})
    if (dice.chance(60))
      queue.limit(jobs::limit_scope::workflow, key, maybe(70, 4), maybe(30, 6), 1, dice.chance(10));
  if (dice.chance(40))
    queue.limit(jobs::limit_scope::provider, "p", maybe(70, 4), maybe(30, 6), 1, dice.chance(10));
  if (dice.chance(40)) queue.limit(jobs::limit_scope::account, "a", maybe(70, 4));
  for (std::size_t n = 0; n < tenants; ++n)
    if (dice.chance(30))
      queue.limit(jobs::limit_scope::tenant, "t" + std::to_string(n), maybe(50, 4), maybe(20, 6),
                  1 + static_cast<std::int32_t>(dice.below(4)), dice.chance(10));
  for (std::size_t n = 0; n < count; ++n)
    queue.add("t" + std::to_string(dice.below(tenants)), dice.pick(workflows),
              static_cast<std::int32_t>(dice.below(3)),
              queue.now + jobs::second * (static_cast<std::int64_t>(dice.below(20)) - 15),
              dice.pick(providers), dice.pick(accounts));
}

}  // namespace llm_admin::test
