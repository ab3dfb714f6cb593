// What an open call holds of its limits: the column reservations of llm_calls.
//
//   [{"limit": "8c1f3a52-...", "tenant": "acme", "subject": "alice", "slot": 0,
//     "window": "2026-11-30T02:00:00.000Z", "amount": "0.0125"}]
//
// One element a counter, in the order in which counters are locked: by limit, tenant, subject, slot. `window` is the
// beginning of the counter's window in UTC, "-infinity" where its period is total; `amount` is exact decimal text, in
// the unit of the limit. A slot of -1 is a counter in shared memory, those from 0 on are rows of limit_counters. Reading
// gives that order whatever stands in the row, so that whoever settles locks as everybody does.
//
// A row may have been edited, so nothing is believed of it: one that is damaged is error 55000, which says where, and
// nothing is given of it. At most 256 elements, texts of at most 1,024 bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/json/view.hpp"
#include "core/money/decimal.hpp"
#include "core/uuid.hpp"

namespace llm_admin::calls {

inline constexpr std::size_t most_reservations = 256;
inline constexpr std::size_t longest_subject = 1024;  // bytes; of the tenant as well
inline constexpr std::int16_t shared_slot = -1;
inline constexpr std::int16_t last_slot = 15;
inline constexpr std::int64_t total_window = INT64_MIN;  // "-infinity", as the server has it

struct reservation {
  uuid_bytes limit_id{};  // limits.id, tier_model_rules.id or tiers.id
  std::string tenant_id, subject;
  std::int16_t slot = 0;
  std::int64_t window_start = total_window;  // microseconds since 2000-01-01T00:00:00Z; whole milliseconds
  money::decimal amount;
};

// As counters are locked.
bool locked_before(const reservation& a, const reservation& b) noexcept;

// Sorts and writes them. What could not be read again (too many, a counter twice, an amount below zero, a window
// outside the years 1970 to 9999) is XX000: our own mistake.
std::string write_reservations(std::vector<reservation> held);
// `stored`: the value of the column; absent is none.
std::vector<reservation> read_reservations(const json::node& stored);

}  // namespace llm_admin::calls
