// Findings that are no errors, as the JSON that callers get: [{pointer, rule_pointer, message}].
#pragma once

#include <span>

#include "core/json/tree.hpp"
#include "core/mapping/problem.hpp"

namespace llm_admin::mapping {

// The first max_listed of them, their texts kept in `out`; an empty array for none. Pointers end where a name
// is not told (core/given_name.hpp).
json::item* listed(std::span<const finding> warnings, json::tree& out);

}  // namespace llm_admin::mapping
