// The compiled mapping of a provider.
//
// Programs are compiled once per backend and kept (up to llm_admin.mapping_cache_size, least recently used
// out first), keyed by a hash of the config's jsonb (a canonical form), and found again by the row version
// (xmin, ctid), which names its content for good.
#pragma once

#include <cstdint>
#include <memory>

#include "core/json/tree.hpp"
#include "core/mapping/program.hpp"
#include "store/provider.hpp"

namespace llm_admin::store {

// The row as the object behind `provider:column` paths: those of the closed list of columns that `read` has a
// bit for (rule_set::columns), never the key. Absent when there is none.
json::node columns_for(std::uint32_t read, const provider& row, json::tree& out);

// Compiled mappings; LA001 with all problems when a stored config does not compile.
std::shared_ptr<const mapping::request_program> request_program_of(const provider& row);
std::shared_ptr<const mapping::response_program> response_program_of(const provider& row);

// This backend's compiled programs: how many are kept and their memory; look-ups that found one, that
// compiled one, and programs dropped for room or because the table changed.
struct program_cache_stats {
  std::int64_t programs, bytes, hits, misses, evictions;
};
program_cache_stats program_stats();

}  // namespace llm_admin::store
