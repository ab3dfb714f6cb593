#include "store/tenant_key.hpp"

#include "core/crypto/envelope.hpp"
#include "core/given_name.hpp"
#include "store/tenant.hpp"

namespace llm_admin::store {

std::string_view base_url_of(const tenant& tenant, const provider& provider) {
  const std::string_view own = tenant.text(tenant_column::base_url);
  return own.empty() ? provider.text(provider_column::base_url) : own;
}

key_place place_of(const tenant& tenant, const provider& provider) {
  return {tenant.id(), base_url_of(tenant, provider), provider.text(provider_column::auth_scheme),
          provider.text(provider_column::auth_header_template), key_holder::tenant};
}

secret_bytes key_of(const tenant& tenant, const provider& provider) {
  // Ours: read once, where it is opened; LA031 when it is not bound to this place.
  if (envelope::has_prefix(tenant.stored_key()))
    return open_at(place_of(tenant, provider), tenant.stored_key());
  refuse_key(tenant.stored_key(), {tenant_named(tenant.id(), true),
                                   "SELECT llm_admin.put_llm_config(" + tenant_literal(tenant.id(), true) +
                                       ", '{\"apiKey\": \"<key>\"}')",
                                   "build_tenant_request"});
}

}  // namespace llm_admin::store
