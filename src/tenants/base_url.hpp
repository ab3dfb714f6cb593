// A tenant's base URL; private to this room.
#pragma once

#include <string>

#include "store/provider.hpp"

namespace llm_admin::tenants {

// `url` as it is stored: a prefix, without the provider's endpoint path where the whole address was given.
// LA001 with all that keeps it from being a base URL: credentials, plain http to a public host, and so on.
std::string checked_base_url(std::string_view url, const store::provider& provider);

}  // namespace llm_admin::tenants
