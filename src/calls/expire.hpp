// Calls whose deadline has passed: what they hold of limits is released, and the log says that they were begun. Private
// to this room.
#pragma once

#include <cstdint>

#include "store/open_call.hpp"

namespace llm_admin::calls_room {

// Ends at most so many of them, the oldest first, and waits for nobody: calls that others have locked, or whose counters
// are, are left, and so are those that cannot be ended, which WARNINGs tell. How many.
enum class broken : bool { passed_over, told };
std::int64_t expire_some(std::int64_t now, std::int64_t most, broken are);

inline constexpr std::int64_t expired_beside = 10;  // a begin

}  // namespace llm_admin::calls_room
