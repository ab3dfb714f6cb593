// Other names of providers: rows of provider_aliases.
#pragma once

#include <optional>
#include <string_view>

#include "pg/fetch.hpp"
#include "store/provider.hpp"

namespace llm_admin::store {

// The provider that a tenant's configuration names: by its name, else by an alias, both in lower case.
// require: 42704 as unknown_provider() says it (store/provider.hpp).
std::optional<provider> find_named_provider(std::string_view name, pg::as_of when = pg::as_of::statement);
provider require_named_provider(std::string_view name, pg::as_of when = pg::as_of::statement);

}  // namespace llm_admin::store
