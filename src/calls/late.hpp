// A finish of a call that had expired: what the log does not say yet, as a row of kind correction. Private to this room.
#pragma once

#include "calls/record.hpp"

namespace llm_admin::calls_room {

// The difference between what was used and the row of kind expired; once, a second one is a duplicate.
recorded record_late(const store::open_call& call, usage::call used, const char* caller);

}  // namespace llm_admin::calls_room
