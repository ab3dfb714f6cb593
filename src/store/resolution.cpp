#include "store/resolution.hpp"

#include <string>

#include "core/crypto/envelope.hpp"
#include "core/error.hpp"
#include "core/given_name.hpp"
#include "core/tenant_policy.hpp"
#include "store/alias.hpp"
#include "store/entered_tenant.hpp"
#include "store/owner.hpp"
#include "store/tenant_key.hpp"

namespace llm_admin::store {

namespace {

requested_key requested_of(std::string_view id, std::optional<std::string_view> word) {
  if (!word) return requested_key::none;
  if (const auto requested = requested_key_named(*word)) return *requested;
  throw llm_admin::error(sqlstate::invalid_parameter, "requested must be byollm, aegis or NULL", "",
                         "SELECT * FROM llm_admin.resolve_llm(" +
                             tenant_literal(id, find_tenant(id).has_value()) + ", 'byollm')");
}

// Whether the tenant's key can be used; opens it into `result`. The error that says why not goes to `why`.
tenant_key try_key(resolution& result, std::optional<llm_admin::error>& why) {
  if (!result.tenant) return tenant_key::no_config;
  const tenant& tenant = *result.tenant;
  const std::string_view stored = tenant.stored_key();
  try {
    result.provider = require_named_provider(tenant.text(tenant_column::provider));
    result.opaque = !envelope::has_prefix(stored) && tenant.kind_of_key() == stored_key::foreign;
    if (!result.opaque) result.key = key_of(tenant, *result.provider);
    return tenant_key::usable;
  } catch (const llm_admin::error& refused) {
    if (refused.is_fault()) throw;
    why = refused;
    return stored.empty() ? tenant_key::missing : tenant_key::unreadable;
  }
}

}  // namespace

resolution resolve(std::string_view id, std::optional<std::string_view> requested_word,
                   std::optional<std::string_view> platform) {
  require_tenant_id(id);
  require_entered(id);
  const requested_key requested = requested_of(id, requested_word);
  resolution result{};
  result.tenant = find_tenant(id);
  const tenant_policy policy =
      result.tenant
          ? tenant_policy_named(result.tenant->text(tenant_column::policy)).value_or(tenant_policy::choice)
          : tenant_policy::choice;
  std::optional<llm_admin::error> why;
  const tenant_key key = wants_tenant_key(policy, requested) ? try_key(result, why) : tenant_key::no_config;
  const tenant_decision decision = decide(policy, requested, key);
  if (decision.refused) throw why.value();
  result.by_tenant = decision.by_tenant;
  result.fallback_allowed = decision.fallback_allowed;
  result.reason = decision.reason;
  if (!result.by_tenant) {
    result.provider = require_provider(platform);
    result.account = account_for(*result.provider);
  }
  using of = provider_column;
  result.provider_url =
      result.by_tenant ? base_url_of(*result.tenant, *result.provider) : result.provider->text(of::base_url);
  result.default_model = result.provider->text(of::default_model);
  if (result.by_tenant && !result.tenant->text(tenant_column::default_model).empty())
    result.default_model = result.tenant->text(tenant_column::default_model);
  return result;
}

void direct(call_of_provider& call, const resolution& to, bool with_key) {
  if (!to.by_tenant) use_account(call, to.account);
  call.base_url = call.account ? std::string_view(call.account->base_url) : to.provider_url;
  call.input.default_model = to.default_model;
  if (!with_key || !to.by_tenant) return;
  if (!caller_may_execute("decrypt_tenant_key", {TEXTOID}))
    throw llm_admin::error(sqlstate::insufficient_privilege,
                           "permission denied to build a request with its key",
                           "with_key needs the right to call decrypt_tenant_key (level app)",
                           "SELECT llm_admin.grant_access(" + caller_literal() + ", 'app')");
  if (to.opaque) (void)key_of(*to.tenant, *to.provider);  // raises, and says what to do
  call.key = &to.key;
}

}  // namespace llm_admin::store
