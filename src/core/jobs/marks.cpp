#include "core/jobs/marks.hpp"

#include <algorithm>

namespace llm_admin::jobs {

namespace {

// The least mark behind which every row of that time stands.
mark before_all_of(std::int64_t run_at) noexcept {
  mark made;
  made.run_at = later_by(run_at, -1);
  made.id.fill(0xFF);
  return made;
}

}  // namespace

void lane_marks::begin(std::int64_t now) {
  if (now < last_) {
    drop();
    next_sweep_ = now;
  }
  last_ = now;
}

claim_pass lane_marks::next(claim_pass last, std::size_t asked, std::size_t found,
                            std::int64_t now) const noexcept {
  // Without marks the first pass has looked at everything.
  if (found >= asked || lanes_.empty()) return claim_pass::done;
  if (last == claim_pass::behind) return claim_pass::reach_back;
  if (last == claim_pass::reach_back && now >= next_sweep_) return claim_pass::sweep;
  return claim_pass::done;
}

std::optional<mark> lane_marks::start_of(claim_pass pass, std::string_view tenant,
                                         std::int32_t priority) const {
  if (pass == claim_pass::sweep) return std::nullopt;
  const auto found = lanes_.find(lane_order::view{tenant, priority});
  if (found == lanes_.end()) return std::nullopt;
  if (pass == claim_pass::reach_back) return before_all_of(later_by(found->second.run_at, -reach));
  return found->second;
}

void lane_marks::claimed(std::string_view tenant, std::int32_t priority, const mark& at) {
  const auto found = lanes_.find(lane_order::view{tenant, priority});
  if (found != lanes_.end()) {
    if (found->second < at) found->second = at;
    return;
  }
  if (lanes_.size() >= most_lanes) drop();
  lanes_.emplace(std::pair(std::string(tenant), priority), at);
}

void lane_marks::swept(std::int64_t began, std::int64_t ended) {
  const bool is_far = began < 0 && ended > never + began;
  const std::int64_t cost = std::clamp<std::int64_t>(is_far           ? never
                                                     : ended <= began ? 0
                                                                      : ended - began,
                                                     0, never / sweep_share);
  next_sweep_ = later_by(ended, std::max(least_between_sweeps, sweep_share * cost));
}

void lane_marks::drop() noexcept { lanes_.clear(); }

}  // namespace llm_admin::jobs
