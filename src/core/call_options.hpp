// The argument `options` of a function: a JSON object of named settings of one call.
//
// Errors are 22023: no object, a name that is not known (with the nearest one), a value of another type. A
// null value counts as not given. Views last as long as the object's holder.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "core/json/view.hpp"

namespace llm_admin {

class call_options {
 public:
  // An absent `given` is an object without members.
  call_options(const json::node& given, std::span<const std::string_view> known);

  bool boolean(std::string_view name) const;  // false when it is not given
  std::optional<std::string_view> text(std::string_view name) const;

 private:
  json::node given_;
};

}  // namespace llm_admin
