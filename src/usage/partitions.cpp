// maintain_partitions: months of the logs; see store/partitions.hpp.
#include "store/partitions.hpp"

#include "pg/entry.hpp"
#include "pg/result.hpp"
#include "pg/role.hpp"

using namespace llm_admin;

LLM_ADMIN_FUNCTION(llm_admin_maintain_partitions)(FunctionCallInfo fcinfo) {
  pg::require_primary("maintain_partitions");
  pg::row_set rows(fcinfo);
  for (const store::month_result& one : store::maintain_partitions()) {
    pg::row_builder out;
    out.add_text(one.log).add_text(one.month).add_text(one.partition).add_text(one.outcome).add_bigint(one.rows);
    rows.add(out);
  }
  return Datum{0};
}
