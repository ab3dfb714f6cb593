// Rows of job_limits: how many jobs of a tenant, workflow, provider or account run, start and wait at a time.
//
// A row is of one scope and one key. max_running counts jobs that are leased, max_per_minute claims of the last 60
// seconds, max_pending jobs that wait (asked at the submission, by tenant and workflow); nothing: unlimited, 0: none.
// weight is a tenant's share of the turns. paused: nothing is claimed, whatever the numbers are.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"

namespace llm_admin::jobs {

enum class limit_scope : std::uint8_t { tenant, workflow, provider, account };
inline constexpr std::size_t limit_scopes = 4;
inline constexpr std::int64_t most_of_limit = 1'000'000'000;
inline constexpr std::int64_t most_weight = 1000;
inline constexpr std::size_t longest_limit_key = 1024;  // bytes

std::string_view name_of(limit_scope of) noexcept;
std::optional<limit_scope> limit_scope_named(std::string_view name) noexcept;

struct job_limit {
  limit_scope scope = limit_scope::tenant;
  std::string key;
  std::optional<std::int64_t> max_running, max_per_minute, max_pending;
  std::int32_t weight = 1;
  bool paused = false;
};

// The values of a row; nothing: NULL.
struct limit_row {
  std::optional<std::string_view> scope, key;
  std::optional<std::int64_t> max_running, max_per_minute, max_pending, weight;
  std::optional<bool> paused;
};
// What is wrong with a row, all of it; nothing is returned where there are problems. A weight is of tenants alone.
std::optional<job_limit> read_limit(const limit_row& row, std::vector<std::string>& problems);
job_limit require_limit(const limit_row& row);  // 23514 with the problems

// A limit and what counts against it at a time.
struct limit_use {
  job_limit of;
  std::int64_t running = 0;
  std::int64_t started = 0;  // within the last minute
  bool is_locked = false;    // another claim decides about it now
};
inline constexpr std::int64_t unlimited = INT64_MAX;
// How many jobs may start under it now; never below 0.
std::int64_t room_in(const limit_use& use) noexcept;

// A submission of `more` jobs where `pending` wait already; LA010 where that is more than max_pending.
void require_room_to_wait(const job_limit& of, std::int64_t pending, std::int64_t more);

}  // namespace llm_admin::jobs
