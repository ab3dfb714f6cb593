#include "core/webhooks/event_body.hpp"

#include <array>
#include <cstddef>

#include "core/json/canonical.hpp"
#include "core/json/tree.hpp"
#include "core/time_text.hpp"

namespace llm_admin::webhooks {

namespace {

constexpr std::array<std::string_view, 4> types = {"workflow.completed", "workflow.failed",
                                                   "llm.step.completed", "limit.alert"};
static_assert(types.size() == static_cast<std::size_t>(event_type::limit_alert) + 1);

// The object `data` and the body around it. What is put in must outlive it.
class body_writer {
 public:
  body_writer& text(std::string_view name, std::optional<std::string_view> value) {
    return put(name, value ? tree_.string(*value) : tree_.null());
  }
  body_writer& id(std::string_view name, const std::optional<uuid_bytes>& value) {
    return put(name, value ? tree_.string(tree_.keep(uuid_string(*value))) : tree_.null());
  }
  body_writer& number(std::string_view name, std::optional<std::int64_t> value) {
    return put(name, value ? tree_.integer(*value) : tree_.null());
  }
  body_writer& time(std::string_view name, std::optional<std::int64_t> at) {
    return put(name, at ? tree_.string(tree_.keep(iso_utc(*at))) : tree_.null());
  }
  body_writer& json(std::string_view name, const json::node& value) {
    return put(name, value.is_absent() ? tree_.null() : tree_.borrow(value));
  }
  body_writer& job(const job_facts& of) {
    return id("job_id", of.job_id)
        .text("external_task_id", of.external_task_id)
        .text("workflow_name", of.workflow_name)
        .text("tenant_id", of.tenant_id)
        .id("user_id", of.user_id);
  }
  std::string body(event_type type, std::int64_t at) { return body(type, at, data_); }
  std::string body(event_type type, std::int64_t at, const json::node& data) {
    return body(type, at, tree_.borrow(data));
  }

 private:
  body_writer& put(std::string_view name, json::item* value) {
    tree_.append(data_, name, value);
    return *this;
  }
  std::string body(event_type type, std::int64_t at, json::item* data) {
    json::item* whole = tree_.object();
    tree_.append(whole, "type", tree_.string(type_name(type)));
    tree_.append(whole, "timestamp", tree_.string(tree_.keep(iso_utc(at))));
    tree_.append(whole, "data", data);
    return json::sorted_text(json::view(whole));
  }

  json::tree tree_;
  json::item* data_ = tree_.object();
};

body_writer written(const finished_job& job) {
  body_writer out;
  out.job(job).text("username", job.username).text("action", job.action).text("status", job.status);
  out.number("priority", job.priority).number("retry_count", job.retry_count);
  out.time("queued_at", job.queued_at)
      .time("started_at", job.started_at)
      .time("completed_at", job.completed_at);
  out.number("duration_ms", job.duration_ms);
  return out;
}

}  // namespace

std::string_view type_name(event_type type) noexcept { return types[static_cast<std::size_t>(type)]; }

std::optional<event_type> read_type(std::string_view name) noexcept {
  for (std::size_t n = 0; n < types.size(); ++n)
    if (types[n] == name) return static_cast<event_type>(n);
  return std::nullopt;
}

std::string completed_body(const finished_job& job, std::int64_t at) {
  return written(job).json("result_data", job.result_data).body(event_type::workflow_completed, at);
}

std::string failed_body(const finished_job& job, std::int64_t at) {
  return written(job)
      .json("error", job.error)
      .text("error_message", job.error_message)
      .body(event_type::workflow_failed, at);
}

std::string step_body(const finished_step& step, std::int64_t at) {
  body_writer out;
  out.job(step).text("step", step.step).number("attempts", step.attempts).json("output", step.output);
  out.time("started_at", step.started_at).time("completed_at", step.completed_at);
  return out.number("duration_ms", step.duration_ms).body(event_type::llm_step_completed, at);
}

std::string alert_body(const json::node& limit_event, std::int64_t at) {
  return body_writer().body(event_type::limit_alert, at, limit_event);
}

}  // namespace llm_admin::webhooks
