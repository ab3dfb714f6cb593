// Whose key a tenant's call uses, by the tenant's policy (core/tenant_policy.hpp).
//
// The tenant's own configuration, where the policy says so; else an account of the active provider's, else that
// provider's row.
// is_enabled of a provider is about the platform's own use: a tenant's key may go to a disabled one, which
// could not be enabled without a key of the platform's.
#pragma once

#include <optional>
#include <string_view>

#include "core/secret_bytes.hpp"
#include "store/account.hpp"
#include "store/provider.hpp"
#include "store/provider_call.hpp"
#include "store/tenant.hpp"

namespace llm_admin::store {

// Valid as long as the rows' memory.
struct resolution {
  bool by_tenant;
  bool fallback_allowed;
  const char* reason;
  std::optional<store::tenant> tenant;
  std::optional<store::provider> provider;
  secret_bytes key;                       // the tenant's, when by_tenant and it is sealed here
  bool opaque = false;                    // by_tenant, but sealed by the application
  std::optional<store::account> account;  // of the platform's, where one pays
  std::string_view provider_url;          // the tenant's or the provider's
  std::string_view default_model;
  std::string_view base_url() const { return account ? std::string_view(account->base_url) : provider_url; }

  const char* source() const noexcept { return by_tenant ? "byollm" : "platform"; }
};

// For the tenant `id`, which must be entered where one is; `requested`: byollm, aegis or nothing. Errors: 22023
// for another word or no tenant's name, 42501 for another tenant, 42704 and what opening the key raises.
// The platform's provider is the active one, or the one of the name `platform`.
resolution resolve(std::string_view id, std::optional<std::string_view> requested,
                   std::optional<std::string_view> platform = std::nullopt);

// Makes a call go where the resolution says, with_key with the tenant's key where it is the tenant's. 42501
// without the right to call decrypt_tenant_key. The resolution must outlive the call.
void direct(call_of_provider& call, const resolution& to, bool with_key);

}  // namespace llm_admin::store
