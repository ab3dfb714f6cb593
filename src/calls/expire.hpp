// Calls whose deadline has passed: what they hold of limits is released, and the log says that they were begun. Private
// to this room.
#pragma once

#include <cstdint>

#include "store/open_call.hpp"

namespace llm_admin::calls_room {

// Ends at most 10 of them and waits for nobody: calls that others have locked, or whose counters are, are left. How many.
int expire_some(std::int64_t now);

}  // namespace llm_admin::calls_room
