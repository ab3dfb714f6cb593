#include "core/jobs/claim.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace llm_admin::jobs {

bool goes_before(const waiting_job& a, const waiting_job& b) noexcept {
  return std::tie(b.priority, a.run_at, a.id) < std::tie(a.priority, b.run_at, b.id);
}

claim_run::claim_run(const claim_request& request, turn_memory memory)
    : request_(request), memory_(std::move(memory)), slots_(std::max(request.max_jobs, 0)) {
  room_.reserve(request_.limits.size());
  for (std::size_t n = 0; n < request_.limits.size(); ++n) {
    const limit_use& use = request_.limits[n];
    by_key_[static_cast<std::size_t>(use.of.scope)].emplace(use.of.key, n);
    room_.push_back(room_in(use));
  }
  start_ = memory_.tenant;
  first_left_ = start_ ? std::max(memory_.left, 0) : 0;
  start_is_first_ = first_left_ > 0;
  for (owed_turn& turn : memory_.owed) {
    const std::size_t limit = limit_of(turn.scope, turn.key);
    if (limit == npos) continue;  // there is no such limit any more, and so nothing to be owed
    is_owed_.insert(turn.tenant + '\0' + std::to_string(limit));
    owed_.push_back({std::move(turn), limit});
  }
  memory_.owed.clear();
}

// ---- limits --------------------------------------------------------------------------------------------------

std::size_t claim_run::limit_of(limit_scope scope, std::string_view key) const {
  const auto& keys = by_key_[static_cast<std::size_t>(scope)];
  const auto found = keys.find(key);
  return found == keys.end() ? npos : found->second;
}

std::int32_t claim_run::weight_of(std::string_view tenant) const {
  const std::size_t limit = limit_of(limit_scope::tenant, tenant);
  return limit == npos ? 1 : std::max(request_.limits[limit].of.weight, 1);
}

claim_run::limit_list claim_run::limits_of(std::string_view tenant, const waiting_job& job) const {
  limit_list list;
  list.fill(npos);
  std::size_t count = 0;
  const auto add = [&](limit_scope scope, std::string_view key) {
    if (const std::size_t limit = limit_of(scope, key); limit != npos) list[count++] = limit;
  };
  add(limit_scope::tenant, tenant);
  if (!job.workflow.empty()) add(limit_scope::workflow, job.workflow);
  if (!job.provider.empty()) add(limit_scope::provider, job.provider);
  if (!job.account.empty()) add(limit_scope::account, job.account);
  return list;
}

// One without a place: the tenant's own, else a paused one, else the first; npos: the job may run.
std::size_t claim_run::full_limit(const limit_list& of) const noexcept {
  std::size_t full = npos;
  for (const std::size_t limit : of) {
    if (limit == npos || room_[limit] > 0) continue;
    const job_limit& its = request_.limits[limit].of;
    if (its.paused || its.scope == limit_scope::tenant) return limit;
    if (full == npos) full = limit;
  }
  return full;
}

bool claim_run::is_takable(const waiting_job& job) const {
  return job.run_at <= request_.now && !taken_.contains(job.id);
}

void claim_run::take_job(std::string_view tenant, const waiting_job& job, bool was_owed) {
  for (const std::size_t limit : limits_of(tenant, job))
    if (limit != npos && room_[limit] != unlimited) --room_[limit];
  taken_.insert(job.id);
  claimed_.push_back({std::string(tenant), job, was_owed});
  --slots_;
}

// ---- the conversation ----------------------------------------------------------------------------------------

claim_plan claim_run::plan() {
  claim_plan made;
  if (slots_ <= 0 || is_over_) return made;
  if (!owed_is_over_) plan_owed(made);
  if (ring_.empty() && !visited_ && !is_closed_) {  // at the first time both at once
    made.walk = next_walk();
    return made;
  }
  if (!owed_is_over_) return made;
  run_ring();
  if (slots_ <= 0 || is_over_) return made;
  if (at_ == ring_.size())
    made.walk = next_walk();
  else
    plan_more(made);
  return made;
}

void claim_run::take(const claim_plan& asked, claim_answers answers) {
  for (std::size_t n = 0; n < asked.owed.size(); ++n) {
    owed_place& place = owed_[asked.owed[n].place];
    place.is_looked_at = true;
    if (n < answers.owed.size() && slots_ > 0) serve_owed(place, answers.owed[n]);
  }
  for (const auto& [tenant, limit] : std::exchange(paused_, {})) owe(tenant, limit);
  for (std::size_t n = 0; n < asked.more.size(); ++n) {
    queue& of = ring_[asked.more[n].place];
    of.has_more = false;
    if (n >= answers.more.size()) continue;
    tenant_rows& answer = answers.more[n];
    for (const std::size_t limit : answer.left_out) owe(of.tenant, limit);
    of.rows = std::move(answer.rows);
    of.at = 0;
    of.has_more = answer.has_more && !of.rows.empty();
    if (!of.rows.empty()) of.last = of.rows.back();
  }
  if (asked.walk) take_walk(*asked.walk, answers.walked);
  if (owed_is_over_ && !is_over_) run_ring();
}

void claim_run::take_walk(const walk_request& asked, std::vector<tenant_rows>& walked) {
  is_closed_ = walked.size() < static_cast<std::size_t>(asked.tenants);
  for (tenant_rows& one : walked) {
    visited_ = one.tenant;
    queue made;
    made.weight = weight_of(one.tenant);
    made.tenant = std::move(one.tenant);
    made.rows = std::move(one.rows);
    made.has_more = one.has_more && !made.rows.empty();
    made.asked = std::max<std::int32_t>(1, static_cast<std::int32_t>(made.rows.size()));
    if (!made.rows.empty()) made.last = made.rows.back();
    ring_.push_back(std::move(made));
    for (const std::size_t limit : one.left_out) owe(ring_.back().tenant, limit);
  }
  memory_.tenants = is_closed_ ? static_cast<std::int32_t>(ring_.size()) : 0;
}

turn_memory claim_run::memory() const {
  turn_memory kept = memory_;
  for (const owed_place& place : owed_)
    if (!place.is_gone) kept.owed.push_back(place.turn);
  return kept;
}

}  // namespace llm_admin::jobs
