#include "core/jobs/lease.hpp"

#include <algorithm>
#include <string>

namespace llm_admin::jobs {

std::int64_t later_by(std::int64_t at, std::int64_t by) noexcept {
  if (by > 0) return at > INT64_MAX - by ? INT64_MAX : at + by;
  return at < INT64_MIN - by ? INT64_MIN : at + by;
}

bool holds(const held_lease& job, std::int64_t token) noexcept {
  return job.in == status::processing && job.token == token;
}

bool has_run_out(const held_lease& job, std::int64_t now) noexcept {
  return job.in == status::processing && job.token && now >= job.until;
}

error lease_lost(std::string_view job, const held_lease& stored) {
  std::string detail = "job " + std::string(job) + " is " + std::string(name_of(stored.in));
  if (stored.in == status::processing) detail += stored.token ? ", leased by another token" : ", not leased";
  return {sqlstate::move_not_allowed, "the lease of the job is lost", std::move(detail),
          "drop this attempt's result, and claim by llm_admin.claim_jobs(); what it used is recorded by "
          "llm_admin.complete_jobs() all the same"};
}

std::int64_t lease_end(std::int64_t now, std::int32_t seconds) noexcept {
  return later_by(now, std::clamp(seconds, least_lease_seconds, most_lease_seconds) * second);
}

std::int64_t extended(std::int64_t until, std::int64_t now, std::int32_t seconds) noexcept {
  return std::max(until, lease_end(now, seconds));
}

std::int32_t extend_by(std::int32_t seconds) noexcept { return std::max(1, seconds / 2); }

bool writes_progress(std::optional<std::int64_t> last_write, std::int64_t until, std::int64_t now,
                     std::int32_t seconds) noexcept {
  if (!last_write || now < *last_write) return true;  // or the clock has stepped back
  if (later_by(*last_write, least_between_progress) <= now) return true;
  return later_by(now, seconds * second / 3) >= until;
}

}  // namespace llm_admin::jobs
