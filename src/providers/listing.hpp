// How providers look to an operator: the rows of list_providers() and create_provider(), with the columns of
// llm_admin.provider_listing. Keys are opened to be masked; when the keyring cannot be had, that is tried
// once only.
#pragma once

#include <string_view>

#include "pg/guard.hpp"

namespace llm_admin::providers {

// The named provider as it is now, made by this transaction perhaps: one composite datum.
Datum listing_of(FunctionCallInfo fcinfo, std::string_view name);

}  // namespace llm_admin::providers
