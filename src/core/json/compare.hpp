// Deep equality of two JSON values, whatever holds them: numbers by value (1 == 1.0), objects without regard
// to the order of members. Iterative, so depth costs memory and not stack. Throws what number_text() throws.
#pragma once

#include "core/json/view.hpp"

namespace llm_admin::json {

bool equal(const node& a, const node& b);

}  // namespace llm_admin::json
