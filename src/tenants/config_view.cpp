// get_llm_config, and what the room's other functions return.
#include "tenants/config_view.hpp"

#include "core/error.hpp"
#include "core/given_name.hpp"
#include "core/json/tree.hpp"
#include "core/keys/redact.hpp"
#include "core/secret_bytes.hpp"
#include "core/time_text.hpp"
#include "pg/args.hpp"
#include "pg/entry.hpp"
#include "pg/jsonb.hpp"
#include "store/alias.hpp"
#include "store/entered_tenant.hpp"
#include "store/tenant_key.hpp"

namespace llm_admin::tenants {

using store::tenant_column;

namespace {

json::item* text_or_null(json::tree& out, const store::tenant& tenant, tenant_column c) {
  return tenant.is_null(c) ? out.null() : out.string(tenant.text(c));
}

json::item* masked(json::tree& out, const store::tenant& tenant) {
  if (tenant.stored_key().empty()) return out.null();
  const auto key = readable_key(tenant);
  return out.string(out.keep(key ? mask_key(key->text()) : "***"));
}

json::item* tested_at(json::tree& out, const store::tenant& tenant) {
  if (tenant.is_null(tenant_column::last_tested_at)) return out.null();
  const TimestampTz at = DatumGetTimestampTz(tenant.raw(tenant_column::last_tested_at));
  return TIMESTAMP_NOT_FINITE(at) ? out.null() : out.string(out.keep(iso_utc(at)));
}

}  // namespace

std::optional<secret_bytes> readable_key(const store::tenant& tenant) {
  if (tenant.kind_of_key() != stored_key::bound_envelope) return std::nullopt;
  try {
    const auto provider = store::find_named_provider(tenant.text(tenant_column::provider));
    if (provider) return store::key_of(tenant, *provider);
  } catch (const error& refused) {  // LA030, LA031
    if (refused.is_fault()) throw;
  }
  return std::nullopt;
}

Datum config_json(const std::optional<store::tenant>& tenant) {
  json::tree out;
  json::item* config = out.object();
  out.put(config, "configured", out.boolean(tenant.has_value()));
  if (!tenant) {
    out.put(config, "policy", out.string("choice"));
    return pg::make_jsonb(config);
  }
  out.put(config, "provider", text_or_null(out, *tenant, tenant_column::provider));
  out.put(config, "maskedKey", masked(out, *tenant));
  out.put(config, "baseUrl", text_or_null(out, *tenant, tenant_column::base_url));
  out.put(config, "defaultModel", text_or_null(out, *tenant, tenant_column::default_model));
  out.put(config, "policy", text_or_null(out, *tenant, tenant_column::policy));
  out.put(config, "lastTestedAt", tested_at(out, *tenant));
  out.put(config, "lastTestResult", text_or_null(out, *tenant, tenant_column::last_test_result));
  out.put(config, "lastTestLatency",
          tenant->is_null(tenant_column::last_test_latency)
              ? out.null()
              : out.integer(DatumGetInt32(tenant->raw(tenant_column::last_test_latency))));
  return pg::make_jsonb(config);
}

void unknown_tenant(std::string_view id) {
  throw error(
      sqlstate::undefined_object, tenant_named(id, false) + " has no configuration", "",
      "SELECT llm_admin.put_llm_config(" + tenant_literal(id, false) + ", '{\"apiKey\": \"<key>\"}')");
}

}  // namespace llm_admin::tenants

using namespace llm_admin;

LLM_ADMIN_SCALAR(llm_admin_get_llm_config, JSONBOID)(FunctionCallInfo fcinfo) {
  const std::string_view id = pg::args(fcinfo).required_text(0, "tenant_id");
  store::require_tenant_id(id);
  store::require_entered(id);
  return tenants::config_json(store::find_tenant(id));
}
