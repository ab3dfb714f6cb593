// The tenants' turns (contract in core/jobs/claim.hpp).
#include <algorithm>
#include <utility>

#include "core/jobs/claim.hpp"

namespace llm_admin::jobs {

// The next job of a tenant that may run. Those that may not are left behind: a limit that is full stays so in this claim.
claim_run::outlook claim_run::next_of(queue& of, waiting_job& job) {
  while (of.at < of.rows.size()) {
    const waiting_job& one = of.rows[of.at];
    if (!is_takable(one)) {
      ++of.at;
      continue;
    }
    const std::size_t full = full_limit(limits_of(of.tenant, one));
    if (full == npos) {
      job = one;
      return outlook::job;
    }
    if (request_.limits[full].of.scope == limit_scope::tenant) return outlook::nothing;
    owe(of.tenant, full);
    ++of.at;
  }
  return of.has_more ? outlook::unknown : outlook::nothing;
}

void claim_run::end_turn(const queue& of) {
  memory_.tenant = of.tenant;
  memory_.left = 0;
  left_ = 0;
  ++at_;
}

// Goes on until the slots are used up, nobody is left, or somebody has to be looked up.
void claim_run::run_ring() {
  while (slots_ > 0) {
    if (at_ == ring_.size()) {
      if (!is_closed_) return;
      std::erase_if(ring_, [](const queue& one) { return one.is_done; });
      at_ = 0;
      if (ring_.empty()) {
        is_over_ = true;
        return;
      }
    }
    queue& here = ring_[at_];
    if (here.is_done) {
      end_turn(here);
      continue;
    }
    waiting_job job;
    const outlook what = next_of(here, job);
    if (what == outlook::unknown) return;
    if (what == outlook::nothing) {
      here.is_done = true;
      end_turn(here);
      continue;
    }
    if (left_ == 0) {
      // A turn that the last claim had no slots for goes on.
      const bool goes_on = first_left_ > 0 && start_ == here.tenant;
      left_ = goes_on ? std::min(first_left_, here.weight) : here.weight;
      first_left_ = goes_on ? 0 : first_left_;
    }
    ++here.at;
    take_job(here.tenant, job, false);
    memory_.tenant = here.tenant;
    memory_.left = --left_;
    if (left_ == 0) end_turn(here);
  }
}

// Twice as many with each walk, so that a ring of tenants who cannot run takes few of them.
walk_request claim_run::next_walk() const {
  walk_request made;
  const auto most = static_cast<std::int32_t>(slots_);
  made.tenants = static_cast<std::int32_t>(
      std::max<std::size_t>(static_cast<std::size_t>(slots_), std::min<std::size_t>(ring_.size(), 1U << 20)));
  made.most = most;
  // Where all fit into one claim, each one's share at once.
  if (!visited_ && memory_.tenants > 0) made.rows = (most - 1) / memory_.tenants + 1;
  if (!start_) {
    made.ranges.push_back({visited_, std::nullopt, false, false});
    return made;
  }
  const bool is_wrapped = visited_ && (start_is_first_ ? *visited_ < *start_ : *visited_ <= *start_);
  if (!is_wrapped)
    made.ranges.push_back({visited_ ? visited_ : start_, std::nullopt, !visited_ && start_is_first_, false});
  made.ranges.push_back(
      {is_wrapped ? visited_ : std::optional<std::string>(), start_, false, !start_is_first_});
  return made;
}

void claim_run::plan_more(claim_plan& plan) {
  std::int64_t weights = 0;
  for (const queue& one : ring_) weights += one.is_done ? 0 : one.weight;
  for (queue& one : ring_) {
    if (one.is_done || !one.has_more || one.at < one.rows.size()) continue;
    const std::int64_t share = (slots_ * one.weight + weights - 1) / std::max<std::int64_t>(weights, 1);
    // Deeper each time, for tenants whose first jobs may not run.
    const std::int64_t rows = std::max<std::int64_t>(share, std::min(one.asked, 1 << 20));
    one.asked = static_cast<std::int32_t>(std::min<std::int64_t>(std::int64_t{one.asked} * 2, 1 << 20));
    plan.more.push_back({one.tenant, one.last, std::nullopt,
                         static_cast<std::int32_t>(std::max<std::int64_t>(rows, 1)),
                         static_cast<std::size_t>(&one - ring_.data())});
  }
}

}  // namespace llm_admin::jobs
