// `to` of a stream rule: a place in the document that is rebuilt. Private to the compiler.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/mapping/compile/rules.hpp"
#include "core/mapping/program.hpp"

namespace llm_admin::mapping {

// Reads the steps of a place: .name | ["name"] | [0] | [{path}], and [{key}] where `keyed`.
class target_reader {
 public:
  target_reader(rule_compiler& rules, const std::string& pointer, bool keyed)
      : rules_(rules), pointer_(pointer), keyed_(keyed) {}

  // False when the text is no place; then `why` may say more. A problem of a hole's path is reported and is no
  // reason to stop.
  bool read(std::string_view text, std::vector<target_step>& out);
  std::string why;
  std::uint32_t keys = 0;  // [{key}] steps that were read

 private:
  bool bracketed(std::string_view text, std::size_t& at, target_step& made);
  void hole(std::string_view path, target_step& made);

  rule_compiler& rules_;
  const std::string& pointer_;
  const bool keyed_;
};

}  // namespace llm_admin::mapping
