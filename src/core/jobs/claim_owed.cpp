// Turns that are owed (contract in core/jobs/claim.hpp).
#include <algorithm>
#include <utility>

#include "core/jobs/claim.hpp"

namespace llm_admin::jobs {

bool claim_run::is_patient(const owed_place& place) const noexcept {
  return later_by(place.turn.since, request_.patience) > request_.now;
}

// The first in the queue of each limit, as many as there are places.
void claim_run::plan_owed(claim_plan& plan) {
  std::vector<std::int64_t> places = room_;
  const auto most = static_cast<std::size_t>(slots_);
  for (std::size_t n = 0; n < owed_.size() && plan.owed.size() < most; ++n) {
    const owed_place& place = owed_[n];
    if (place.is_looked_at || places[place.limit] <= 0) continue;
    const std::size_t own = limit_of(limit_scope::tenant, place.turn.tenant);
    if (own != npos && request_.limits[own].of.paused) continue;
    if (places[place.limit] != unlimited) --places[place.limit];
    plan.owed.push_back({place.turn.tenant, std::nullopt, place.limit, owed_rows, n});
  }
  owed_is_over_ = plan.owed.empty();
}

void claim_run::serve_owed(owed_place& place, const tenant_rows& answer) {
  const waiting_job* first = nullptr;
  for (const waiting_job& job : answer.rows) {
    if (!is_takable(job)) continue;
    if (first == nullptr) first = &job;
    if (full_limit(limits_of(place.turn.tenant, job)) != npos) continue;
    take_job(place.turn.tenant, job, true);
    first = nullptr;
    break;
  }
  // It had its turn, or nothing of it waits there any more.
  if (first == nullptr) return give_up(place);
  const limit_list limits = limits_of(place.turn.tenant, *first);
  if (const std::size_t full = full_limit(limits); request_.limits[full].of.paused)
    move_to(place, full);
  else if (!is_patient(place))
    keep_places(limits);
}

void claim_run::give_up(owed_place& place) {
  place.is_gone = true;
  is_owed_.erase(place.turn.tenant + '\0' + std::to_string(place.limit));
}

// Who waits for the end of a pause is owed its turn there, and stands in nobody's way here.
void claim_run::move_to(owed_place& place, std::size_t paused) {
  give_up(place);
  paused_.emplace_back(place.turn.tenant, paused);
}

void claim_run::keep_places(const limit_list& of) {
  for (const std::size_t limit : of)
    if (limit != npos && room_[limit] > 0 && room_[limit] != unlimited) --room_[limit];
}

void claim_run::owe(std::string_view tenant, std::size_t limit) {
  if (limit >= room_.size() || request_.limits[limit].of.scope == limit_scope::tenant) return;
  std::string name(tenant);
  name.append(1, '\0').append(std::to_string(limit));
  if (is_owed_.size() >= most_owed || !is_owed_.insert(std::move(name)).second) return;
  const job_limit& of = request_.limits[limit].of;
  owed_.push_back({{std::string(tenant), of.scope, of.key, request_.now}, limit, true});
}

}  // namespace llm_admin::jobs
