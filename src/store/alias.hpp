// Other names of providers: rows of provider_aliases.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "pg/fetch.hpp"
#include "store/provider.hpp"

namespace llm_admin::store {

// The provider that is named by its name, else by its name or an alias in lower case.
// require: 42704 as unknown_provider() says it (store/provider.hpp).
std::optional<provider> find_named_provider(std::string_view name, pg::as_of when = pg::as_of::statement);
provider require_named_provider(std::string_view name, pg::as_of when = pg::as_of::statement);
// The name of the provider that a call names in either way; the text as it is when there is none.
std::string provider_named(std::string_view name, pg::as_of when = pg::as_of::latest);

}  // namespace llm_admin::store
