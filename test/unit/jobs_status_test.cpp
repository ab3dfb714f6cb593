#include "core/jobs/status.hpp"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <string>
#include <utility>

#include "core/jobs/lease.hpp"

namespace llm_admin::jobs {
namespace {

constexpr std::array<status, statuses> all = {status::pending,   status::queued, status::processing,
                                              status::completed, status::failed, status::cancelled};

TEST(JobsStatus, NamesAreReadBack) {
  for (const status one : all) EXPECT_EQ(status_named(name_of(one)), one);
  for (const char* other : {"", "Pending", "pending ", "running", "done"}) EXPECT_FALSE(status_named(other));
  std::string list;
  for (const status one : all) list.append(list.empty() ? "" : ", ").append(name_of(one));
  EXPECT_EQ(list, all_statuses());
}

// The whole table, written a second time.
TEST(JobsStatus, MovesAreThoseOfTheTable) {
  const std::set<std::pair<std::string, std::string>> allowed = {
      {"pending", "queued"},       {"pending", "processing"}, {"pending", "cancelled"},
      {"queued", "pending"},       {"queued", "processing"},  {"queued", "cancelled"},
      {"processing", "completed"}, {"processing", "failed"},  {"processing", "cancelled"},
      {"processing", "pending"}};
  std::size_t moves = 0;
  for (const status from : all)
    for (const status to : all) {
      const bool expected =
          from == to || allowed.contains({std::string(name_of(from)), std::string(name_of(to))});
      EXPECT_EQ(may_move(from, to), expected) << name_of(from) << " -> " << name_of(to);
      moves += from != to && expected ? 1 : 0;
    }
  EXPECT_EQ(moves, allowed.size());
}

TEST(JobsStatus, FinalIsWhatNothingFollows) {
  for (const status from : all) {
    bool leaves = false;
    for (const status to : all) leaves = leaves || (from != to && may_move(from, to));
    EXPECT_EQ(is_final(from), !leaves) << name_of(from);
    EXPECT_EQ(states_after(from).empty(), !leaves) << name_of(from);
    EXPECT_EQ(is_waiting(from), may_move(from, status::processing) && from != status::processing);
  }
  EXPECT_EQ(states_after(status::pending), "queued, processing, cancelled");
  EXPECT_EQ(states_after(status::processing), "completed, failed, cancelled, pending");
}

// Each refused move says what may be done instead.
TEST(JobsStatus, RefusalsSayWhatMendsThem) {
  for (const status from : all)
    for (const status to : all) {
      if (may_move(from, to)) continue;
      const error e = move_refused("6e0b", from, to);
      EXPECT_STREQ(e.sqlstate(), "LA005");
      EXPECT_EQ(e.message(),
                "job must not move from " + std::string(name_of(from)) + " to " + std::string(name_of(to)));
      const std::string call = is_final(from)                                    ? "resubmit_job('6e0b')"
                               : to == status::completed || to == status::failed ? "claim_jobs()"
                                                                                 : "cancel_job('6e0b')";
      EXPECT_NE(e.hint().find(call), std::string::npos) << e.message() << ": " << e.hint();
    }
  EXPECT_EQ(move_refused("1", status::failed, status::pending).detail(), "job 1: failed is final");
  EXPECT_EQ(move_refused("1", status::queued, status::completed).detail(),
            "job 1: queued may become pending, processing, cancelled");
}

TEST(JobsLease, IsHeldByItsTokenAlone) {
  const held_lease held{status::processing, 7, 1000};
  EXPECT_TRUE(holds(held, 7));
  EXPECT_FALSE(holds(held, 6));
  EXPECT_FALSE(holds({status::processing, std::nullopt, 1000}, 7));
  for (const status other : all) EXPECT_EQ(holds({other, 7, 1000}, 7), other == status::processing);
}

TEST(JobsLease, RunsOutAtItsEnd) {
  EXPECT_FALSE(has_run_out({status::processing, 7, 1000}, 999));
  EXPECT_TRUE(has_run_out({status::processing, 7, 1000}, 1000));
  EXPECT_FALSE(has_run_out({status::processing, std::nullopt, 0}, 1000));
  EXPECT_FALSE(has_run_out({status::completed, 7, 0}, 1000));
}

TEST(JobsLease, IsExtendedAndNeverCut) {
  EXPECT_EQ(lease_end(1000, 30), 1000 + 30 * second);
  EXPECT_EQ(lease_end(1000, 0), 1000 + second);
  EXPECT_EQ(lease_end(1000, INT32_MAX), 1000 + most_lease_seconds * second);
  EXPECT_EQ(lease_end(never - 1, 30), never);
  EXPECT_EQ(extended(50 * second, 0, 30), 50 * second);
  EXPECT_EQ(extended(50 * second, 40 * second, 30), 70 * second);
  EXPECT_EQ(extend_by(30), 15);
  EXPECT_EQ(extend_by(1), 1);
  EXPECT_EQ(later_by(INT64_MIN + 1, -2), INT64_MIN);
  EXPECT_EQ(later_by(5, -2), 3);
}

TEST(JobsLease, ProgressIsWrittenOnceASecondOrBeforeTheEnd) {
  const std::int64_t until = 1000 * second;
  EXPECT_TRUE(writes_progress(std::nullopt, until, 0, 30));
  EXPECT_FALSE(writes_progress(0, until, second - 1, 30));
  EXPECT_TRUE(writes_progress(0, until, second, 30));
  EXPECT_TRUE(writes_progress(5 * second, until, 4 * second, 30));  // the clock has stepped back
  EXPECT_TRUE(writes_progress(until - 9 * second, until, until - 9 * second, 30));
  EXPECT_FALSE(writes_progress(until - 11 * second, until, until - 11 * second, 30));
}

TEST(JobsLease, ALostOneSaysWhoseTheJobIs) {
  const error e = lease_lost("6e0b", {status::processing, 8, 0});
  EXPECT_STREQ(e.sqlstate(), "LA005");
  EXPECT_EQ(e.detail(), "job 6e0b is processing, leased by another token");
  EXPECT_EQ(lease_lost("1", {status::cancelled, std::nullopt, 0}).detail(), "job 1 is cancelled");
  EXPECT_EQ(lease_lost("1", {status::processing, std::nullopt, 0}).detail(),
            "job 1 is processing, not leased");
}

}  // namespace
}  // namespace llm_admin::jobs
