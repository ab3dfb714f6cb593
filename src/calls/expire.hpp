// Calls whose deadline has passed: what they hold of limits is released, and the log says that they were begun. Private
// to this room.
#pragma once

#include <cstdint>

#include "store/open_call.hpp"

namespace llm_admin::calls_room {

// Ends at most so many of them, the oldest first, and waits for nobody: calls that others have locked, or whose counters
// are, are left, and so are those that cannot be ended, which WARNINGs tell. How many.
std::int64_t expire_calls(std::int64_t now, std::int64_t most);

// The same beside other work, without a word: up to 10, of so many that are looked at. Where none of these could be ended, the
// session's next look goes on behind them.
std::int64_t expire_beside(std::int64_t now, std::int64_t looks);
inline constexpr std::int64_t looks_beside = 10, looks_in_need = 1000;

}  // namespace llm_admin::calls_room
