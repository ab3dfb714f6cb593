// The modifier `type`: lossless conversions only.
//
//   integer  from digit text and integral numbers (5.0 -> 5)
//   number   from text that is a JSON number
//   string   from number and boolean
//   array    of one, from a scalar
//   boolean  true and false only
// Objects and arrays never become text.
#pragma once

#include <string>
#include <string_view>

#include "core/json/tree.hpp"
#include "core/mapping/program.hpp"

namespace llm_admin::mapping {

std::string_view type_name(value_type type) noexcept;              // "string"; "" for any
bool find_type(std::string_view name, value_type& type) noexcept;  // by name; false when there is none
std::string_view kind_name(const json::node& value) noexcept;      // "string", "null", ...

// Whether the value has the type as it stands; never for integer, which depends on a number's digits.
inline bool has_kind(const json::node& value, value_type type) noexcept {
  switch (type) {
    case value_type::any:
      return true;
    case value_type::string:
      return value.is_string();
    case value_type::number:
      return value.is_number();
    case value_type::boolean:
      return value.is_boolean();
    case value_type::array:
      return value.is_array();
    case value_type::object:
      return value.is_object();
    case value_type::integer:
      break;
  }
  return false;
}

// The value with that type: borrowed where it has it already, else made in `out`; null when it cannot be had.
json::item* coerce(const json::node& value, value_type type, json::tree& out);

}  // namespace llm_admin::mapping
