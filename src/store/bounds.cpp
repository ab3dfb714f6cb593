#include "store/bounds.hpp"

#include <algorithm>

#include "pg/guard.hpp"
#include "pg/jsonb.hpp"
#include "pg/settings.hpp"

namespace llm_admin::store {

void poll() {
  if (INTERRUPTS_PENDING_CONDITION()) pg::call([] { CHECK_FOR_INTERRUPTS(); });
}

mapping::limits limits_now() {
  mapping::limits limits;
  limits.max_output_bytes = static_cast<std::uint64_t>(pg::settings::max_output_bytes());
  limits.max_matches = static_cast<std::uint64_t>(pg::settings::max_matches());
  limits.poll = poll;
  return limits;
}

mapping::compile_bounds compile_bounds_now() {
  constexpr std::uint64_t least = 1u << 20;  // the shipped ones take a tenth of it
  mapping::compile_bounds bounds;
  bounds.max_bytes = std::max(least, std::min(static_cast<std::uint64_t>(pg::settings::mapping_cache_bytes()),
                                              limits_now().max_memory()));
  bounds.poll = poll;
  return bounds;
}

Datum bounded_jsonb(const json::item* value, const json::tree& held) {
  const std::uint64_t output = static_cast<std::uint64_t>(pg::settings::max_output_bytes());
  const std::uint64_t all = 4 * output + 2 * mapping::limits::memory_slack;
  const std::uint64_t least = output + mapping::limits::memory_slack;
  return pg::make_jsonb(value, std::max(least, all - std::min<std::uint64_t>(all, held.bytes())));
}

}  // namespace llm_admin::store
