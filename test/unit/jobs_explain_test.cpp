#include "core/jobs/explain.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "unit/json_text.hpp"

namespace llm_admin::jobs {
namespace {

// What is said, as JSON that was read by another parser.
std::string said_of(const waiting_state& of) {
  const test::document read(explain(of));
  return test::text_of(read.node());
}

TEST(JobsExplain, TheTurnIsTheReasonWhereThereIsNoOther) {
  waiting_state of;
  of.ahead = 12;
  of.tenants = 5;
  EXPECT_EQ(said_of(of),
            R"({"status":"pending","ready":true,"reasons":[{"reason":"turn","ahead":12,"tenants":5}]})");
  of.in = status::queued;
  of.ahead = 0;
  EXPECT_EQ(said_of(of),
            R"({"status":"queued","ready":true,"reasons":[{"reason":"turn","ahead":0,"tenants":5}]})");
}

TEST(JobsExplain, AllReasonsAreTold) {
  const std::vector<limit_use> limits = {
      {{limit_scope::tenant, "acme", 2, 5, {}, 1, false}, 2, 7, false},
      {{limit_scope::workflow, "re\"port", 3, {}, {}, 1, true}, 2, 0, false},
      {{limit_scope::account, "k", 3, 8, {}, 1, false}, 2, 7, false}};
  waiting_state of;
  of.now = 0;
  of.run_at = second;
  of.limits = limits;
  of.waits_for = 2;
  of.ahead = 1;
  EXPECT_EQ(said_of(of), R"({"status":"pending","ready":false,"reasons":[{"reason":"jobs","count":2},)"
                         R"({"reason":"not_due","run_at":"2000-01-01T00:00:01.000Z"},)"
                         R"({"reason":"max_running","scope":"tenant","key":"acme","used":2,"most":2},)"
                         R"({"reason":"max_per_minute","scope":"tenant","key":"acme","used":7,"most":5},)"
                         R"({"reason":"paused","scope":"workflow","key":"re\"port"},)"
                         R"({"reason":"turn","ahead":1,"tenants":1}]})");
}

TEST(JobsExplain, AnEventIsTheReasonForInfinity) {
  waiting_state of;
  of.run_at = never;
  of.waits_for_event = "paid";
  EXPECT_EQ(said_of(of),
            R"({"status":"pending","ready":false,"reasons":[{"reason":"event","event":"paid"}]})");
  of.waits_for_event.reset();
  EXPECT_EQ(said_of(of),
            R"({"status":"pending","ready":false,"reasons":[{"reason":"not_due","run_at":null}]})");
}

TEST(JobsExplain, OthersSayWhereTheyStand) {
  waiting_state of;
  of.in = status::processing;
  EXPECT_EQ(said_of(of),
            R"({"status":"processing","ready":false,"reasons":[{"reason":"processing","leased":false}]})");
  of.lease_token = 7;
  of.lease_until = second;
  EXPECT_EQ(said_of(of), R"({"status":"processing","ready":false,"reasons":[)"
                         R"({"reason":"processing","until":"2000-01-01T00:00:01.000Z"}]})");
  of.now = second;
  EXPECT_EQ(said_of(of), R"({"status":"processing","ready":false,"reasons":[)"
                         R"({"reason":"lease_expired","since":"2000-01-01T00:00:01.000Z"}]})");
  of.in = status::cancelled;
  EXPECT_EQ(said_of(of),
            R"({"status":"cancelled","ready":false,"reasons":[{"reason":"final","status":"cancelled"}]})");
}

// What explains and what claims agree on what is full.
TEST(JobsExplain, IsReadyWhereALimitHasRoom) {
  for (std::int64_t running = 0; running < 4; ++running)
    for (std::int64_t started = 0; started < 4; ++started)
      for (const bool paused : {false, true}) {
        const std::vector<limit_use> limits = {
            {{limit_scope::tenant, "", 2, 3, {}, 1, paused}, running, started, false}};
        waiting_state of;
        of.limits = limits;
        EXPECT_EQ(explain(of).find("\"ready\": true") != std::string::npos, room_in(limits[0]) > 0);
      }
}

std::string problems_of_limit(const limit_row& row) {
  std::vector<std::string> problems;
  const bool is_read = read_limit(row, problems).has_value();
  EXPECT_EQ(is_read, problems.empty());
  std::string all;
  for (const std::string& one : problems) all.append(all.empty() ? "" : "; ").append(one);
  return all;
}

TEST(JobsLimit, RowsAreRead) {
  std::vector<std::string> problems;
  const auto read = read_limit({"tenant", "acme", 0, 1, 2, 3, true}, problems);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->scope, limit_scope::tenant);
  EXPECT_EQ(read->key, "acme");
  EXPECT_EQ(read->max_running, 0);
  EXPECT_EQ(read->max_per_minute, 1);
  EXPECT_EQ(read->max_pending, 2);
  EXPECT_EQ(read->weight, 3);
  EXPECT_TRUE(read->paused);
  EXPECT_EQ(problems_of_limit({"tenant", "", {}, {}, {}, {}, false}), "");
  EXPECT_EQ(problems_of_limit({"workflow", "a", {}, {}, 7, 1, false}), "");
  for (const char* name : {"tenant", "workflow", "provider", "account"})
    EXPECT_EQ(name_of(limit_scope_named(name).value()), name);
}

TEST(JobsLimit, RowsSayAllThatIsWrong) {
  EXPECT_EQ(problems_of_limit({"workflow", "", -1, 1'000'000'001, -5, 2, std::nullopt}),
            "key must not be empty; max_running must be from 0 to 1000000000; "
            "max_per_minute must be from 0 to 1000000000; max_pending must be from 0 to 1000000000; "
            "weight is of tenants alone; paused must not be null");
  EXPECT_EQ(problems_of_limit({"tenants", {}, {}, {}, {}, 0, false}),
            "scope must be one of tenant, workflow, provider, account, not tenants; key must not be null; "
            "weight must be from 1 to 1000");
  EXPECT_EQ(problems_of_limit({{}, "a", {}, {}, {}, {}, false}),
            "scope must be one of tenant, workflow, provider, account");
  EXPECT_EQ(problems_of_limit({"account", "a", {}, {}, 1, {}, false}),
            "max_pending is of tenants and workflows alone");
  try {
    (void)require_limit({"tenant", "a", -1, -1, {}, {}, false});
    FAIL();
  } catch (const error& e) {
    EXPECT_STREQ(e.sqlstate(), "23514");
    EXPECT_EQ(e.detail(),
              "max_running must be from 0 to 1000000000\nmax_per_minute must be from 0 to 1000000000");
  }
}

TEST(JobsLimit, RoomIsTheLeastOfAll) {
  EXPECT_EQ(room_in({{}, 5, 5, false}), unlimited);
  limit_use use{{limit_scope::tenant, "a", 10, 4, {}, 1, false}, 7, 2, false};
  EXPECT_EQ(room_in(use), 2);
  use.started = 0;
  EXPECT_EQ(room_in(use), 3);
  use.running = 11;
  EXPECT_EQ(room_in(use), 0);
  use.running = 0;
  use.is_locked = true;
  EXPECT_EQ(room_in(use), 0);
  use.is_locked = false;
  use.of.paused = true;
  EXPECT_EQ(room_in(use), 0);
}

TEST(JobsLimit, NoMoreWaitThanMay) {
  const job_limit of{limit_scope::tenant, "acme", {}, {}, 10, 1, false};
  EXPECT_NO_THROW(require_room_to_wait(of, 9, 1));
  EXPECT_NO_THROW(require_room_to_wait({}, INT64_MAX, 5));
  try {
    require_room_to_wait(of, 9, 2);
    FAIL();
  } catch (const error& e) {
    EXPECT_STREQ(e.sqlstate(), "LA010");
    const test::document detail(e.detail());
    EXPECT_EQ(test::text_of(detail.node()),
              R"({"limit":"max_pending","scope":"tenant","key":"acme","used":9,"asked":2,"amount":10})");
  }
  EXPECT_THROW(require_room_to_wait(of, 11, 0), error);
}

}  // namespace
}  // namespace llm_admin::jobs
