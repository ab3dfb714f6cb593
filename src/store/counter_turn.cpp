#include "store/counter_turn.hpp"

#include <memory>
#include <string_view>

#include "core/error.hpp"
#include "pg/role.hpp"

extern "C" {
#include "miscadmin.h"
}

namespace llm_admin::store {

namespace {

struct held_counters {
  FullTransactionId transaction = InvalidFullTransactionId;
  std::set<counter_key> keys;
};
held_counters* counters_held = nullptr;  // for the life of the backend

}  // namespace

std::set<counter_key>& keys_held() {
  if (counters_held == nullptr) counters_held = std::make_unique<held_counters>().release();
  const FullTransactionId now = GetTopFullTransactionIdIfAny();
  if (!FullTransactionIdEquals(counters_held->transaction, now) || !FullTransactionIdIsValid(now)) {
    counters_held->keys.clear();
    counters_held->transaction = now;
  }
  return counters_held->keys;
}

void require_read_committed(const char* caller) {
  pg::require_primary(caller);
  if (IsolationUsesXactSnapshot())
    throw llm_admin::error(sqlstate::serialization_failure, "limits are counted at READ COMMITTED only",
                           std::string(caller) + " cannot see what others have used since the snapshot",
                           "START TRANSACTION ISOLATION LEVEL READ COMMITTED");
}

bool tells_nothing(const pg::error& e) {
  const std::string_view code = e.sqlstate();
  return code == "40P01" || code == "55P03";
}

}  // namespace llm_admin::store
