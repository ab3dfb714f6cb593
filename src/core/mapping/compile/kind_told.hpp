// What a condition that holds, or does not, tells of the kind of the value at its path. Private to the compiler.
#pragma once

#include <cstdint>

#include "core/mapping/rule_set.hpp"

namespace llm_admin::mapping {

// place_store::no_array, no_object, both or 0. Of `all`, `any` and `not` nothing: the caller goes into them.
std::uint32_t kind_told(const condition& what, bool holds);

}  // namespace llm_admin::mapping
