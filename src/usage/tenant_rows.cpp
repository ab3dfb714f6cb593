// row_tenant and next_usage_id: what policies and the log's default ask.
#include "pg/args.hpp"
#include "pg/entry.hpp"
#include "pg/role.hpp"
#include "pg/settings.hpp"
#include "store/frontier.hpp"
#include "store/tables.hpp"

using namespace llm_admin;

// The tenant whose rows the current user sees: the entered one; none entered, '' for level app, and NULL, which
// stands for all, for those who may read every tenant's history.
LLM_ADMIN_SCALAR(llm_admin_row_tenant, TEXTOID)(FunctionCallInfo fcinfo) {
  const std::string_view entered = pg::settings::entered_tenant();
  if (!entered.empty()) return pg::make_text(entered);
  const bool all = pg::may_execute(GetUserId(), store::schema(), "sees_all_tenants", {});
  return all ? pg::return_null(fcinfo) : pg::make_text("");
}

// Its right to be executed is what row_tenant() asks for.
LLM_ADMIN_SCALAR(llm_admin_sees_all_tenants, BOOLOID)(FunctionCallInfo) {
  return BoolGetDatum(pg::settings::entered_tenant().empty());
}

LLM_ADMIN_SCALAR(llm_admin_next_usage_id, INT8OID)(FunctionCallInfo) {
  return Int64GetDatum(store::next_id(store::usage_ids));
}
