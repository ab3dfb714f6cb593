// What a row of llm_workflow_jobs must be, whoever writes it: a function or a plain statement.
//
// check_row() judges the new values, and the old ones where there are some, and says all that is wrong at once. What it can
// put right it says, too, and the row trigger does so: a job that is not processing has no lease, and what returns to
// pending gets a new run_at, or it would stand before the marks of the sessions that claim (core/jobs/marks.hpp). Whether
// the webhook's URL is one, and whether its secret opens, is asked by who calls, and given here as problems.
//
// A row that does not change in what is judged is not judged: what an older version let in can be completed. Values are
// never repeated in problems, but words of ours. Sizes are bytes, times microseconds of the server's epoch. Views only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/jobs/retry.hpp"
#include "core/jobs/status.hpp"

namespace llm_admin::jobs {

inline constexpr std::size_t longest_workflow_name = 255;
inline constexpr std::size_t longest_tenant_id = 255;  // characters
inline constexpr std::size_t longest_key = 255;        // characters, of idempotency_key and external_task_id
inline constexpr std::size_t longest_note = 1024;      // username, action, worker
inline constexpr std::int32_t least_priority = 0;
inline constexpr std::int32_t most_priority = 10;
inline constexpr std::int32_t default_priority = 5;

// "must be ..." of what is no name of a workflow ([A-Za-z0-9_.-]+), no tenant, no key; nothing for one.
std::optional<std::string> workflow_name_problem(std::string_view name);
std::optional<std::string> tenant_id_problem(std::string_view id);  // empty is no tenant, and one
std::optional<std::string> key_problem(std::string_view key);

// The columns, nothing for NULL.
struct job_row {
  std::optional<std::string_view> status, workflow_name, tenant_id, idempotency_key, external_task_id,
      username, action, worker, on_ambiguous, executor, waits_for_event;
  std::optional<std::int64_t> priority, max_retries, retry_count, waits_for;
  std::optional<std::int64_t> run_at, lease_token, lease_until;
  bool has_user = false, has_webhook_url = false, has_webhook_secret = false;
  std::size_t input_bytes = 0, result_bytes = 0;
};

struct gate_rules {
  std::size_t most_input = 16U << 20;             // llm_admin.max_job_input
  std::size_t most_result = 64U << 20;            // llm_admin.max_job_result
  bool require_user = false;                      // of the integrated mode
  std::span<const std::string> webhook_problems;  // of URL and secret, as whole phrases
  std::int64_t now = 0;
};

struct gate_verdict {
  std::optional<refused_move> refused;  // described by status.hpp
  std::vector<std::string> problems;    // "priority must be from 0 to 10"
  bool clears_lease = false;            // lease_token, lease_until and worker become NULL
  bool renews_run_at = false;           // run_at becomes `now`

  bool is_right() const noexcept { return !refused && problems.empty(); }
};

// `job`: its id as text, for messages. `old`: null for an INSERT.
gate_verdict check_row(std::string_view job, const job_row& now, const job_row* old, const gate_rules& rules);
// LA005 for a move that is not allowed, else 23514; whatever else is wrong stands in DETAIL.
gate_verdict require_row(std::string_view job, const job_row& now, const job_row* old,
                         const gate_rules& rules);

}  // namespace llm_admin::jobs
