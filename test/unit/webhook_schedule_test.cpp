#include "core/webhooks/schedule.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "generate/random.hpp"

namespace llm_admin::webhooks {
namespace {

using result = attempt_result;
constexpr std::int64_t minutes = 60'000;

attempt answered(int status, std::int32_t number = 1) {
  attempt made;
  made.http_status = status;
  made.number = number;
  return made;
}
attempt without_answer(unanswered why, std::int32_t number = 1) {
  attempt made;
  made.why = why;
  made.number = number;
  return made;
}

TEST(WebhookSchedule, EachStatus) {
  const auto wanted = [](int status) -> std::pair<result, std::string_view> {
    if (status >= 200 && status <= 299) return {result::delivered, "delivered"};
    if (status >= 300 && status <= 399) return {result::failed, "redirected"};
    if (status == 410) return {result::endpoint_disabled, "gone"};
    if (status == 408 || status == 429) return {result::retried, "throttled"};
    if (status >= 400 && status <= 499) return {result::retried, "refused"};
    if (status >= 500 && status <= 599) return {result::retried, "server_error"};
    return {result::retried, "odd_status"};
  };
  for (int status = -1; status <= 1000; ++status) {
    const next_attempt next = after_attempt(answered(status));
    EXPECT_EQ(std::pair(next.result, next.outcome), wanted(status)) << status;
    EXPECT_EQ(next.wait_ms.has_value(), next.result == result::retried) << status;
    EXPECT_EQ(next.counts_against_endpoint, next.result != result::delivered) << status;
  }
}

TEST(WebhookSchedule, WithoutAnAnswer) {
  const auto told = [](unanswered why) {
    const next_attempt next = after_attempt(without_answer(why));
    return std::pair(next.result, std::string(next.outcome));
  };
  EXPECT_EQ(told(unanswered::network), std::pair(result::retried, std::string("network")));
  EXPECT_EQ(told(unanswered::timeout), std::pair(result::retried, std::string("timeout")));
  EXPECT_EQ(told(unanswered::denied), std::pair(result::failed, std::string("denied")));
  EXPECT_EQ(told(unanswered::malformed), std::pair(result::failed, std::string("malformed")));
  EXPECT_EQ(told(unanswered::no), std::pair(result::retried, std::string("network")));
  // A status that came before the answer was cut off is none.
  attempt cut = answered(200);
  cut.why = unanswered::network;
  EXPECT_EQ(after_attempt(cut).result, result::retried);
}

// Delivers to a receiver that always answers 500: when each attempt is made, from 0 on, and how it ends.
std::vector<std::int64_t> times(schedule_kind schedule, std::uint16_t jitter) {
  std::vector<std::int64_t> made;
  std::int64_t clock = 0;
  for (std::int32_t number = 1; number < 100; ++number) {
    made.push_back(clock);
    attempt one = answered(500, number);
    one.schedule = schedule;
    one.jitter = jitter;
    const next_attempt next = after_attempt(one);
    if (next.result == result::failed) return made;
    EXPECT_EQ(next.result, result::retried);
    clock += next.wait_ms.value();
  }
  return {};
}

TEST(WebhookSchedule, BySimulatedClock) {
  constexpr std::uint16_t even = 32768;
  const auto seconds = [](std::vector<std::int64_t> all) {
    for (std::int64_t& one : all) one = (one + 500) / 1000;
    return all;
  };
  EXPECT_EQ(seconds(times(schedule_kind::quick, even)), (std::vector<std::int64_t>{0, 5, 20, 65}));
  EXPECT_EQ(times(schedule_kind::quick, 0), (std::vector<std::int64_t>{0, 4000, 16'000, 52'000}));
  EXPECT_EQ(times(schedule_kind::quick, 65535), (std::vector<std::int64_t>{0, 6000, 24'000, 78'000}));
  // The table of Standard Webhooks: 75 hours, 35 minutes and 5 seconds since the first.
  const auto days = times(schedule_kind::over_days, even);
  ASSERT_EQ(days.size(), 10U);
  constexpr std::int64_t wanted[] = {0, 5, 305, 2105, 9305, 27'305, 63'305, 113'705, 185'705, 272'105};
  for (std::size_t n = 0; n < days.size(); ++n)
    EXPECT_NEAR(static_cast<double>(days[n]) / 1000, wanted[n], 3) << n;
}

TEST(WebhookSchedule, JitterStaysWithinAFifth) {
  for (const auto schedule : {schedule_kind::quick, schedule_kind::over_days}) {
    const auto delays = delays_ms(schedule);
    for (std::size_t n = 0; n < delays.size(); ++n) {
      std::int64_t last = 0;
      for (std::int64_t jitter = 0; jitter < 65536; jitter += 97) {
        attempt made = answered(503, static_cast<std::int32_t>(n) + 1);
        made.schedule = schedule;
        made.jitter = static_cast<std::uint16_t>(jitter);
        const std::int64_t wait = after_attempt(made).wait_ms.value();
        EXPECT_GE(wait * 5, delays[n] * 4);
        EXPECT_LE(wait * 5, delays[n] * 6);
        EXPECT_GE(wait, last);
        last = wait;
      }
      EXPECT_GT(last * 10, delays[n] * 11);
    }
  }
}

std::int64_t wait_for(std::string_view retry_after, std::int32_t number = 1,
                      schedule_kind schedule = schedule_kind::quick) {
  attempt made = answered(429, number);
  made.retry_after = retry_after;
  made.now_ms = 784'111'777'000;  // Sun, 06 Nov 1994 08:49:37 GMT
  made.schedule = schedule;
  return after_attempt(made).wait_ms.value();
}

TEST(WebhookSchedule, RetryAfterMakesItLongerWithinBounds) {
  EXPECT_EQ(wait_for(""), 4000);
  EXPECT_EQ(wait_for("0"), 4000);
  EXPECT_EQ(wait_for("3"), 4000);
  EXPECT_EQ(wait_for("7"), 7000);
  EXPECT_EQ(wait_for("007"), 7000);
  EXPECT_EQ(wait_for("900"), 15 * minutes);
  EXPECT_EQ(wait_for("901"), 15 * minutes);
  EXPECT_EQ(wait_for("3600"), 15 * minutes);
  EXPECT_EQ(wait_for("9223372036854775807"), 15 * minutes);
  EXPECT_EQ(wait_for("99999999999999999999999999"), 15 * minutes);
  EXPECT_EQ(wait_for("Sun, 06 Nov 1994 08:50:37 GMT"), minutes);
  EXPECT_EQ(wait_for("Sunday, 06-Nov-94 08:50:37 GMT"), minutes);
  EXPECT_EQ(wait_for("Sun Nov  6 08:50:37 1994"), minutes);
  EXPECT_EQ(wait_for("Sun, 06 Nov 1994 08:00:00 GMT"), 4000);
  EXPECT_EQ(wait_for("Fri, 31 Dec 2094 23:59:59 GMT"), 15 * minutes);
  for (const std::string_view none : {"-5", "soon", "1.5", " 60", "60 s", "0x40", "1e3"})
    EXPECT_EQ(wait_for(none), 4000) << none;
  EXPECT_EQ(wait_for(std::string(1000, '9')), 4000);
  // Where the schedule itself waits longer than 15 minutes, it stays so.
  EXPECT_EQ(wait_for("900", 9, schedule_kind::over_days), 24 * 60 * minutes * 4 / 5);
}

TEST(WebhookSchedule, RetryAfterOfAnyRetriedAnswerCounts) {
  for (const int status : {400, 404, 408, 429, 500, 502, 503, 504}) {
    attempt made = answered(status);
    made.retry_after = "60";
    EXPECT_EQ(after_attempt(made).wait_ms, minutes) << status;
  }
  attempt redirect = answered(302);
  redirect.retry_after = "60";
  EXPECT_EQ(after_attempt(redirect).result, result::failed);
}

TEST(WebhookSchedule, EndsAndNeverWaitsLongerThanItMay) {
  test::random_source from(8003);
  for (int n = 0; n < 20'000; ++n) {
    attempt made = answered(static_cast<int>(from.below(700)), static_cast<std::int32_t>(from.below(14)) - 2);
    made.why = static_cast<unanswered>(from.below(5));
    made.schedule = from.chance(50) ? schedule_kind::quick : schedule_kind::over_days;
    made.jitter = static_cast<std::uint16_t>(from.below(65536));
    const std::string asked = std::to_string(from.below(5000));
    if (from.chance(50)) made.retry_after = asked;
    const next_attempt next = after_attempt(made);
    const auto delays = delays_ms(made.schedule);
    const std::int32_t number = std::max(made.number, 1);
    EXPECT_FALSE(next.outcome.empty());
    if (next.result != result::retried) continue;
    ASSERT_LE(static_cast<std::size_t>(number), delays.size());
    const std::int64_t delay = delays[static_cast<std::size_t>(number) - 1];
    EXPECT_GE(*next.wait_ms, delay * 4 / 5);
    EXPECT_LE(*next.wait_ms, std::max(delay * 6 / 5, longest_asked_ms));
  }
}

TEST(WebhookSchedule, Names) {
  EXPECT_EQ(read_schedule("quick"), schedule_kind::quick);
  EXPECT_EQ(read_schedule(schedule_name(schedule_kind::over_days)), schedule_kind::over_days);
  EXPECT_EQ(read_schedule("slow"), std::nullopt);
}

}  // namespace
}  // namespace llm_admin::webhooks
