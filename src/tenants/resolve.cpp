// resolve_llm, build_tenant_request, decrypt_tenant_key: whose key a tenant's call uses, by the tenant's
// policy (core/tenant_policy.hpp), and the request with it.
//
// is_enabled of a provider is about the platform's own use: a tenant's key may go to a disabled one, which
// could not be enabled without a key of the platform's.
#include <optional>
#include <string>

#include "core/crypto/envelope.hpp"
#include "core/error.hpp"
#include "core/given_name.hpp"
#include "core/secret_bytes.hpp"
#include "core/tenant_policy.hpp"
#include "pg/args.hpp"
#include "pg/entry.hpp"
#include "pg/result.hpp"
#include "store/alias.hpp"
#include "store/entered_tenant.hpp"
#include "store/owner.hpp"
#include "store/provider.hpp"
#include "store/provider_call.hpp"
#include "store/tenant.hpp"
#include "store/tenant_key.hpp"
#include "tenants/config_view.hpp"

using namespace llm_admin;
using store::tenant_column;

namespace {

// Valid as long as the rows' memory.
struct resolution {
  bool by_tenant;
  bool fallback_allowed;
  const char* reason;
  std::optional<store::tenant> tenant;
  std::optional<store::provider> provider;
  secret_bytes key;     // the tenant's, when by_tenant and it is sealed here
  bool opaque = false;  // by_tenant, but sealed by the application
  std::string_view base_url;
  std::string_view default_model;

  const char* source() const noexcept { return by_tenant ? "byollm" : "platform"; }
};

requested_key requested_of(std::string_view id, std::optional<std::string_view> word) {
  if (!word) return requested_key::none;
  if (const auto requested = requested_key_named(*word)) return *requested;
  throw error(sqlstate::invalid_parameter, "requested must be byollm, aegis or NULL", "",
              "SELECT * FROM llm_admin.resolve_llm(" +
                  tenant_literal(id, store::find_tenant(id).has_value()) + ", 'byollm')");
}

// Whether the tenant's key can be used; opens it into `result`. The error that says why not goes to `why`.
tenant_key try_key(resolution& result, std::optional<error>& why) {
  if (!result.tenant) return tenant_key::no_config;
  const store::tenant& tenant = *result.tenant;
  const std::string_view stored = tenant.stored_key();
  try {
    result.provider = store::require_named_provider(tenant.text(tenant_column::provider));
    result.opaque = !envelope::has_prefix(stored) && tenant.kind_of_key() == stored_key::foreign;
    if (!result.opaque) result.key = store::key_of(tenant, *result.provider);
    return tenant_key::usable;
  } catch (const error& refused) {
    if (refused.is_fault()) throw;
    why = refused;
    return stored.empty() ? tenant_key::missing : tenant_key::unreadable;
  }
}

resolution resolve(std::string_view id, std::optional<std::string_view> requested_word) {
  store::require_tenant_id(id);
  store::require_entered(id);
  const requested_key requested = requested_of(id, requested_word);
  resolution result{};
  result.tenant = store::find_tenant(id);
  const tenant_policy policy =
      result.tenant
          ? tenant_policy_named(result.tenant->text(tenant_column::policy)).value_or(tenant_policy::choice)
          : tenant_policy::choice;
  std::optional<error> why;
  const tenant_key key = wants_tenant_key(policy, requested) ? try_key(result, why) : tenant_key::no_config;
  const tenant_decision decision = decide(policy, requested, key);
  if (decision.refused) throw why.value();
  result.by_tenant = decision.by_tenant;
  result.fallback_allowed = decision.fallback_allowed;
  result.reason = decision.reason;
  if (!result.by_tenant) result.provider = store::require_provider(std::nullopt);
  using of = store::provider_column;
  result.base_url = result.by_tenant ? store::base_url_of(*result.tenant, *result.provider)
                                     : result.provider->text(of::base_url);
  result.default_model = result.provider->text(of::default_model);
  if (result.by_tenant && !result.tenant->text(tenant_column::default_model).empty())
    result.default_model = result.tenant->text(tenant_column::default_model);
  return result;
}

}  // namespace

LLM_ADMIN_FUNCTION(llm_admin_resolve_llm)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  const resolution found = resolve(in.required_text(0, "tenant_id"), in.text(1));
  pg::row_builder row;
  row.add_text(found.source())
      .add_text(found.provider->name())
      .add_text(found.base_url)
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
  const resolution found = resolve(id, in.text(2));
  store::call_of_provider call(*found.provider, in.jsonb(1));
  call.base_url = found.base_url;
  call.input.default_model = found.default_model;
  if (with_key && found.by_tenant) {
    if (!store::caller_may_execute("decrypt_tenant_key", {TEXTOID}))
      throw error(sqlstate::insufficient_privilege, "permission denied to build a request with its key",
                  "with_key needs the right to call decrypt_tenant_key (level app)",
                  "SELECT llm_admin.grant_access(" + store::caller_literal() + ", 'app')");
    if (found.opaque) (void)store::key_of(*found.tenant, *found.provider);  // raises, and says what to do
    call.key = &found.key;
  }
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
