// enter_tenant and entered_tenant; see store/tenant.hpp.
#include "pg/args.hpp"
#include "pg/entry.hpp"
#include "pg/settings.hpp"
#include "store/entered_tenant.hpp"

using namespace llm_admin;

LLM_ADMIN_SCALAR(llm_admin_enter_tenant, TEXTOID)(FunctionCallInfo fcinfo) {
  const std::string_view tenant = pg::args(fcinfo).required_text(0, "tenant_id");
  store::enter_tenant(tenant);
  return pg::make_text(tenant);
}

// The setting alone, which parallel workers have, too: without it row-level security shows no rows.
LLM_ADMIN_SCALAR(llm_admin_entered_tenant, TEXTOID)(FunctionCallInfo fcinfo) {
  const std::string_view set = pg::settings::entered_tenant();
  return set.empty() ? pg::return_null(fcinfo) : pg::make_text(set);
}
