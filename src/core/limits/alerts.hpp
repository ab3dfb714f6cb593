// Alerts of a limit: which of its shares a sum has passed, and the event of one.
//
// A share is passed where more than nothing was used and the sum is at least the share of the amount. Each is
// told once a window and subject, by the row of limit_events that it is: whoever knows how many were told
// asks for the others only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "core/limits/escrow.hpp"
#include "core/limits/matcher.hpp"

namespace llm_admin::limits {

// Of the shares, which ascend, those passed beyond the first `told`.
std::span<const money::decimal> shares_passed(const limit& of, const money::decimal& amount,
                                              const money::decimal& sum, std::size_t told = 0);

// One row of limit_events.
struct limit_event {
  uuid limit_id{};
  std::string tenant, subject;
  std::int64_t window_start = 0;
  money::decimal share;
  std::int64_t at = 0;
  money::decimal used;  // and reserved, as it was seen
};
limit_event event_of(const met_limit& met, const figures& now, const money::decimal& share, std::int64_t at);

// What webhooks are told: one JSON object {limit, scope, tenant_id, subject, what, period, share, used,
// amount, window_start, resets_at, at}. Times are ISO 8601 in UTC; null where there is none.
std::string event_json(const limit_event& event, const limit& of, const money::decimal& amount);

}  // namespace llm_admin::limits
