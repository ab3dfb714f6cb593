#include "core/jobs/retry.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "core/error.hpp"
#include "generate/random.hpp"
#include "unit/json_text.hpp"

namespace llm_admin::jobs {
namespace {

constexpr std::int64_t now = 1'000'000 * second;
constexpr std::uint64_t highest = UINT64_MAX;

attempt tried(std::int32_t count, std::int32_t most = 3) {
  attempt made;
  made.retry_count = count;
  made.max_retries = most;
  return made;
}

TEST(JobsRetry, TheWaitDoublesUpToItsBound) {
  const std::int64_t seconds[] = {1, 2, 4, 8, 16, 32, 60, 60, 60};
  for (std::int32_t n = 1; n <= 9; ++n) EXPECT_EQ(longest_wait_after(n), seconds[n - 1] * second) << n;
  EXPECT_EQ(longest_wait_after(INT32_MAX), 60 * second);
  EXPECT_EQ(longest_wait_after(0), second);
  EXPECT_EQ(longest_wait_after(INT32_MIN), second);
  EXPECT_EQ(longest_wait_after(100, {second, INT64_MAX}), INT64_MAX);
  EXPECT_EQ(longest_wait_after(9, {0, 5}), 0);
  EXPECT_EQ(longest_wait_after(9, {7, 5}), 5);
  EXPECT_EQ(longest_wait_after(9, {7, -5}), 0);
}

// Full jitter: any part of the wait, both ends among them, evenly.
TEST(JobsRetry, AnyPartOfTheWaitIsDrawn) {
  EXPECT_EQ(after_failure(tried(3), {}, now, 0).run_at, now);
  EXPECT_EQ(after_failure(tried(3), {}, now, 4 * second).run_at, now + 4 * second);
  EXPECT_EQ(after_failure(tried(3), {}, now, 4 * second + 1).run_at, now);
  test::random_source dice(7);
  std::int64_t least = INT64_MAX, most = 0;
  double sum = 0;
  constexpr int draws = 4000;
  for (int n = 0; n < draws; ++n) {
    const std::int64_t wait = after_failure(tried(3), {}, now, dice.next()).run_at - now;
    ASSERT_TRUE(wait >= 0 && wait <= 4 * second);
    least = std::min(least, wait);
    most = std::max(most, wait);
    sum += static_cast<double>(wait);
  }
  EXPECT_LT(least, second / 100);
  EXPECT_GT(most, 4 * second - second / 100);
  EXPECT_NEAR(sum / draws, 2.0 * second, 0.1 * second);
}

TEST(JobsRetry, AJobHasOneAttemptMoreThanRetries) {
  for (std::int32_t most = 0; most <= 5; ++most) {
    std::int32_t count = 0, attempts = 0;
    next_try next;
    do {
      count = count_at_claim(count);
      ++attempts;
      next = after_failure(tried(count, most), {}, now, highest);
    } while (next.becomes == status::pending);
    EXPECT_EQ(attempts, most + 1);
    EXPECT_EQ(next.becomes, status::failed);
    EXPECT_EQ(next.because, "attempts used up");
  }
  EXPECT_EQ(count_given_back(count_at_claim(2)), 2);
  EXPECT_EQ(count_given_back(0), 0);
  EXPECT_EQ(count_at_claim(INT32_MAX), INT32_MAX);
  EXPECT_EQ(count_at_claim(-5), 1);
}

TEST(JobsRetry, AnExpiredLeaseWaitsForAMinuteAtLeast) {
  outcome_of_attempt expired;
  expired.failure = failure::lease_expired;
  expired.retryable = false;  // nobody has said so
  test::random_source dice(8);
  for (std::int32_t count = 1; count <= 3; ++count)
    for (int n = 0; n < 200; ++n) {
      const next_try next = after_failure(tried(count), expired, now, dice.next());
      ASSERT_EQ(next.becomes, status::pending);
      ASSERT_GE(next.run_at, now + 60 * second);
      ASSERT_LE(next.run_at, now + 60 * second + longest_wait_after(count));
    }
  EXPECT_EQ(after_failure(tried(4), expired, now, 0).becomes, status::failed);
}

TEST(JobsRetry, WhatIsNotRetryableFailsAtOnce) {
  const next_try next = after_failure(tried(1), {failure::told, false, false, {}}, now, 0);
  EXPECT_EQ(next.becomes, status::failed);
  EXPECT_EQ(next.because, "not retryable");
}

TEST(JobsRetry, TheAmbiguousIsRetriedOrFails) {
  attempt of = tried(1);
  const outcome_of_attempt told{failure::told, true, true, {}},
      expired{failure::lease_expired, true, false, {}};
  EXPECT_EQ(after_failure(of, told, now, 0).becomes, status::pending);
  EXPECT_EQ(after_failure(of, expired, now, 0).becomes, status::pending);
  of.on_ambiguous = on_ambiguous::fail;
  for (const outcome_of_attempt& what : {told, expired}) {
    EXPECT_EQ(after_failure(of, what, now, 0).becomes, status::failed);
    EXPECT_EQ(after_failure(of, what, now, 0).because, "ambiguous");
  }
  EXPECT_EQ(after_failure(of, {}, now, 0).becomes, status::pending);
}

TEST(JobsRetry, WhatAVendorAsksForIsTheLeast) {
  const auto run_at = [](std::int64_t asked, std::uint64_t dice) {
    return after_failure(tried(3), {failure::told, true, false, asked}, now, dice).run_at - now;
  };
  EXPECT_EQ(run_at(30 * second, 0), 30 * second);
  EXPECT_EQ(run_at(second, 4 * second), 4 * second);
  EXPECT_EQ(run_at(48 * 3600 * second, 0), 3600 * second);
  EXPECT_EQ(run_at(-5, 0), 0);
}

TEST(JobsRetry, NoTryComesAfterTheDeadline) {
  attempt of = tried(3);
  of.deadline = now + second;
  EXPECT_EQ(after_failure(of, {}, now, second).becomes, status::pending);
  const next_try late = after_failure(of, {}, now, second + 1);
  EXPECT_EQ(late.becomes, status::failed);
  EXPECT_EQ(late.because, "deadline");
  EXPECT_EQ(late.run_at, 0);
  of.deadline = INT64_MIN;
  EXPECT_EQ(after_failure(of, {}, now, 0).because, "deadline");
}

// A job's whole life by a clock of its own: 200 attempts, half of which end by themselves.
TEST(JobsRetry, WaitsOfALifeStayWithinTheirBounds) {
  test::random_source dice(9);
  std::int64_t clock = now;
  for (std::int32_t count = 1; count <= 200; ++count) {
    outcome_of_attempt what;
    if (dice.chance(50)) what.failure = failure::lease_expired;
    const next_try next = after_failure(tried(count, 199), what, clock, dice.next());
    ASSERT_EQ(next.becomes, count <= 199 ? status::pending : status::failed) << count;
    if (next.becomes == status::failed) break;
    ASSERT_GE(next.run_at, clock + (what.failure == failure::lease_expired ? 60 * second : 0));
    ASSERT_LE(next.run_at, clock + 120 * second);
    clock = next.run_at + static_cast<std::int64_t>(dice.below(100));
  }
  EXPECT_EQ(after_failure(tried(1), {failure::lease_expired, true, false, {}}, never - 5, highest).run_at,
            never);
}

TEST(JobsRetry, CategoriesSayWhetherTheyAreRetried) {
  EXPECT_FALSE(is_retried(category::user));
  EXPECT_FALSE(is_retried(category::config));
  EXPECT_TRUE(is_retried(category::system));
  EXPECT_TRUE(is_retried(category::external));
  for (const char* name : {"USER", "CONFIG", "SYSTEM", "EXTERNAL"})
    EXPECT_EQ(name_of(category_named(name).value()), name);
  EXPECT_FALSE(category_named("user"));
  EXPECT_EQ(on_ambiguous_named("fail"), on_ambiguous::fail);
  EXPECT_EQ(name_of(on_ambiguous::retry), "retry");
  EXPECT_FALSE(on_ambiguous_named(""));
}

std::string error_of(const std::string& json) {
  const test::document given(json);
  try {
    return error_json(read_error(given));
  } catch (const error& e) {
    EXPECT_STREQ(e.sqlstate(), "22023");
    return e.message() + " | " + e.detail();
  }
}

TEST(JobsRetry, ErrorsAreReadAndWritten) {
  EXPECT_EQ(error_of("null"),
            R"({"type": "error", "category": "SYSTEM", "message": "", "retryable": true, "step": null})");
  EXPECT_EQ(
      error_of(R"("out of \"memory\"")"),
      R"({"type": "error", "category": "SYSTEM", "message": "out of \"memory\"", "retryable": true, "step": null})");
  EXPECT_EQ(error_of(R"({"type": "bad_input", "category": "USER", "message": "m", "step": "s"})"),
            R"({"type": "bad_input", "category": "USER", "message": "m", "retryable": false, "step": "s"})");
  EXPECT_EQ(error_of(R"({"category": "CONFIG", "retryable": true})"),
            R"({"type": "error", "category": "CONFIG", "message": "", "retryable": true, "step": null})");
  EXPECT_EQ(error_of(R"({"category": "EXTERNAL", "retryable": false})"),
            R"({"type": "error", "category": "EXTERNAL", "message": "", "retryable": false, "step": null})");
  EXPECT_EQ(error_of(R"({"category": "user", "retryable": 1, "message": 2})"),
            "option category must be one of USER, CONFIG, SYSTEM, EXTERNAL | option message must be a text\n"
            "option retryable must be true or false");
  EXPECT_EQ(error_of("[]"), "argument error must be a JSON object or a text | ");
  const std::string long_text(longest_error_message + 1, 'x');
  EXPECT_EQ(error_of('"' + long_text + '"'), "argument error must have at most 65536 bytes | ");
  EXPECT_EQ(error_of(R"({"message": ")" + long_text + "\"}"),
            "option message must have at most 65536 bytes | ");
  EXPECT_EQ(lease_expired_error().type, "lease_expired");
  EXPECT_TRUE(lease_expired_error().retryable);
}

}  // namespace
}  // namespace llm_admin::jobs
