#include "pg/clock.hpp"

#include "pg/guard.hpp"

namespace llm_admin::pg {

using clock_function = std::int64_t (*)();

std::int64_t clock_now() {
  static void** const variable = call([] { return find_rendezvous_variable("llm_admin.clock"); });
  if (*variable == nullptr) return GetCurrentTimestamp();
  return reinterpret_cast<clock_function>(*variable)();
}

}  // namespace llm_admin::pg
