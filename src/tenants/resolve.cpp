// resolve_llm, build_tenant_request, decrypt_tenant_key: whose key a tenant's call uses, and the request with
// it.
#include <string>

#include "core/error.hpp"
#include "core/secret_bytes.hpp"
#include "pg/args.hpp"
#include "pg/entry.hpp"
#include "pg/result.hpp"
#include "store/alias.hpp"
#include "store/entered_tenant.hpp"
#include "store/provider.hpp"
#include "store/provider_call.hpp"
#include "store/resolution.hpp"
#include "store/tenant.hpp"
#include "store/tenant_key.hpp"
#include "tenants/config_view.hpp"

using namespace llm_admin;
using store::tenant_column;

LLM_ADMIN_FUNCTION(llm_admin_resolve_llm)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  const store::resolution found = store::resolve(in.required_text(0, "tenant_id"), in.text(1));
  pg::row_builder row;
  row.add_text(found.source())
      .add_text(found.provider->name())
      .add_text(found.base_url())
      .add_text(in.text(2).value_or(found.default_model))
      .add_boolean(found.fallback_allowed)
      .add_text(found.reason);
  return pg::make_row(fcinfo, row);
}

LLM_ADMIN_FUNCTION(llm_admin_build_tenant_request)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  const std::string_view id = in.required_text(0, "tenant_id");
  if (in.is_null(1)) throw error(sqlstate::null_not_allowed, "argument params must not be null");
  const bool with_key = in.boolean(3, false);
  const store::resolution found = store::resolve(id, in.text(2));
  store::call_of_provider call(*found.provider, in.jsonb(1));
  store::direct(call, found, with_key);
  pg::row_builder row;
  store::add_columns(row, call, store::build(call, with_key));
  row.add_text(found.source()).add_boolean(found.fallback_allowed).add_text(found.reason);
  return pg::make_row(fcinfo, row);
}

LLM_ADMIN_SCALAR(llm_admin_decrypt_tenant_key, TEXTOID)(FunctionCallInfo fcinfo) {
  const std::string_view id = pg::args(fcinfo).required_text(0, "tenant_id");
  store::require_tenant_id(id);
  store::require_entered(id);
  const auto tenant = store::find_tenant(id);
  if (!tenant) tenants::unknown_tenant(id);
  const secret_bytes key =
      store::key_of(*tenant, store::require_named_provider(tenant->text(tenant_column::provider)));
  return pg::make_text(key.text());
}
