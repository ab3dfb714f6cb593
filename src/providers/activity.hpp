// One active provider at a time: the lock that serialises its writers, and the check for several in one
// statement.
#pragma once

#include "pg/guard.hpp"

namespace llm_admin::providers {

// Takes the one lock of provider activity until the end of the transaction: an object lock on the table's own
// id, which no role can take by itself. Everything that may change is_active takes it before any row lock.
void lock_activity();

}  // namespace llm_admin::providers
