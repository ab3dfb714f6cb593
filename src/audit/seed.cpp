// record_seed(): seed() ran.
#include "pg/entry.hpp"
#include "pg/role.hpp"
#include "store/audit.hpp"

using namespace llm_admin;

LLM_ADMIN_SCALAR(llm_admin_record_seed, INT8OID)(FunctionCallInfo) {
  pg::require_primary("record_seed");
  return Int64GetDatum(store::write_audit({.action = "seeded", .resource_type = "installation"}));
}
