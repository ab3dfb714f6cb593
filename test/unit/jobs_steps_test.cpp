#include "core/jobs/steps.hpp"

#include <gtest/gtest.h>

#include <string>

namespace llm_admin::jobs {
namespace {

template <class work>
std::string refusal(work&& of) {
  try {
    of();
    return "taken";
  } catch (const error& e) {
    return std::string(e.sqlstate()) + ' ' + e.message();
  }
}

TEST(JobsSteps, ANewOneBegins) {
  const step_begin begun = begin_step(std::nullopt, "s", "h");
  EXPECT_TRUE(begun.is_new);
  EXPECT_FALSE(begun.is_done);
  EXPECT_EQ(begun.attempt, 1);
}

TEST(JobsSteps, ACompletedOneHandsBackItsOutput) {
  const step_begin begun = begin_step(stored_step{step_status::completed, "h", "o", 2}, "s", "h");
  EXPECT_TRUE(begun.is_done);
  EXPECT_FALSE(begun.is_new);
  EXPECT_EQ(begun.attempt, 2);
}

TEST(JobsSteps, OneThatFailedOrWasCutOffBeginsAgain) {
  for (const step_status before : {step_status::running, step_status::failed}) {
    const step_begin begun = begin_step(stored_step{before, "h", "", 2}, "s", "h");
    EXPECT_FALSE(begun.is_done || begun.is_new);
    EXPECT_EQ(begun.attempt, 3);
  }
}

TEST(JobsSteps, TheSameNameWithAnotherInputIsRefused) {
  for (const step_status before : {step_status::running, step_status::failed, step_status::completed})
    EXPECT_EQ(refusal([&] {
                (void)begin_step(stored_step{before, "h", "o", 1}, "s", "i");
              }),
              "LA006 the step was begun with another input");
  try {
    (void)begin_step(stored_step{step_status::failed, "h", "", 4}, "draft", "i");
    FAIL();
  } catch (const error& e) {
    EXPECT_EQ(e.detail(), "step draft is failed, attempt 4");
    EXPECT_FALSE(e.hint().empty());
  }
}

TEST(JobsSteps, EndAsTheTableSays) {
  const auto finish = [](const std::optional<stored_step>& stored) {
    return refusal([&] { EXPECT_EQ(finish_step(stored, "s", "o"), step_write::record); });
  };
  EXPECT_EQ(finish(stored_step{step_status::running, "h", "", 1}), "taken");
  EXPECT_EQ(finish_step(stored_step{step_status::completed, "h", "o", 1}, "s", "o"), step_write::already);
  EXPECT_EQ(finish(stored_step{step_status::completed, "h", "p", 1}),
            "LA006 the step is completed with another output");
  EXPECT_EQ(finish(stored_step{step_status::failed, "h", "", 1}), "55000 the step has failed");
  EXPECT_EQ(finish(std::nullopt), "55000 the step has not begun");
  EXPECT_EQ(fail_step(stored_step{step_status::running, "h", "", 1}, "s"), step_write::record);
  EXPECT_EQ(fail_step(stored_step{step_status::failed, "h", "", 1}, "s"), step_write::already);
  EXPECT_EQ(refusal([] {
              (void)fail_step(stored_step{step_status::completed, "h", "o", 1}, "s");
            }),
            "LA005 step must not move from completed to failed");
  EXPECT_EQ(refusal([] { (void)fail_step(std::nullopt, "s"); }), "55000 the step has not begun");
}

// A worker that is killed between any two points, and begins anew: the work of no completed step is done twice.
TEST(JobsSteps, NoCompletedStepRunsTwice) {
  constexpr int steps = 3, points = 3;  // before the begin, before the work, before the finish
  for (int killed_at = 0; killed_at <= steps * points; ++killed_at) {
    std::optional<stored_step> rows[steps];
    int done[steps] = {}, killed = 0;
    for (int run = 0, point = 0; run < 2; ++run) {
      const auto is_killed = [&] { return killed == 0 && point++ == killed_at ? (killed = 1) : 0; };
      for (int n = 0; n < steps; ++n) {
        if (is_killed()) break;
        const step_begin begun = begin_step(rows[n], "s", "h");
        if (begun.is_done) continue;
        rows[n] = stored_step{step_status::running, "h", "", begun.attempt};
        if (is_killed()) break;
        ++done[n];
        if (is_killed()) break;
        ASSERT_EQ(finish_step(rows[n], "s", "o"), step_write::record);
        rows[n]->status = step_status::completed;
        rows[n]->output_hash = "o";
      }
      if (killed == 0) break;
    }
    for (int n = 0; n < steps; ++n) {
      EXPECT_EQ(rows[n]->status, step_status::completed);
      EXPECT_EQ(done[n], killed_at == n * points + 2 ? 2 : 1) << "killed at " << killed_at << ", step " << n;
    }
  }
}

TEST(JobsSteps, NamesAreShortTexts) {
  EXPECT_FALSE(step_name_problem("Ask the model, \xC3\xA4!"));
  EXPECT_EQ(step_name_problem(""), "must not be empty");
  EXPECT_EQ(step_name_problem("a\n"), "must not hold control characters");
  EXPECT_FALSE(step_name_problem(std::string(255, 'a')));
  EXPECT_EQ(step_name_problem(std::string(256, 'a')), "must have at most 255 bytes");
  for (const step_status one : {step_status::running, step_status::completed, step_status::failed})
    EXPECT_EQ(step_status_named(name_of(one)), one);
  EXPECT_FALSE(step_status_named("done"));
}

TEST(JobsSteps, APauseWaitsForATimeOrAnEvent) {
  constexpr std::int64_t now = 100 * second;
  pause until = pause_job({now + 5, std::nullopt, false, 3}, now);
  EXPECT_EQ(until.run_at, now + 5);
  EXPECT_EQ(until.retry_count, 2);
  EXPECT_FALSE(until.waits_for_event);
  EXPECT_EQ(pause_job({now - 5, std::nullopt, false, 1}, now).run_at, now);
  const pause event = pause_job({std::nullopt, "paid", false, 1}, now);
  EXPECT_EQ(event.run_at, never);
  EXPECT_EQ(event.waits_for_event, "paid");
  EXPECT_EQ(event.retry_count, 0);
  const pause came = pause_job({std::nullopt, "paid", true, 1}, now);
  EXPECT_EQ(came.run_at, now);
  EXPECT_FALSE(came.waits_for_event);
  EXPECT_EQ(refusal([] {
              (void)pause_job({5, "paid", false, 1}, now);
            }),
            "22023 arguments run_at and event exclude each other");
  EXPECT_EQ(refusal([] {
              (void)pause_job({std::nullopt, std::nullopt, false, 1}, now);
            }),
            "22023 one of the arguments run_at and event must be given");
  EXPECT_EQ(refusal([] {
              (void)pause_job({std::nullopt, "", false, 1}, now);
            }),
            "22023 argument event must not be empty");
}

}  // namespace
}  // namespace llm_admin::jobs
