// What calls take of limits and give back: counters in the table limit_counters, dealt over slots
// (core/limits/escrow.hpp), or in shared memory (store/shared_counters.hpp), whose units do not roll back.
//
// All or none: nothing is written until every limit of the call has granted. Counters are locked in the order of
// (limit, tenant, subject, slot) and no session waits against it: one whose transaction holds a counter at or
// behind the one that it would have to wait for gets LA012. A lock timeout or deadlock is LA012 as well; 40001
// above READ COMMITTED, where the sums of others cannot be seen; 25006 on a standby and in a read-only
// transaction. What is taken is the transaction's: rolled back, it was never taken. A denial takes nothing; it tells
// the alert shares that the sum has passed.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "core/calls/reservation.hpp"
#include "core/limits/escrow.hpp"
#include "core/limits/matcher.hpp"
#include "store/limits.hpp"

namespace llm_admin::store {

struct quota_ask {
  limits::met_limit met;
  money::decimal units;
};

struct quota_answer {
  std::optional<std::size_t> denied_by;   // of the asked; nothing: granted
  std::vector<limits::figures> figures;   // of each asked; where denied, those up to the one that denies
  std::vector<calls::reservation> taken;  // of each asked, where granted
};

// `asked` is in lock order, each counter once. `caller` names the function for errors.
quota_answer take_quota(std::span<const quota_ask> asked, std::int64_t now, const char* caller);

// How many units of a limit were used of what was taken; it may be more.
using units_used = std::function<money::decimal(const limits::limit&, const calls::reservation&)>;

// Ends reservations, in the order of locks. Those of limits or counters that are gone are passed over. What was used
// is booked whole, and the alert shares that it passes are told.
void settle_quota(std::span<const calls::reservation> taken, const known_limits& known,
                  const units_used& used, const char* caller);
// The same without a wait: false, and nothing is written or held, where another transaction holds one of the slots, or
// where `also`, which comes last, is false.
bool settle_free_quota(std::span<const calls::reservation> taken, const known_limits& known,
                       const units_used& used, const char* caller, const std::function<bool()>& also = {});

// Books what was used where nothing was taken before, in the window of `at`; a counter that is not there is
// made. `used` is in lock order, each counter once; 0 units make no counter. Never refuses: it waits for slots as
// settle_quota() does. In shared memory it counts when the transaction commits; what a transaction that was rolled back has
// taken there is counted besides, until its window ends. Returned is where it was booked, with nothing reserved.
std::vector<calls::reservation> book_quota(std::span<const quota_ask> used, std::int64_t at,
                                           const char* caller);

// Whether units of it are reserved until they are settled; others are used at once.
constexpr bool is_reserved(limits::what of) noexcept {
  return of == limits::what::cost_usd || of == limits::what::concurrent;
}

}  // namespace llm_admin::store
