// mapping_cache_stats: how this session's compiled mappings fare.
#include "pg/entry.hpp"
#include "pg/result.hpp"
#include "store/programs.hpp"

using namespace llm_admin;

LLM_ADMIN_FUNCTION(llm_admin_mapping_cache_stats)(FunctionCallInfo fcinfo) {
  const store::program_cache_stats now = store::program_stats();
  pg::row_builder row;
  for (const std::int64_t one : {now.programs, now.bytes, now.hits, now.misses, now.evictions})
    row.add_bigint(one);
  return pg::make_row(fcinfo, row);
}
