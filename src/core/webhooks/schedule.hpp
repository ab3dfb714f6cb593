// What follows an attempt to deliver a webhook, and when the next one is due.
//
//   2xx                           delivered
//   3xx                           failed: redirects are never followed
//   410                           failed, and the endpoint is to be disabled
//   429, 408, 5xx, other 4xx, no answer, other statuses    retried while the schedule lasts, then failed
//   a malformed URL or a denied address                    failed at once
//
// Waits are milliseconds from the end of the attempt: the schedule's delay for the retry, 20 % less to 20 % more. A
// Retry-After (RFC 9110 section 10.2.3, seconds or a date) of the answer may make it longer, up to longest_asked_ms;
// it never makes it shorter, and what cannot be read is as if it was not there. Pure; throws std::bad_alloc only.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace llm_admin::webhooks {

enum class schedule_kind : std::uint8_t {
  quick,      // 5, 15, 45 s
  over_days,  // the example of Standard Webhooks 1.0.0: 5 s to 24 h, 75 hours in all
};
std::span<const std::int64_t> delays_ms(schedule_kind kind) noexcept;  // before each retry
std::string_view schedule_name(schedule_kind kind) noexcept;           // "quick", "over_days"
std::optional<schedule_kind> read_schedule(std::string_view name) noexcept;

inline constexpr std::int64_t longest_asked_ms = 15 * 60 * 1000;

enum class unanswered : std::uint8_t { no, network, timeout, denied, malformed };

struct attempt {
  std::optional<int> http_status;
  // Why there is no answer, which goes before a status: one that was cut off, for instance.
  unanswered why = unanswered::no;
  std::string_view retry_after;  // the header's text; empty where there is none
  std::int64_t now_ms = 0;       // since 1970-01-01T00:00:00Z, for a date in it
  std::int32_t number = 1;       // of the attempts of this event, counted from 1, in this round
  schedule_kind schedule = schedule_kind::quick;
  std::uint16_t jitter = 0;  // random: 0 takes 20 % off the delay, 65,535 adds them
};

enum class attempt_result : std::uint8_t { delivered, retried, failed, endpoint_disabled };
struct next_attempt {
  attempt_result result = attempt_result::failed;
  std::optional<std::int64_t> wait_ms;  // of retried only
  std::string_view outcome;             // one word for what came of it, static; see below
  bool counts_against_endpoint = true;  // as one more failure in a row
};
// Outcomes: delivered, redirected, gone, throttled (408, 429), refused (another 4xx), server_error (5xx), odd_status,
// network, timeout, denied, malformed. An attempt without status and reason is one without an answer: network.
next_attempt after_attempt(const attempt& made);

}  // namespace llm_admin::webhooks
