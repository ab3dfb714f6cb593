// An ended call into the log, with what it held of limits settled. Private to this room.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "calls/booking.hpp"
#include "core/json/tree.hpp"
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
// whose row is gone or locked by now. `by_receipt`: of a call without a row, for limits to see what was used. Locks go
// counters, then usage_requests. A call that is in the log is answered from there, and no limit counts it twice. Where
// nobody waits: nothing is done, and nothing returned, where another transaction holds one of its counters.
enum class waiting : bool { no, yes };
std::optional<recorded> record_call(const store::open_call& call, usage::call used, const char* caller,
                                    waiting waits, const unheld_limits* by_receipt = nullptr);

// What the column metadata says of it, absent where that is nothing.
json::node metadata_of(const store::open_call& call, json::tree& kept);

// Names, models and cost. A model that the answer names and that the books cannot take, too long or no name, is left out.
void complete(store::usage_entry& entry, usage::call& used, recorded& made);

}  // namespace llm_admin::calls_room
