#include "core/calls/next_step.hpp"

#include <algorithm>
#include <array>

namespace llm_admin::calls {

namespace {

using mapping::error_kind;
using oc = outcome_class;  // of this file alone

using steps = std::array<next_action, 3>;
constexpr steps nothing_follows{};
constexpr steps the_same{next_action::retry_same};
constexpr steps other_account{next_action::next_account};
constexpr steps elsewhere{next_action::next_account, next_action::next_model};
constexpr steps wait_last{next_action::next_account, next_action::retry_same, next_action::next_model};
constexpr steps same_first{next_action::retry_same, next_action::next_account, next_action::next_model};
constexpr steps same_last{next_action::next_account, next_action::next_model, next_action::retry_same};

constexpr auto no_rest = resting::nothing;
constexpr std::int64_t a_minute = 60'000;

// In the order of outcome_class. The wait of a rate limit is spent at another account where there is one; of what
// may be over in a second, the same account is asked once more first. A model that one account does not have,
// another one may; a model that none has is the request's own fault, so no other model hides that.
constexpr auto outcome_rows = std::to_array<next_row>({
    {oc::success, "success", nothing_follows, nothing_follows, no_rest, 0, false, false},
    {oc::limit_reached, "limit reached", nothing_follows, nothing_follows, no_rest, 0, true, false},
    {oc::cancelled, "cancelled", nothing_follows, nothing_follows, no_rest, 0, false, false},
    {oc::own_fault, "request refused", nothing_follows, nothing_follows, no_rest, 0, true, false},
    {oc::not_found, "not found", other_account, other_account, no_rest, 0, true, false},
    {oc::key_refused, "key refused", elsewhere, elsewhere, resting::account, 10 * a_minute, true, true},
    {oc::no_credit, "no credit", elsewhere, elsewhere, resting::account, 60 * a_minute, true, true},
    {oc::forbidden, "forbidden", elsewhere, elsewhere, resting::account, 10 * a_minute, true, true},
    {oc::rate_limited, "rate limited", wait_last, wait_last, resting::model, a_minute / 6, true, false},
    {oc::conflict, "conflict", the_same, the_same, no_rest, 0, true, false},
    {oc::overloaded, "overloaded", same_first, same_last, resting::model, 0, true, true},
    {oc::server_failed, "server failed", same_first, same_last, no_rest, 0, true, true},
    {oc::timed_out, "timed out", same_first, same_last, no_rest, 0, false, true},
    {oc::cut_off, "cut off", same_first, same_last, no_rest, 0, false, true},
    {oc::not_sent, "not sent", same_first, same_last, no_rest, 0, true, true},
    {oc::not_usable, "no usable answer", same_first, same_last, no_rest, 0, false, true},
});

constexpr bool rows_are_in_order() {
  for (std::size_t n = 0; n < outcome_rows.size(); ++n)
    if (outcome_rows[n].outcome != static_cast<oc>(n)) return false;
  return outcome_rows.size() == static_cast<std::size_t>(oc::not_usable) + 1;
}
static_assert(rows_are_in_order());

// Statuses of a middle man who cannot say whether the request was done: a bad gateway, a gateway's timeout, and
// Cloudflare's for an unknown error and for an answer that took too long.
constexpr bool is_of_gateway(int status) noexcept { return status == 502 || status == 520; }
constexpr bool is_gateway_timeout(int status) noexcept {
  return status == 408 || status == 504 || status == 524;
}

oc class_of_status(const attempt_outcome& of) noexcept {
  if (!of.http_status) return of.dispatched ? oc::cut_off : oc::not_sent;
  const int status = *of.http_status;
  if (is_gateway_timeout(status)) return oc::timed_out;
  if (is_of_gateway(status)) return oc::cut_off;
  switch (status) {
    case 401:
      return oc::key_refused;
    case 402:
      return oc::no_credit;
    case 403:
      return oc::forbidden;
    case 404:
      return oc::not_found;
    case 409:
    case 425:
      return oc::conflict;
    case 429:
      return oc::rate_limited;
    case 503:
    case 529:
      return oc::overloaded;
    default:
      break;
  }
  if (status >= 500) return oc::server_failed;
  // An error within an answer of another status that no word explains.
  if (status < 400 && of.retryable.value_or(false)) return oc::server_failed;
  return oc::own_fault;
}

oc class_of_kind(const attempt_outcome& of) noexcept {
  switch (of.kind) {
    case error_kind::rate_limit:
      return oc::rate_limited;
    case error_kind::quota_exhausted:
      return oc::no_credit;
    case error_kind::auth:
      return oc::key_refused;
    case error_kind::permission:
      return oc::forbidden;
    case error_kind::not_found:
      return oc::not_found;
    case error_kind::invalid_request:
    case error_kind::context_too_long:
    case error_kind::content_filter:
      return oc::own_fault;
    case error_kind::overloaded:
      return oc::overloaded;
    case error_kind::timeout:
      return oc::timed_out;
    case error_kind::network_cut:
    case error_kind::stream_incomplete:
      return oc::cut_off;
    case error_kind::not_json:
    case error_kind::empty:
      // The status of an error page says more than its text.
      return of.http_status && *of.http_status >= 400 ? class_of_status(of) : oc::not_usable;
    case error_kind::server:
      return of.http_status && *of.http_status >= 500 ? class_of_status(of) : oc::server_failed;
    case error_kind::unknown:
      break;
  }
  return class_of_status(of);
}

std::int64_t backoff_ms(const chain_state& chain) noexcept {
  const int doublings = std::clamp<std::int32_t>(chain.attempt - 1, 0, 10);
  const std::int64_t whole = std::min(first_backoff_ms << doublings, last_backoff_ms);
  return whole / 2 + (whole - whole / 2) * chain.jitter / 65536;
}

}  // namespace

outcome_class class_of(const attempt_outcome& of) noexcept {
  if (of.limit_reached) return oc::limit_reached;
  if (of.cancelled) return oc::cancelled;
  if (!of.dispatched && !of.http_status) return oc::not_sent;
  if (of.timed_out) return oc::timed_out;
  if (of.failed) return class_of_kind(of);
  if (!of.http_status || *of.http_status < 400) return oc::success;
  return class_of_status(of);
}

std::span<const next_row> next_rows() noexcept { return outcome_rows; }

moves moves_of(std::string_view operation) noexcept {
  if (operation.empty() || operation == "chat") return {true, true};
  if (operation == "embed" || operation == "embed_query" || operation == "count_tokens") return {true, false};
  return {false, false};
}

next_step next_after(const attempt_outcome& of, const chain_state& chain) noexcept {
  const next_row& row = outcome_rows[static_cast<std::size_t>(class_of(of))];
  next_step step;
  step.outcome = row.name;
  step.safe = !of.output_seen && (row.safe || !of.dispatched);
  step.counts_as_failure = row.counts_as_failure;
  const std::optional<std::int64_t> asked =
      of.retry_after_ms ? std::optional(std::max<std::int64_t>(*of.retry_after_ms, 0)) : std::nullopt;
  if (row.rest != resting::nothing && (row.rest_ms > 0 || asked)) {
    step.rest = row.rest;
    step.rest_ms = std::min(asked.value_or(row.rest_ms), longest_rest_ms);
  }
  if (chain.attempt >= chain.most) return step;
  const moves may = moves_of(chain.operation);
  const std::int64_t wait = asked.value_or(backoff_ms(chain));
  for (const next_action action : chain.attempt <= 1 ? row.first : row.later) {
    if (action == next_action::none) break;
    const bool possible = action == next_action::retry_same
                              ? of.retryable.value_or(true) && wait <= chain.longest_wait
                          : action == next_action::next_account ? may.to_account && chain.accounts_left > 0
                                                                : may.to_model && chain.models_left > 0;
    if (!possible) continue;
    step.action = action;
    if (action == next_action::retry_same) step.after_ms = wait;
    break;
  }
  return step;
}

std::string_view action_name(next_action action) noexcept {
  constexpr std::array<std::string_view, 4> names = {"none", "retry_same", "next_account", "next_model"};
  return names[static_cast<std::size_t>(action)];
}

}  // namespace llm_admin::calls
