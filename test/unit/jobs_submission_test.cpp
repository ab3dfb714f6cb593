#include "core/jobs/submission.hpp"

#include <gtest/gtest.h>

#include <string>

#include "core/error.hpp"
#include "core/jobs/fingerprint.hpp"
#include "unit/json_text.hpp"

namespace llm_admin::jobs {
namespace {

std::string said_of_batch(const std::string& json, const submission_bounds& bounds = {}) {
  const test::document given(json);
  memory_bound bound(1 << 20);
  try {
    const auto read = read_submissions(given, bounds, bound);
    return "taken " + std::to_string(read.size());
  } catch (const error& e) {
    EXPECT_STREQ(e.sqlstate(), "22023");
    EXPECT_EQ(bound.held(), 0u);
    return e.message() + " | " + e.detail();
  }
}

TEST(JobsSubmission, ReadsAnElementWhole) {
  const test::document given(R"([{"workflow_name": "report", "input_data": {"a": [1]}, "tenant_id": "acme",
      "user_id": "8c1f3a52-6e0b-4d7c-9a55-0f1e2d3c4b5a", "priority": 9, "run_at": "2026-01-01 10:00+00",
      "max_retries": 0, "webhook_url": "https://h.example/x?y=1", "webhook_secret": "12345678",
      "idempotency_key": "k", "external_task_id": "t", "debug_mode": true, "username": "ann", "action": "send",
      "deadline": "tomorrow", "on_ambiguous": "fail", "executor": "worker"}, {"workflow_name": "b", "priority": null}])");
  memory_bound bound(1 << 20);
  const auto read = read_submissions(given, {}, bound);
  ASSERT_EQ(read.size(), 2u);
  const submission& all = read[0];
  EXPECT_EQ(all.workflow_name, "report");
  EXPECT_EQ(test::text_of(all.input_data), R"({"a":[1]})");
  EXPECT_EQ(all.tenant_id, "acme");
  EXPECT_EQ(uuid_string(*all.user_id), "8c1f3a52-6e0b-4d7c-9a55-0f1e2d3c4b5a");
  EXPECT_EQ(all.priority, 9);
  EXPECT_EQ(all.max_retries, 0);
  EXPECT_EQ(all.run_at_text, "2026-01-01 10:00+00");
  EXPECT_EQ(all.deadline_text, "tomorrow");
  EXPECT_EQ(all.webhook_url, "https://h.example/x?y=1");
  EXPECT_EQ(all.webhook_secret, "12345678");
  EXPECT_EQ(all.idempotency_key, "k");
  EXPECT_EQ(all.external_task_id, "t");
  EXPECT_EQ(all.username, "ann");
  EXPECT_EQ(all.action, "send");
  EXPECT_TRUE(all.debug_mode);
  EXPECT_EQ(all.on_ambiguous, on_ambiguous::fail);
  EXPECT_EQ(all.executor, "worker");
  const submission& least = read[1];
  EXPECT_EQ(least.priority, default_priority);
  EXPECT_EQ(least.max_retries, 3);
  EXPECT_EQ(least.tenant_id, "");
  EXPECT_FALSE(least.input_data);
  EXPECT_FALSE(least.webhook_url || least.idempotency_key || least.run_at_text || least.user_id);
  EXPECT_EQ(least.on_ambiguous, on_ambiguous::retry);
  EXPECT_EQ(least.executor, "client");
}

TEST(JobsSubmission, TellsAllOfABatchAtOnceAndNoValue) {
  EXPECT_EQ(
      said_of_batch(R"([{"workflow_name": "a"}, {"workflow_name": "a b", "priority": 11, "prioritty": 1},
                             7, {}, {"workflow_name": 1, "user_id": "x", "input_data": {},
                             "webhook_secret": "short"}])"),
      "4 of 5 jobs are invalid; none was submitted | "
      "jobs[1]: unknown member prioritty\n"
      "jobs[1]: priority must be a whole number from 0 to 10\n"
      "jobs[1]: workflow_name must hold letters, digits, _, - and . alone\n"
      "jobs[2]: must be a JSON object\n"
      "jobs[3]: workflow_name must be given\n"
      "jobs[4]: workflow_name must be a text\n"
      "jobs[4]: user_id must be a uuid\n"
      "jobs[4]: webhook_secret must have 8 to 255 characters\n"
      "jobs[4]: webhook_secret must not be given without webhook_url");
  EXPECT_EQ(said_of_batch("[]"), "taken 0");
  EXPECT_EQ(said_of_batch("{}"), "argument jobs must be an array of jobs | ");
  EXPECT_EQ(said_of_batch("null"), "argument jobs must be an array of jobs | ");
  EXPECT_EQ(said_of_batch(R"([{"workflow_name": ""}])"),
            "1 of 1 job is invalid; none was submitted | jobs[0]: workflow_name must not be empty");
  EXPECT_EQ(
      said_of_batch(R"([{"workflow_name": "a", "tenant_id": "b\u0001", "idempotency_key": "", "run_at": "",
                               "executor": "x", "on_ambiguous": "y", "external_task_id": "", "username": "\u0002"}])"),
      "1 of 1 job is invalid; none was submitted | "
      "jobs[0]: run_at must not be empty\n"
      "jobs[0]: on_ambiguous must be one of retry, fail\n"
      "jobs[0]: executor must be one of client, worker\n"
      "jobs[0]: tenant_id must not hold control characters\n"
      "jobs[0]: idempotency_key must not be empty\n"
      "jobs[0]: external_task_id must not be empty\n"
      "jobs[0]: username must not hold control characters");
}

TEST(JobsSubmission, ListsTheFirstHundredProblems) {
  std::string many = "[";
  for (int n = 0; n < 150; ++n) many.append(n == 0 ? "{}" : ", {}");
  const std::string said = said_of_batch(many + "]");
  EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 100);
  EXPECT_TRUE(said.starts_with("150 of 150 jobs are invalid"));
  EXPECT_TRUE(said.ends_with("there are more problems; the first 100 are listed"));
}

TEST(JobsSubmission, HoldsTheBounds) {
  submission_bounds bounds;
  bounds.most_input = 20;
  bounds.most_jobs = 2;
  EXPECT_EQ(said_of_batch(R"([{"workflow_name": "a", "input_data": "123456789012345678"}])", bounds),
            "taken 1");
  EXPECT_EQ(said_of_batch(R"([{"workflow_name": "a", "input_data": "1234567890123456789"}])", bounds),
            "1 of 1 job is invalid; none was submitted | jobs[0]: input_data must have at most 20 bytes");
  EXPECT_EQ(said_of_batch("[1, 2, 3]", bounds),
            "too many jobs are submitted at once | there are 3, and 2 are taken at most");
  const std::string deep = std::string(257, '[') + std::string(257, ']');
  EXPECT_EQ(said_of_batch(R"([{"workflow_name": "a", "input_data": )" + deep + "}]"),
            "1 of 1 job is invalid; none was submitted | jobs[0]: input_data must nest at most 256 deep");
}

TEST(JobsSubmission, RefusesTwoJobsOfOneTask) {
  const std::string two = R"([{"workflow_name": "a", "external_task_id": "t", "idempotency_key": "k"},
                              {"workflow_name": "a", "external_task_id": "t")";
  EXPECT_EQ(said_of_batch(two + R"(, "idempotency_key": "k"}])"), "taken 2");
  for (const char* other :
       {R"(, "idempotency_key": "l"}])", "}]", R"(, "idempotency_key": "k", "tenant_id": "b"}])"})
    EXPECT_EQ(
        said_of_batch(two + other),
        "1 of 2 jobs are invalid; none was submitted | jobs[1]: external_task_id is that of jobs[0], too");
}

TEST(JobsSubmission, TheArgumentsAreJudgedTheSame) {
  submission given;
  given.workflow_name = "a";
  given.run_at = 10;
  given.deadline = 10;
  given.webhook_url = "https://h";
  given.webhook_secret = "12345678";
  submission_bounds bounds;
  bounds.judge_url = [](std::string_view url) {
    return std::vector<std::string>(url == "https://h" ? 0 : 1, "must not name a loopback address");
  };
  EXPECT_TRUE(problems_of(given, bounds).empty());
  EXPECT_NO_THROW(require_submission(given, bounds));
  given.workflow_name = "";
  given.priority = -1;
  given.max_retries = 1001;
  given.deadline = 9;
  given.webhook_url = "http://127.0.0.1";
  given.webhook_secret = std::string_view(
      "1234\0"
      "678",
      8);
  given.executor = "x";
  try {
    require_submission(given, bounds);
    FAIL();
  } catch (const error& e) {
    EXPECT_STREQ(e.sqlstate(), "22023");
    EXPECT_EQ(e.message(), "argument workflow_name must not be empty");
    EXPECT_EQ(e.detail(),
              "argument priority must be from 0 to 10\nargument max_retries must be from 0 to 1000\n"
              "argument executor must be one of client, worker\nargument deadline must not be before run_at\n"
              "argument webhook_url must not name a loopback address\n"
              "argument webhook_secret must not hold control characters");
  }
}

std::string fingerprint(const std::string& input, std::string_view workflow = "a",
                        std::optional<std::string_view> url = {}, std::int32_t priority = 5) {
  const test::document given(input);
  memory_bound bound(1 << 20);
  return fingerprint_of({workflow, given, url, priority}, bound);
}

TEST(JobsFingerprint, IsOfWhatWasAskedFor) {
  const std::string first = fingerprint(R"({"a": 1, "b": [1, 2], "c": "x"})");
  EXPECT_EQ(first.size(), 32u);
  EXPECT_EQ(fingerprint(R"({"c": "x", "b": [1.0, 2e0], "a": 1.00})"), first);
  for (const char* other : {R"({"a": 1, "b": [2, 1], "c": "x"})", R"({"a": "1", "b": [1, 2], "c": "x"})",
                            R"({"a": 1, "b": [1, 2]})", R"({"a": 1, "b": [1, 2], "c": null})", "[]", "null"})
    EXPECT_NE(fingerprint(other), first) << other;
  const std::string input = R"({"a": 1, "b": [1, 2], "c": "x"})";
  EXPECT_NE(fingerprint(input, "b"), first);
  EXPECT_NE(fingerprint(input, "a", "https://h"), first);
  EXPECT_NE(fingerprint(input, "a", ""), first);
  EXPECT_NE(fingerprint(input, "a", {}, 6), first);
  EXPECT_EQ(fingerprint(input, "a", {}, 5), first);
}

TEST(JobsFingerprint, OfAStepsInputIsAnother) {
  memory_bound bound(1 << 20);
  const test::document one(R"({"a": 1, "b": 2})"), same(R"({"b": 2.0, "a": 1})"), null("null");
  EXPECT_EQ(input_hash(one, bound), input_hash(same, bound));
  EXPECT_NE(input_hash(json::node{}, bound), input_hash(null, bound));
  EXPECT_EQ(input_hash(json::node{}, bound), input_hash(json::node{}, bound));
  EXPECT_NE(input_hash(one, bound), fingerprint(R"({"a": 1, "b": 2})"));
  const error e = other_request("6e0b");
  EXPECT_STREQ(e.sqlstate(), "LA006");
  EXPECT_NE(e.hint().find("job_status('6e0b')"), std::string::npos);
}

}  // namespace
}  // namespace llm_admin::jobs
