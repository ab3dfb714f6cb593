// The key of a tenant: where it belongs, and what it is in the clear, which exists only in secret_bytes.
#pragma once

#include <string_view>

#include "core/secret_bytes.hpp"
#include "store/provider.hpp"
#include "store/sealing.hpp"
#include "store/tenant.hpp"

namespace llm_admin::store {

// Where the tenant's key is sent: its own base URL, else the provider's.
std::string_view base_url_of(const tenant& tenant, const provider& provider);
key_place place_of(const tenant& tenant, const provider& provider);
// The tenant's key; errors for a missing, foreign or unadopted one, LA031 and LA030 as open_at() says.
secret_bytes key_of(const tenant& tenant, const provider& provider);

}  // namespace llm_admin::store
