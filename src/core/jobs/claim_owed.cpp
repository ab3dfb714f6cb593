// Turns that are owed (contract in core/jobs/claim.hpp).
#include <algorithm>
#include <utility>

#include "core/jobs/claim.hpp"

namespace llm_admin::jobs {

bool claim_run::is_patient(const owed_place& place) const noexcept {
  return place.turn.since > request_.now || request_.now - place.turn.since < request_.patience;
}

// The first in the queue of each limit, as many as there are places; of a full limit only the first of those that have
// waited long, for the places that it keeps elsewhere.
void claim_run::plan_owed(claim_plan& plan) {
  std::vector<std::int64_t> places = room_;
  std::vector<bool> has_first(room_.size(), false);
  const auto most = static_cast<std::size_t>(slots_);
  for (std::size_t n = 0; n < owed_.size(); ++n) {
    const owed_place& place = owed_[n];
    if (place.is_gone || place.is_stopped) continue;
    const std::size_t limit = place.limit;
    const bool is_first = !has_first[limit];
    has_first[limit] = true;
    if (place.is_looked_at) continue;
    const bool is_kept_out = request_.limits[limit].of.paused || request_.limits[limit].is_locked;
    if (places[limit] <= 0 && (!is_first || is_kept_out || is_patient(place))) continue;
    if (plan.owed.size() >= most && places[limit] > 0) return;  // who stands behind is asked next time
    if (places[limit] > 0 && places[limit] != unlimited) --places[limit];
    plan.owed.push_back({place.turn.tenant, std::nullopt, limit, owed_rows, n});
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
  if (first == nullptr) {
    place.is_gone = true;
    is_owed_.erase(place.turn.tenant + '\0' + std::to_string(place.limit));
    return;
  }
  if (!is_patient(place)) keep_places(place, limits_of(place.turn.tenant, *first));
}

void claim_run::keep_places(owed_place& place, const limit_list& of) {
  for (const std::size_t limit : of)
    place.is_stopped = place.is_stopped || (limit != npos && request_.limits[limit].of.paused);
  if (place.is_stopped) return;
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
