// What becomes of a job whose attempt has failed: another try later, or the end.
//
// retry_count is the number of attempts that have begun: it rises at the claim, not at the failure, so an attempt whose
// worker died counts. A job has 1 + max_retries attempts; what gives the lease back or pauses is taken off again.
//
// The wait doubles with each attempt from `first` up to `longest`, and what is drawn of it is any part (full jitter, as
// in "Exponential Backoff And Jitter", Amazon Architecture Blog, 2015). After an expired lease 60 s come on top, so that a
// job that kills its workers leaves time to be noticed. What a vendor asks for (Retry-After) is the least, up to an hour.
// A try that would come after the deadline is none. Times are microseconds of the server's epoch. Nothing is thrown
// but what is said.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/jobs/lease.hpp"
#include "core/jobs/status.hpp"
#include "core/json/view.hpp"

namespace llm_admin::jobs {

// Who has to do something about it: the submitter, the operator, we, a vendor.
enum class category : std::uint8_t { user, config, system, external };
std::string_view name_of(category of) noexcept;  // "USER"
std::optional<category> category_named(std::string_view name) noexcept;
bool is_retried(category of) noexcept;  // system and external

// The column error: {type, category, message, retryable, step}.
struct job_error {
  std::string_view type = "error", message, step;  // step: empty where it was in none
  jobs::category category = category::system;
  bool retryable = true;  // what is given, else as the category says
};
inline constexpr std::size_t longest_error_type = 255;       // bytes
inline constexpr std::size_t longest_error_message = 65536;  // bytes
// The argument error of fail_job: an object of these members, or a text that is the message. 22023 with all problems.
job_error read_error(const json::node& given);
std::string error_json(const job_error& of);  // what is stored
// The error of an attempt whose lease ran out.
job_error lease_expired_error() noexcept;

enum class failure : std::uint8_t {
  told,          // the worker says what went wrong
  lease_expired  // it says nothing any more: what it sent may have been done
};
enum class on_ambiguous : std::uint8_t { retry, fail };
std::string_view name_of(on_ambiguous of) noexcept;
std::optional<on_ambiguous> on_ambiguous_named(std::string_view name) noexcept;

inline constexpr std::int32_t most_retries = 1000;
inline constexpr std::int32_t default_retries = 3;
struct backoff {
  std::int64_t first = second;
  std::int64_t longest = 60 * second;
};
inline constexpr std::int64_t least_after_expired_lease = 60 * second;
inline constexpr std::int64_t most_retry_after = 3600 * second;

struct attempt {
  std::int32_t retry_count = 1;  // this one counted
  std::int32_t max_retries = default_retries;
  std::optional<std::int64_t> deadline;
  jobs::on_ambiguous on_ambiguous = on_ambiguous::retry;
};
struct outcome_of_attempt {
  jobs::failure failure = failure::told;
  bool retryable = true;
  bool ambiguous = false;                   // told, and whether the vendor did it is not known
  std::optional<std::int64_t> retry_after;  // microseconds, as a vendor asks
};

struct next_try {
  status becomes = status::failed;  // or pending
  std::int64_t run_at = 0;          // of a pending one
  std::string_view because;         // "retry", "not retryable", "attempts used up", "deadline", "ambiguous"
};
// `dice`: any 64 bits, evenly spread.
next_try after_failure(const attempt& of, const outcome_of_attempt& what, std::int64_t now,
                       std::uint64_t dice, const backoff& waits = {}) noexcept;

// The longest wait before the try after attempt `n` (from 1).
std::int64_t longest_wait_after(std::int32_t n, const backoff& waits = {}) noexcept;
std::int32_t count_at_claim(std::int32_t retry_count) noexcept;
std::int32_t count_given_back(std::int32_t retry_count) noexcept;

}  // namespace llm_admin::jobs
