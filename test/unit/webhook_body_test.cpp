#include "core/webhooks/event_body.hpp"

#include <gtest/gtest.h>

#include <string>

#include "core/json/canonical.hpp"
#include "core/json/parse.hpp"

namespace llm_admin::webhooks {
namespace {

constexpr std::int64_t at = 825'503'730'120'000;  // 2026-02-27T10:35:30.12Z

const uuid_bytes job_id = *read_uuid("8c1f3a52-6e0b-4d7c-9a55-0f1e2d3c4b5a");
const uuid_bytes user_id = *read_uuid("00000000-0000-4000-8000-000000000001");

class parsed {
 public:
  explicit parsed(std::string_view text) : value_(json::view(json::parse(text, tree_))) {}
  json::node operator*() const { return value_; }

 private:
  json::tree tree_;
  json::node value_;
};

finished_job a_job() {
  finished_job job;
  job.job_id = job_id;
  job.workflow_name = "summarise";
  job.status = "completed";
  return job;
}

TEST(WebhookBody, OfACompletedJob) {
  const parsed result(R"({"z": 1.50, "a": [true, null, {"y": "\u00fc\"", "x": 1e2}]})");
  finished_job job = a_job();
  job.external_task_id = "task-1";
  job.tenant_id = "acme";
  job.user_id = user_id;
  job.username = "ann";
  job.action = "run";
  job.priority = 7;
  job.retry_count = 2;
  job.queued_at = at - 3'000'000;
  job.started_at = at - 2'000'000;
  job.completed_at = at;
  job.duration_ms = 2000;
  job.result_data = *result;
  EXPECT_EQ(
      completed_body(job, at),
      "{\"data\":{\"action\":\"run\",\"completed_at\":\"2026-02-27T10:35:30.120Z\",\"duration_ms\":2000,"
      "\"external_task_id\":\"task-1\",\"job_id\":\"8c1f3a52-6e0b-4d7c-9a55-0f1e2d3c4b5a\",\"priority\":7,"
      "\"queued_at\":\"2026-02-27T10:35:27.120Z\","
      "\"result_data\":{\"a\":[true,null,{\"x\":100,\"y\":\"\xC3\xBC\\\"\"}],\"z\":1.50},\"retry_count\":2,"
      "\"started_at\":\"2026-02-27T10:35:28.120Z\",\"status\":\"completed\",\"tenant_id\":\"acme\","
      "\"user_id\":\"00000000-0000-4000-8000-000000000001\",\"username\":\"ann\",\"workflow_name\":"
      "\"summarise\"},"
      "\"timestamp\":\"2026-02-27T10:35:30.120Z\",\"type\":\"workflow.completed\"}");
}

TEST(WebhookBody, OfAFailedJobWithoutAnything) {
  finished_job job = a_job();
  job.status = "failed";
  EXPECT_EQ(
      failed_body(job, at),
      "{\"data\":{\"action\":null,\"completed_at\":null,\"duration_ms\":null,\"error\":null,"
      "\"error_message\":null,\"external_task_id\":null,\"job_id\":\"8c1f3a52-6e0b-4d7c-9a55-0f1e2d3c4b5a\","
      "\"priority\":0,\"queued_at\":null,\"retry_count\":0,\"started_at\":null,\"status\":\"failed\","
      "\"tenant_id\":null,\"user_id\":null,\"username\":null,\"workflow_name\":\"summarise\"},"
      "\"timestamp\":\"2026-02-27T10:35:30.120Z\",\"type\":\"workflow.failed\"}");
}

TEST(WebhookBody, OfAFailedJobWithItsError) {
  const parsed error(R"({"type": "T", "category": "EXTERNAL", "retryable": false})");
  finished_job job = a_job();
  job.error = *error;
  job.error_message = "line\nbreak \x01";
  const parsed body(failed_body(job, at));
  EXPECT_EQ(json::sorted_text((*body).member("data").member("error")),
            R"({"category":"EXTERNAL","retryable":false,"type":"T"})");
  EXPECT_EQ((*body).member("data").member("error_message").text(), "line\nbreak \x01");
  EXPECT_TRUE((*body).member("data").member("result_data").type == json::kind::absent);
}

TEST(WebhookBody, OfAStep) {
  const parsed output("[1, 2]");
  finished_step step;
  step.job_id = job_id;
  step.workflow_name = "summarise";
  step.step = "fetch";
  step.attempts = 3;
  step.output = *output;
  step.completed_at = at;
  EXPECT_EQ(step_body(step, at),
            "{\"data\":{\"attempts\":3,\"completed_at\":\"2026-02-27T10:35:30.120Z\",\"duration_ms\":null,"
            "\"external_task_id\":null,\"job_id\":\"8c1f3a52-6e0b-4d7c-9a55-0f1e2d3c4b5a\",\"output\":[1,2],"
            "\"started_at\":null,\"step\":\"fetch\",\"tenant_id\":null,\"user_id\":null,\"workflow_name\":"
            "\"summarise\"},"
            "\"timestamp\":\"2026-02-27T10:35:30.120Z\",\"type\":\"llm.step.completed\"}");
}

TEST(WebhookBody, OfALimit) {
  const parsed event(R"({"share": 0.80, "limit": "x"})");
  EXPECT_EQ(
      alert_body(*event, at),
      R"({"data":{"limit":"x","share":0.80},"timestamp":"2026-02-27T10:35:30.120Z","type":"limit.alert"})");
}

TEST(WebhookBody, NamesInBytewiseOrderAtEveryDepth) {
  const parsed value(
      "{\"b\": 1, \"a\": 2, \"\": 3, \"B\": 4, \"\xC3\xBC\": {\"2\": 0, \"10\": 0}, \"aa\": 5}");
  EXPECT_EQ(json::sorted_text(*value),
            "{\"\":3,\"B\":4,\"a\":2,\"aa\":5,\"b\":1,\"\xC3\xBC\":{\"10\":0,\"2\":0}}");
}

TEST(WebhookBody, DeepValuesCostNoStack) {
  std::string deep;
  for (int n = 0; n < 200'000; ++n) deep += '[';
  deep.append(200'000, ']');
  json::tree tree;
  const json::node value = json::view(json::parse(deep, tree, 300'000));
  EXPECT_EQ(json::sorted_text(value), deep);
}

TEST(WebhookBody, Types) {
  for (const auto type : {event_type::workflow_completed, event_type::workflow_failed,
                          event_type::llm_step_completed, event_type::limit_alert}) {
    EXPECT_EQ(read_type(type_name(type)), type);
    for (const char c : type_name(type)) EXPECT_TRUE((c >= 'a' && c <= 'z') || c == '.' || c == '_') << c;
  }
  EXPECT_EQ(type_name(event_type::limit_alert), "limit.alert");
  EXPECT_EQ(read_type("workflow.started"), std::nullopt);
}

}  // namespace
}  // namespace llm_admin::webhooks
