#include "core/webhooks/schedule.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>

#include "core/http/date.hpp"

namespace llm_admin::webhooks {

namespace {

constexpr std::int64_t a_second = 1000, a_minute = 60 * a_second, an_hour = 60 * a_minute;
constexpr std::array<std::int64_t, 3> quick_delays = {5 * a_second, 15 * a_second, 45 * a_second};
constexpr std::array<std::int64_t, 9> delays_over_days = {
    5 * a_second, 5 * a_minute, 30 * a_minute, 2 * an_hour,  5 * an_hour,
    10 * an_hour, 14 * an_hour, 20 * an_hour,  24 * an_hour,
};
constexpr std::size_t longest_text = 100;  // of a Retry-After
constexpr std::array<std::string_view, 2> schedule_names = {"quick", "over_days"};

struct verdict {
  std::string_view outcome;
  attempt_result result;  // retried: as long as the schedule lasts
};

verdict verdict_on_status(int status) noexcept {
  if (status >= 200 && status < 300) return {"delivered", attempt_result::delivered};
  if (status >= 300 && status < 400) return {"redirected", attempt_result::failed};
  if (status == 410) return {"gone", attempt_result::endpoint_disabled};
  if (status == 408 || status == 429) return {"throttled", attempt_result::retried};
  if (status >= 400 && status < 500) return {"refused", attempt_result::retried};
  if (status >= 500 && status < 600) return {"server_error", attempt_result::retried};
  return {"odd_status", attempt_result::retried};
}

verdict verdict_on(const attempt& made) noexcept {
  switch (made.why) {
    case unanswered::malformed:
      return {"malformed", attempt_result::failed};
    case unanswered::denied:
      return {"denied", attempt_result::failed};
    case unanswered::timeout:
      return {"timeout", attempt_result::retried};
    case unanswered::network:
      break;
    case unanswered::no:
      if (made.http_status) return verdict_on_status(*made.http_status);
      break;
  }
  return {"network", attempt_result::retried};
}

// The delay with its jitter, exactly from 80 % to 120 %, rounded down.
std::int64_t spread(std::int64_t delay, std::uint16_t jitter) noexcept {
  constexpr std::int64_t whole = 65535;
  return delay * 4 / 5 + delay * 2 / 5 * jitter / whole;
}

// From 0 to longest_asked_ms.
std::optional<std::int64_t> asked_ms(const attempt& made) {
  const std::string_view text = made.retry_after;
  if (text.empty() || text.size() > longest_text) return std::nullopt;
  std::optional<std::int64_t> asked;
  std::int64_t seconds = longest_asked_ms;  // of more digits than a number has
  if (std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    std::from_chars(text.data(), text.data() + text.size(), seconds);
    asked = std::min(seconds, longest_asked_ms) * a_second;
  } else if (const auto point = http_date_ms(text)) {
    asked = *point - made.now_ms;
  }
  if (asked) asked = std::clamp<std::int64_t>(*asked, 0, longest_asked_ms);
  return asked;
}

}  // namespace

std::span<const std::int64_t> delays_ms(schedule_kind kind) noexcept {
  return kind == schedule_kind::quick ? std::span<const std::int64_t>(quick_delays) : delays_over_days;
}

std::string_view schedule_name(schedule_kind kind) noexcept {
  return schedule_names[static_cast<std::size_t>(kind)];
}

std::optional<schedule_kind> read_schedule(std::string_view name) noexcept {
  for (std::size_t n = 0; n < schedule_names.size(); ++n)
    if (schedule_names[n] == name) return static_cast<schedule_kind>(n);
  return std::nullopt;
}

next_attempt after_attempt(const attempt& made) {
  const verdict found = verdict_on(made);
  next_attempt next{found.result, std::nullopt, found.outcome, found.result != attempt_result::delivered};
  if (found.result != attempt_result::retried) return next;
  const std::span<const std::int64_t> delays = delays_ms(made.schedule);
  const std::size_t retries = made.number > 1 ? static_cast<std::size_t>(made.number) - 1 : 0;
  if (retries >= delays.size()) {
    next.result = attempt_result::failed;
    return next;
  }
  const std::int64_t scheduled = spread(delays[retries], made.jitter);
  next.wait_ms = std::max(scheduled, asked_ms(made).value_or(0));
  return next;
}

}  // namespace llm_admin::webhooks
