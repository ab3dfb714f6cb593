// One text for all values that are equal (core/json/compare.hpp): members in the order of their names, numbers
// by their value. For looking values up by, not for showing; numbers beyond the bounds of decimal.hpp stand as
// they are written. Iterative.
//
// And the compact text that only puts members in the order of their names, bytewise, with numbers as their holder
// shows them: for what others read.
#pragma once

#include <string>

#include "core/json/view.hpp"

namespace llm_admin::json {

std::string canonical_text(const node& value);
std::string sorted_text(const node& value);

}  // namespace llm_admin::json
