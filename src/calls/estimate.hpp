// What a call is estimated to cost, and what it takes of limits. Private to this room.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "calls/route.hpp"
#include "core/limits/estimate.hpp"

namespace llm_admin::calls_room {

struct call_estimate {
  limits::token_estimate tokens;
  limits::cost_estimate cost;            // of a tenant's own key, 0
  std::optional<std::int64_t> price_id;  // that the call is pinned to
};

// LA011 for a request that is longer than the caller's tier allows.
call_estimate estimate_of(const asked_call& asked, const route& to, std::string_view params_text,
                          std::int64_t now);

struct taken_limits {
  std::vector<calls::reservation> taken;
  std::vector<std::string> exceeded;  // limits that only warn, "cost_usd of user alice"
  std::string downgrade_to;           // nothing was taken: the model to go on with instead
};
// LA010 where a limit denies, also once overdue calls that may hold it are ended. `is_request`: else it is a further
// attempt at one, which is counted already. `may_downgrade`: else a limit that would lead to another model denies.
taken_limits take_limits(const asked_call& asked, const route& to, const call_estimate& estimate,
                         bool is_request, std::int64_t now, bool may_downgrade);

}  // namespace llm_admin::calls_room
