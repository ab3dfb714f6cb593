// What to do after an attempt, from what came of it: nothing, the same again, another account, another model.
//
// Each outcome is a row of one table (next_rows() below): what may follow, in the order of preference,
// after the first attempt of a chain and after later ones. Of these the first that is possible is taken. What an
// account cannot help is never tried elsewhere: the request's own 4xx, and a limit of ours, end the chain. What
// another model may answer in other words, a chat, may fall over to one; vectors and counts of another model mean
// something else, and what an operation makes or finds at one account is not at another.
//
// `safe` says whether the request may be sent again without being done or paid for twice: not after a timeout, a cut
// connection or an answer that had begun, whatever `action` is. It is advice; the caller decides.
//
// `rest`: what is not to be used for `rest_ms`, told whether or not anything follows. Pure; nothing is thrown.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "core/mapping/response/error_kind.hpp"

namespace llm_admin::calls {

// Milliseconds. What a vendor asks for goes before them.
inline constexpr std::int64_t first_backoff_ms = 500;  // doubled with each attempt
inline constexpr std::int64_t last_backoff_ms = 16'000;
inline constexpr std::int64_t longest_wait_ms = 60'000;  // for the same again; a longer one is not waited for
inline constexpr std::int64_t longest_rest_ms =
    24 * 3'600'000;                               // a vendor that asks for more is tried again then
inline constexpr std::int32_t most_attempts = 5;  // of a chain

struct attempt_outcome {
  bool failed = false;  // an error was read from the answer, or told by the caller
  std::optional<int> http_status;
  mapping::error_kind kind = mapping::error_kind::unknown;
  std::optional<bool> retryable;               // as a rule of the mapping says
  std::optional<std::int64_t> retry_after_ms;  // as the vendor says
  bool timed_out = false;                      // the caller waited no longer
  bool dispatched = true;                      // false: surely nothing was sent
  bool output_seen = false;                    // of a stream, by whoever waits for it
  bool cancelled = false;                      // by the caller
  bool limit_reached = false;                  // refused by a limit of ours, or by a key, tier or model rule
};

struct chain_state {
  std::int32_t attempt = 1;  // the one that has ended
  std::int32_t most = most_attempts;
  std::string_view operation;      // empty is chat
  std::int32_t accounts_left = 0;  // of this model, not tried and not resting
  std::int32_t models_left = 0;    // of the fallbacks
  std::int64_t longest_wait = longest_wait_ms;
  // Spreads who waits: of the backoff a half and this share of the other, in 65,536ths.
  std::uint16_t jitter = 0;
};

enum class next_action : std::uint8_t { none, retry_same, next_account, next_model };
enum class resting : std::uint8_t {
  nothing,
  model,
  account
};  // the model at this account, or all of the account

struct next_step {
  next_action action = next_action::none;
  std::optional<std::int64_t> after_ms;  // of retry_same only
  bool safe = false;
  resting rest = resting::nothing;
  std::int64_t rest_ms = 0;
  bool counts_as_failure = false;  // of the account: for who opens its circuit after several
  std::string_view outcome;        // the row's name, static
};

// What came of an attempt, by name. A status counts where nothing more exact is known.
enum class outcome_class : std::uint8_t {
  success,
  limit_reached,
  cancelled,
  own_fault,  // the request cannot be answered as it stands, anywhere
  not_found,
  key_refused,   // 401
  no_credit,     // 402, and quotas by the day
  forbidden,     // 403
  rate_limited,  // 429
  conflict,      // 409, 425
  overloaded,    // 503, 529
  server_failed,
  timed_out,
  cut_off,     // no answer, or one that ends in its middle
  not_sent,    // no connection came about
  not_usable,  // an answer that is none
};
outcome_class class_of(const attempt_outcome& outcome) noexcept;

struct next_row {
  outcome_class outcome;
  std::string_view name;
  std::array<next_action, 3> first;  // after the first attempt; none ends the list
  std::array<next_action, 3> later;
  resting rest;
  std::int64_t rest_ms;  // where the vendor says nothing; 0 with `rest`: not without its word
  bool safe;             // unless output was seen
  bool counts_as_failure;
};
std::span<const next_row> next_rows() noexcept;

// Which moves an operation may make at all.
struct moves {
  bool to_account, to_model;
};
moves moves_of(std::string_view operation) noexcept;

next_step next_after(const attempt_outcome& outcome, const chain_state& chain) noexcept;
std::string_view action_name(next_action action) noexcept;  // "retry_same"

}  // namespace llm_admin::calls
