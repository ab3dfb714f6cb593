// What limits are told of a call beside the plain end of its reservations: a call that held nothing, and one whose numbers
// become others. Private to this room.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/calls/reservation.hpp"
#include "core/limits/limit.hpp"
#include "core/usage/call.hpp"
#include "store/open_call.hpp"

namespace llm_admin::calls_room {

// What was used of a reservation.
money::decimal used_of(const limits::limit& by, const calls::reservation& held, const usage::call& used,
                       const std::optional<std::string>& cost_usd);

// What the limits of a call without a row are found by, besides what its row would have.
struct unheld_limits {
  std::string tier;                // the one that counted
  std::optional<uuid_bytes> rule;  // that limits the requests of a day
  bool is_request = true;
};
// Books what was used into each limit that the call meets as of its start; where it was booked, with nothing reserved.
std::vector<calls::reservation> book_limits(const store::open_call& call, const unheld_limits& by,
                                            const usage::call& used,
                                            const std::optional<std::string>& cost_usd, const char* caller);

// Of reservations that have ended, `was` units are booked, and it is said that `is` were used.
using units_of_reservation = std::function<money::decimal(const limits::limit&, const calls::reservation&)>;
void book_again(std::vector<calls::reservation> ended, const units_of_reservation& was,
                const units_of_reservation& is, const char* caller);

// A call that is in the log already has its reservations settled with what was `used`: what the log says was booked of it
// is not booked twice.
void unbook_repeated(const store::open_call& call, const units_of_reservation& used, const char* caller);

}  // namespace llm_admin::calls_room
