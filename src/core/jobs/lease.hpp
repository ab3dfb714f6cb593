// Leases: who works on a job, until when, and what of it is lost when the lease is.
//
// A lease is held by its token alone: tokens rise from a sequence, so a later holder has another one, and a lease that
// has run out but was not taken over still completes. Times are microseconds of the server's epoch, by
// clock_timestamp(). Throws what is said; else nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/error.hpp"
#include "core/jobs/status.hpp"

namespace llm_admin::jobs {

inline constexpr std::int64_t second = 1'000'000;  // in microseconds
inline constexpr std::int64_t never = INT64_MAX;   // the server's infinity
inline constexpr std::int32_t least_lease_seconds = 1;
inline constexpr std::int32_t most_lease_seconds = 24 * 3600;
inline constexpr std::int64_t least_between_progress = second;  // writes of one job's progress

// a + b, within the range of both.
std::int64_t later_by(std::int64_t at, std::int64_t by) noexcept;

struct held_lease {
  status in = status::pending;
  std::optional<std::int64_t> token;  // nothing: nobody works on it
  std::int64_t until = 0;
};

bool holds(const held_lease& job, std::int64_t token) noexcept;
// True from the moment `until` on; a job that is not processing or was never leased has none to run out.
bool has_run_out(const held_lease& job, std::int64_t now) noexcept;
// What a worker with a lost lease is told, LA005: the job is another's, pending again, or at its end.
error lease_lost(std::string_view job, const held_lease& stored);

std::int64_t lease_end(std::int64_t now, std::int32_t seconds) noexcept;
// An extension never takes time away.
std::int64_t extended(std::int64_t until, std::int64_t now, std::int32_t seconds) noexcept;
// By when, in seconds after a claim, the holder is to have extended: at half, so that one extension may fail.
std::int32_t extend_by(std::int32_t seconds) noexcept;
// report_progress writes at most once a second; the lease's last third is written whatever was written before.
bool writes_progress(std::optional<std::int64_t> last_write, std::int64_t until, std::int64_t now,
                     std::int32_t seconds) noexcept;

}  // namespace llm_admin::jobs
