// An ended call into the log, with what it held of limits settled. Private to this room.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/calls/reservation.hpp"
#include "core/limits/limit.hpp"
#include "core/usage/call.hpp"
#include "store/open_call.hpp"
#include "store/usage_requests.hpp"

namespace llm_admin::calls_room {

struct recorded {
  std::int64_t usage_id = 0;
  std::optional<std::string> cost_usd;
  std::string cost_status, note;
  bool duplicate = false;
  std::vector<const char*> notes;  // on what was changed of it so that the log can take it
};

// `used` has the tokens, the status, the error and so on; whose call it is and what it was priced by is taken from `call`,
// whose row is gone or locked by now. Locks go counters, then usage_requests. A call that is in the log is answered from
// there. Where nobody waits: nothing is done, and nothing returned, where another transaction holds one of its counters.
enum class waiting : bool { no, yes };
std::optional<recorded> record_call(const store::open_call& call, usage::call used, const char* caller,
                                    waiting waits);

// Names, models and cost. A model that the answer names and that is too long for the books is left out.
void complete(store::usage_entry& entry, usage::call& used, recorded& made);

// What was used of a reservation.
money::decimal used_of(const limits::limit& by, const calls::reservation& held, const usage::call& used,
                       const std::optional<std::string>& cost_usd);

}  // namespace llm_admin::calls_room
