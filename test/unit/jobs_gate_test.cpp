#include "core/jobs/gate.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "core/error.hpp"

namespace llm_admin::jobs {
namespace {

job_row right_row() {
  job_row row;
  row.status = "pending";
  row.workflow_name = "daily.report-2_B";
  row.tenant_id = "";
  row.on_ambiguous = "retry";
  row.executor = "client";
  row.priority = 5;
  row.max_retries = 3;
  row.retry_count = 0;
  row.run_at = 1000;
  return row;
}

std::string problems_of_row(const job_row& now, const job_row* old = nullptr, const gate_rules& rules = {}) {
  const gate_verdict verdict = check_row("6e0b", now, old, rules);
  std::string all = verdict.refused ? verdict.refused->message : "";
  for (const std::string& one : verdict.problems) all.append(all.empty() ? "" : "; ").append(one);
  return all;
}

template <class type>
std::string with(type job_row::*member, const type& value) {
  job_row row = right_row();
  row.*member = value;
  return problems_of_row(row);
}
using text = std::optional<std::string_view>;
using number = std::optional<std::int64_t>;

TEST(JobsGate, TakesWhatIsRight) {
  EXPECT_EQ(problems_of_row(right_row()), "");
  const std::string long_name(255, 'a'), name_of_256(256, 'a');
  EXPECT_EQ(with(&job_row::workflow_name, text(long_name)), "");
  EXPECT_EQ(with(&job_row::workflow_name, text(name_of_256)),
            "workflow_name must have at most 255 characters");
  EXPECT_EQ(with(&job_row::priority, number(0)) + with(&job_row::priority, number(10)), "");
  EXPECT_EQ(with(&job_row::max_retries, number(0)) + with(&job_row::max_retries, number(1000)), "");
  EXPECT_EQ(with(&job_row::username, text("")), "");
}

TEST(JobsGate, TellsWhatIsWrong) {
  for (const char* name : {"a b", "a/b", "caf\xC3\xA9", "a\n", "a'b"})
    EXPECT_EQ(with(&job_row::workflow_name, text(name)),
              "workflow_name must hold letters, digits, _, - and . alone")
        << name;
  EXPECT_EQ(with(&job_row::workflow_name, text("")), "workflow_name must not be empty");
  EXPECT_EQ(with(&job_row::workflow_name, text()), "workflow_name must not be null");
  EXPECT_EQ(with(&job_row::priority, number(-1)), "priority must be from 0 to 10");
  EXPECT_EQ(with(&job_row::priority, number(11)), "priority must be from 0 to 10");
  EXPECT_EQ(with(&job_row::priority, number()), "priority must not be null");
  EXPECT_EQ(with(&job_row::max_retries, number(1001)), "max_retries must be from 0 to 1000");
  EXPECT_EQ(with(&job_row::retry_count, number(-1)), "retry_count must be from 0 to 2147483647");
  EXPECT_EQ(with(&job_row::waits_for, number(-1)), "waits_for must be from 0 to 2147483647");
  EXPECT_EQ(with(&job_row::status, text("running")),
            "status must be one of pending, queued, processing, completed, failed, cancelled");
  EXPECT_EQ(with(&job_row::on_ambiguous, text("ask")), "on_ambiguous must be one of retry, fail");
  EXPECT_EQ(with(&job_row::executor, text("cron")), "executor must be one of client, worker");
  EXPECT_EQ(with(&job_row::idempotency_key, text("")), "idempotency_key must not be empty");
  EXPECT_EQ(with(&job_row::external_task_id, text("a\x01")),
            "external_task_id must not hold control characters");
  EXPECT_EQ(with(&job_row::tenant_id, text()), "tenant_id must not be null");
  EXPECT_EQ(with(&job_row::waits_for_event, text("")), "waits_for_event must not be empty");
  EXPECT_EQ(with(&job_row::run_at, number()), "run_at must not be null");
  EXPECT_EQ(with(&job_row::has_webhook_secret, true), "webhook_secret must not be given without webhook_url");
  const std::string too_many(256, 'x');
  std::string wide;
  for (int n = 0; n < 255; ++n) wide += "\xC3\xA4";
  EXPECT_EQ(with(&job_row::tenant_id, text(wide)), "");
  EXPECT_EQ(with(&job_row::tenant_id, text(too_many)), "tenant_id must have at most 255 characters");
}

TEST(JobsGate, TellsAllAtOnce) {
  job_row row = right_row();
  row.workflow_name = "a b";
  row.priority = 11;
  row.max_retries = -1;
  row.executor = std::nullopt;
  row.input_bytes = (16U << 20) + 1;
  row.result_bytes = 65;
  gate_rules rules;
  rules.most_result = 64;
  rules.require_user = true;
  const std::vector<std::string> webhook = {"webhook_url must not name a loopback address"};
  rules.webhook_problems = webhook;
  EXPECT_EQ(
      problems_of_row(row, nullptr, rules),
      "workflow_name must hold letters, digits, _, - and . alone; executor must not be null; "
      "priority must be from 0 to 10; max_retries must be from 0 to 1000; "
      "input_data must have at most 16777216 bytes; result_data must have at most 64 bytes; "
      "user_id must not be null while users are required; webhook_url must not name a loopback address");
  try {
    require_row("6e0b", row, nullptr, rules);
    FAIL();
  } catch (const error& e) {
    EXPECT_STREQ(e.sqlstate(), "23514");
    EXPECT_EQ(e.message(), "the job is invalid");
    EXPECT_NE(e.detail().find("alone\nexecutor must not be null\npriority"), std::string::npos) << e.detail();
  }
}

TEST(JobsGate, EveryMoveIsThatOfTheTable) {
  for (std::size_t from = 0; from < statuses; ++from)
    for (std::size_t to = 0; to < statuses; ++to) {
      job_row old = right_row(), now = right_row();
      old.status = name_of(static_cast<status>(from));
      now.status = name_of(static_cast<status>(to));
      EXPECT_EQ(check_row("1", now, &old, {}).refused.has_value(),
                !may_move(static_cast<status>(from), static_cast<status>(to)))
          << *old.status << ' ' << *now.status;
    }
}

TEST(JobsGate, ARefusedMoveStandsBeforeTheRest) {
  job_row old = right_row(), now = right_row();
  old.status = "completed";
  now.priority = 99;
  try {
    require_row("6e0b", now, &old, {});
    FAIL();
  } catch (const error& e) {
    EXPECT_STREQ(e.sqlstate(), "LA005");
    EXPECT_EQ(e.message(), "job must not move from completed to pending");
    EXPECT_EQ(e.detail(), "job 6e0b: completed is final\npriority must be from 0 to 10");
    EXPECT_EQ(e.hint(), "SELECT llm_admin.resubmit_job('6e0b') makes a new job of the same request");
  }
}

TEST(JobsGate, WhatDoesNotChangeIsNotJudged) {
  job_row old = right_row();
  old.workflow_name = "an old name";
  old.priority = 50;
  old.max_retries = std::nullopt;
  old.input_bytes = 1U << 30;
  old.has_webhook_secret = true;
  job_row now = old;
  now.status = "processing";
  gate_rules rules;
  rules.require_user = true;
  EXPECT_EQ(problems_of_row(now, &old, rules), "");
  now.priority = 51;
  EXPECT_EQ(problems_of_row(now, &old, rules), "priority must be from 0 to 10");
  old.has_user = true;
  now.priority = 50;
  EXPECT_EQ(problems_of_row(now, &old, rules), "user_id must not be null while users are required");
}

TEST(JobsGate, ALeaseIsOfProcessingAlone) {
  job_row old = right_row(), now = right_row();
  old.status = "processing";
  old.lease_token = 7;
  old.lease_until = 5000;
  old.worker = "w";
  for (std::size_t to = 0; to < statuses; ++to) {
    now = old;
    now.status = name_of(static_cast<status>(to));
    EXPECT_EQ(check_row("1", now, &old, {}).clears_lease, static_cast<status>(to) != status::processing);
    EXPECT_TRUE(check_row("1", now, nullptr, {}).is_right());
  }
  now = old;
  now.lease_until = std::nullopt;
  EXPECT_EQ(problems_of_row(now, &old), "lease_token and lease_until must both be given, or none");
  now.lease_until = 5000;
  now.lease_token = 0;
  EXPECT_EQ(problems_of_row(now, &old), "lease_token must be above 0");
  // As the seed's own worker moves it, without a lease.
  now = right_row();
  now.status = "processing";
  old = right_row();
  EXPECT_EQ(problems_of_row(now, &old), "");
  EXPECT_FALSE(check_row("1", now, &old, {}).clears_lease);
}

TEST(JobsGate, WhatReturnsToPendingGetsANewTime) {
  job_row old = right_row(), now = right_row();
  gate_rules rules;
  rules.now = 9000;
  old.status = "processing";
  EXPECT_TRUE(check_row("1", now, &old, rules).renews_run_at);
  now.run_at = 8999;
  EXPECT_TRUE(check_row("1", now, &old, rules).renews_run_at);
  now.run_at = 9000;
  EXPECT_FALSE(check_row("1", now, &old, rules).renews_run_at);
  now.run_at = never;
  EXPECT_FALSE(check_row("1", now, &old, rules).renews_run_at);
  now.run_at = 1000;
  old.status = "queued";
  EXPECT_FALSE(check_row("1", now, &old, rules).renews_run_at);
  EXPECT_FALSE(check_row("1", now, nullptr, rules).renews_run_at);
}

}  // namespace
}  // namespace llm_admin::jobs
