// What taking and settling of quotas share: which counters the transaction holds, and whether it may count at all.
#pragma once

#include <set>
#include <string>
#include <tuple>

#include "core/limits/limit.hpp"
#include "pg/guard.hpp"

namespace llm_admin::store {

using counter_key = std::tuple<limits::uuid, std::string, std::string>;  // limit, tenant, subject

// The counters of which this transaction holds slots. A savepoint that is rolled back leaves them here: then
// LA012 comes where waiting would have done.
std::set<counter_key>& keys_held();

// 25006 on a standby and in a read-only transaction, 40001 above READ COMMITTED.
void require_read_committed(const char* caller);

// A lock timeout or a deadlock: whether there is something left cannot be told.
bool tells_nothing(const pg::error& e);

}  // namespace llm_admin::store
