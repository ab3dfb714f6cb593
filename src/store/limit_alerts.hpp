// Alert shares of limits, told once a window and subject in limit_events.
#pragma once

#include <cstdint>

#include "core/limits/escrow.hpp"
#include "core/limits/matcher.hpp"

namespace llm_admin::store {

// Writes the shares that the sum has passed and nobody has told yet. What another transaction is telling is
// left to it, without a wait; where that rolls back, the next call tells it.
void record_alerts(const limits::met_limit& met, const limits::figures& now, std::int64_t at);

}  // namespace llm_admin::store
