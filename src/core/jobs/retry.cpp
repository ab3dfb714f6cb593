#include "core/jobs/retry.hpp"

#include <algorithm>
#include <array>

#include "core/checked_options.hpp"
#include "core/error.hpp"
#include "core/json/text.hpp"

namespace llm_admin::jobs {

namespace {

constexpr std::array<std::string_view, 4> category_names = {"USER", "CONFIG", "SYSTEM", "EXTERNAL"};
constexpr std::array<std::string_view, 5> error_members = {"type", "category", "message", "retryable",
                                                           "step"};
constexpr std::array<std::string_view, 2> on_ambiguous_names = {"retry", "fail"};

// Any part of the wait, both ends among them. The remainder's bias is below 2^-30 for waits of an hour.
std::int64_t drawn(std::int64_t longest, std::uint64_t dice) noexcept {
  return static_cast<std::int64_t>(dice % (static_cast<std::uint64_t>(longest) + 1));
}

}  // namespace

std::string_view name_of(category of) noexcept { return category_names[static_cast<std::size_t>(of)]; }

std::optional<category> category_named(std::string_view name) noexcept {
  for (std::size_t n = 0; n < category_names.size(); ++n)
    if (category_names[n] == name) return static_cast<category>(n);
  return std::nullopt;
}

bool is_retried(category of) noexcept { return of == category::system || of == category::external; }

std::string_view name_of(on_ambiguous of) noexcept {
  return on_ambiguous_names[static_cast<std::size_t>(of)];
}

std::optional<on_ambiguous> on_ambiguous_named(std::string_view name) noexcept {
  for (std::size_t n = 0; n < on_ambiguous_names.size(); ++n)
    if (on_ambiguous_names[n] == name) return static_cast<on_ambiguous>(n);
  return std::nullopt;
}

job_error read_error(const json::node& given) {
  job_error read;
  if (given.is_string()) {
    read.message = given.text();
    if (read.message.size() > longest_error_message)
      throw error(sqlstate::invalid_parameter, "argument error must have at most 65536 bytes");
    return read;
  }
  if (!given.is_absent() && !given.is_object())
    throw error(sqlstate::invalid_parameter, "argument error must be a JSON object or a text");
  checked_options in(given, error_members);
  read.type = in.text("type", checked_options::empty::not_given, longest_error_type).value_or(read.type);
  read.category =
      category_named(in.word("category", category_names).value_or("SYSTEM")).value_or(read.category);
  read.message = in.whole_text("message").value_or("");
  if (read.message.size() > longest_error_message) in.problem("option message must have at most 65536 bytes");
  read.retryable = in.boolean("retryable").value_or(is_retried(read.category));
  read.step = in.text("step", checked_options::empty::not_given, longest_error_type).value_or("");
  in.require("an error is {type, category, message, retryable, step}");
  return read;
}

std::string error_json(const job_error& of) {
  std::string made = "{\"type\": " + json::quoted(of.type);
  made.append(", \"category\": ").append(json::quoted(name_of(of.category)));
  made.append(", \"message\": ").append(json::quoted(of.message));
  made.append(", \"retryable\": ").append(of.retryable ? "true" : "false");
  made.append(", \"step\": ").append(of.step.empty() ? "null" : json::quoted(of.step));
  return made += '}';
}

job_error lease_expired_error() noexcept {
  job_error made;
  made.type = "lease_expired";
  made.message = "the worker's lease ran out before it said what came of the attempt";
  return made;
}

std::int64_t longest_wait_after(std::int32_t n, const backoff& waits) noexcept {
  const std::int64_t most = std::max<std::int64_t>(waits.longest, 0);
  std::int64_t wait = std::clamp<std::int64_t>(waits.first, 0, most);
  for (std::int32_t doublings = std::clamp(n, 1, 63) - 1; doublings > 0 && wait < most; --doublings) {
    if (wait == 0) break;
    wait = wait > most / 2 ? most : wait * 2;
  }
  return wait;
}

std::int32_t count_at_claim(std::int32_t retry_count) noexcept {
  return retry_count == INT32_MAX ? retry_count : std::max(retry_count, 0) + 1;
}

std::int32_t count_given_back(std::int32_t retry_count) noexcept { return std::max(retry_count, 1) - 1; }

next_try after_failure(const attempt& of, const outcome_of_attempt& what, std::int64_t now,
                       std::uint64_t dice, const backoff& waits) noexcept {
  const bool expired = what.failure == failure::lease_expired;
  next_try next;
  if ((expired || what.ambiguous) && of.on_ambiguous == on_ambiguous::fail) {
    next.because = "ambiguous";
    return next;
  }
  if (!expired && !what.retryable) {
    next.because = "not retryable";
    return next;
  }
  if (of.retry_count > of.max_retries) {
    next.because = "attempts used up";
    return next;
  }
  std::int64_t wait = drawn(longest_wait_after(of.retry_count, waits), dice);
  if (expired) wait = later_by(wait, least_after_expired_lease);
  if (what.retry_after)
    wait = std::max(wait, std::clamp<std::int64_t>(*what.retry_after, 0, most_retry_after));
  next.run_at = later_by(now, wait);
  if (of.deadline && next.run_at > *of.deadline) {
    next.run_at = 0;
    next.because = "deadline";
    return next;
  }
  next.becomes = status::pending;
  next.because = "retry";
  return next;
}

}  // namespace llm_admin::jobs
