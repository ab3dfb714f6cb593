// The argument `options` of a function: a JSON object of named settings of one call.
//
// Errors are 22023: no object, a name that is not known (with the nearest one), a value of another type. A
// null value counts as not given. Views last as long as the object's holder.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/json/view.hpp"

namespace llm_admin {

class call_options {
 public:
  // An absent `given` is an object without members.
  call_options(const json::node& given, std::span<const std::string_view> known);

  bool boolean(std::string_view name) const;  // false when it is not given
  bool is_given(std::string_view name) const { return !given_.member(name).is_absent(); }
  std::optional<std::string_view> text(std::string_view name) const;
  std::optional<std::int64_t> integer(
      std::string_view name) const;  // a whole number within the bounds of int8
  std::vector<std::string_view> texts(std::string_view name) const;  // an array of texts
  json::node object(std::string_view name) const;                    // absent when it is not given

 private:
  json::node given_;
};

}  // namespace llm_admin
