#include "pg/stop_point.hpp"

#include "pg/guard.hpp"

namespace llm_admin::pg {

using stop_function = void (*)(const char* name);

void stop_point(const char* name) {
  static void** const variable = call([] { return find_rendezvous_variable("llm_admin.stop_point"); });
  if (*variable == nullptr) return;
  const auto stop = reinterpret_cast<stop_function>(*variable);
  call([=] { stop(name); });
}

}  // namespace llm_admin::pg
