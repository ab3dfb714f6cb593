// A tenant's configuration as applications see it; private to this room.
#pragma once

#include "core/secret_bytes.hpp"
#include "pg/guard.hpp"
#include "store/tenant.hpp"

namespace llm_admin::tenants {

// The jsonb that get_llm_config() returns; {"configured": false, "policy": "choice"} for none. A key that
// does not open is masked "***"; no error.
Datum config_json(const std::optional<store::tenant>& tenant);

// 42704 for a tenant without a configuration.
[[noreturn]] void unknown_tenant(std::string_view id);

// The key, or nothing where there is none that can be opened: for masking and scrubbing.
std::optional<secret_bytes> readable_key(const store::tenant& tenant);

}  // namespace llm_admin::tenants
