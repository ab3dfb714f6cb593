// Whose rows a function shows that reads with the rights of the owner.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace llm_admin::store {

// The tenant that is asked for, which must be the entered one where one is entered; else that one; else nothing, which
// stands for all, for those who oversee all tenants, and '' for others.
std::optional<std::string> seen_tenant(std::optional<std::string_view> asked);

}  // namespace llm_admin::store
