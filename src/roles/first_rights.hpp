// What the levels held in 0.1 to 0.3, which kept no list of what they gave. Nothing is ever added here: from
// 0.4 on access_grants.rights tells.
#pragma once

#include <string_view>

namespace llm_admin::roles {

inline constexpr int newest_first = 3;  // the last version without a list

// The version that `right` (grants.hpp: "EXECUTE get_provider") came with: 1, 2 or 3, or 0 for one that is
// newer. `place` counts the column of a column's right from 1, and is 0 for any other.
int first_version_of(std::string_view right, int place) noexcept;

}  // namespace llm_admin::roles
