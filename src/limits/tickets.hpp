// Rows of quota_tickets: what acquire_quota() and reserve_budget() took, until it is ended once, by its caller or, when
// it is overdue, by anybody.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/calls/reservation.hpp"
#include "core/uuid.hpp"
#include "pg/types.hpp"
#include "store/quota.hpp"

namespace llm_admin::limits_room {

inline constexpr std::int64_t ticket_seconds = 600, most_ticket_seconds = 86'400;

uuid_bytes write_ticket(const std::string& tenant, const char* kind, std::int64_t now, std::int64_t seconds,
                        std::vector<calls::reservation> taken);

// False where there is none of that kind, for the entered tenant where one is entered.
bool end_ticket(pg::typed_datum ticket, const char* kind, const char* caller, const store::units_used& used);

// Ends up to `most` tickets that are overdue, of one tenant or of all, and waits for nobody: those of which another
// transaction holds something are left for later. What is reserved is given back; what counts as used stays so.
// A ticket that cannot be read is 55000, or passed over. Returns how many were ended.
enum class damaged : bool { told, passed_over };
std::int64_t end_overdue(std::int64_t most, const std::optional<std::string>& tenant, std::int64_t now,
                         const char* caller, damaged are);

}  // namespace llm_admin::limits_room
