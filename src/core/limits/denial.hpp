// What a denial says: LA010 with figures that a program reads from DETAIL.
//
// DETAIL is one JSON object {limit, scope, tenant_id, subject, model, what, period, used, reserved, asked,
// amount, remaining, resets_at, retry_after_ms}. Figures are JSON numbers, exact; resets_at is ISO 8601 in
// UTC; null where a limit never resets, or where waiting does not help. HINT says until when to wait, and the
// statement that adds what is missing. Throws std::bad_alloc only.
#pragma once

#include <cstdint>
#include <string>

#include "core/error.hpp"
#include "core/limits/escrow.hpp"
#include "core/limits/matcher.hpp"

namespace llm_admin::limits {

std::string denial_json(const met_limit& met, const figures& as_it_stands, const money::decimal& asked);

error limit_reached(const met_limit& met, const figures& as_it_stands, const money::decimal& asked,
                    std::int64_t now);
// A limit in money met by a call that has no price, where the limit denies such.
error no_price(const met_limit& met, std::string_view model);
// LA012: other transactions hold what this one must not wait for.
error cannot_tell(const met_limit& met);

// "cost_usd of user alice"; the subject cut at 200 bytes.
std::string named(const met_limit& met);

}  // namespace llm_admin::limits
