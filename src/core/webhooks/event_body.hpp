// What a webhook's body says: made once when the event happens, compact, members in the order of their names, so that
// every attempt sends and signs the same bytes.
//
//   {"data": {...}, "timestamp": "2026-02-19T08:15:30.120Z", "type": "workflow.completed"}
//
// as Standard Webhooks 1.0.0 ("Payload structure") asks for: `timestamp` is when the event happened. The data of a job
// are the columns of llm_workflow_jobs under their names, `id` as job_id; what a type has is always there, null where
// there is nothing:
//
//   workflow.completed, workflow.failed  job_id, external_task_id, workflow_name, tenant_id, user_id, username, action,
//                       status, priority, retry_count, queued_at, started_at, completed_at, duration_ms, and then
//                       result_data, or error and error_message
//   llm.step.completed  job_id, external_task_id, workflow_name, tenant_id, user_id, step, attempts, output,
//                       started_at, completed_at, duration_ms
//   limit.alert         limits::event_json() (core/limits/alerts.hpp)
//
// Points in time are microseconds since 2000-01-01T00:00:00Z here and ISO 8601 in UTC there; numbers inside JSON keep
// their digits. The text is UTF-8 without U+0000, if the values are. Throws std::bad_alloc, and what a holder's
// number_text() throws.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/json/view.hpp"
#include "core/uuid.hpp"

namespace llm_admin::webhooks {

enum class event_type : std::uint8_t { workflow_completed, workflow_failed, llm_step_completed, limit_alert };
std::string_view type_name(event_type type) noexcept;  // "workflow.completed"
std::optional<event_type> read_type(std::string_view name) noexcept;

struct job_facts {
  uuid_bytes job_id{};
  std::optional<std::string_view> external_task_id;
  std::string_view workflow_name;
  std::optional<std::string_view> tenant_id;
  std::optional<uuid_bytes> user_id;
};
struct finished_job : job_facts {
  std::optional<std::string_view> username, action;
  std::string_view status;
  std::int64_t priority = 0, retry_count = 0;
  std::optional<std::int64_t> queued_at, started_at, completed_at, duration_ms;
  json::node result_data;  // of a completed job
  json::node error;        // of a failed one
  std::optional<std::string_view> error_message;
};
struct finished_step : job_facts {
  std::string_view step;
  std::int64_t attempts = 1;
  json::node output;
  std::optional<std::int64_t> started_at, completed_at, duration_ms;
};

std::string completed_body(const finished_job& job, std::int64_t at);
std::string failed_body(const finished_job& job, std::int64_t at);
std::string step_body(const finished_step& step, std::int64_t at);
std::string alert_body(const json::node& limit_event, std::int64_t at);

}  // namespace llm_admin::webhooks
