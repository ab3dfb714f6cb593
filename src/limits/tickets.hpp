// Rows of quota_tickets: what acquire_quota() and reserve_budget() took, until it is ended once, by its caller or, when
// it is overdue, by anybody.
#pragma once

#include <cstdint>
#include <limits>
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

// The way along overdue tickets in the order of their deadlines.
struct overdue_walk {
  struct place {
    std::int64_t expires_at = std::numeric_limits<std::int64_t>::min();
    uuid_bytes ticket{};
    friend bool operator==(const place&, const place&) = default;
  };
  std::int64_t most = std::numeric_limits<std::int64_t>::max();  // tickets to look at
  place
      last;  // behind it the walk begins, and goes on at the start; where it was left, or the start where it is through
};

// Ends up to `most` tickets that are overdue, of one tenant or of all, and waits for nobody: those of which another
// transaction holds something are left for later. What is reserved is given back; what counts as used stays so.
// A ticket that cannot be read or ended is an error, 55000 and others, or passed over. Returns how many were ended.
enum class damaged : bool { told, passed_over };
std::int64_t end_overdue(std::int64_t most, const std::optional<std::string>& tenant, std::int64_t now,
                         const char* caller, damaged are, overdue_walk& walk);

}  // namespace llm_admin::limits_room
