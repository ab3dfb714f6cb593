// The sections of a request_builder_config: payload_structure, headers, query, operations, streaming_path.
// Private to the compiler; problems go to the rule compiler's list.
#pragma once

#include <string>
#include <string_view>

#include "core/mapping/compile/rules.hpp"

namespace llm_admin::mapping {

class request_compiler {
 public:
  request_compiler(rule_compiler& rules, compilation& shared, request_program& out)
      : rules_(rules), defs_(shared), out_(out) {}

  // `structure` is the payload_structure of `config`, an object.
  void all(const json::node& config, const json::node& structure);

 private:
  void body(const json::node& structure, const std::string& pointer, call_shape& into);
  void query(const json::node& object, const std::string& pointer, call_shape& into);
  void query_conflicts(const call_shape& of);
  void headers(const json::node& object);
  void operation(const json::node& text, std::string_view name);
  void holes(const call_shape& of);
  void bodiless(call_shape& of);
  void answer_rule(const json::node& operation, std::string_view member, std::string_view name,
                   std::map<std::string, rule_set, std::less<>>& into);
  void path(const json::node& text, const std::string& pointer, std::string& into);

  rule_compiler& rules_;
  compilation& defs_;
  request_program& out_;
};

}  // namespace llm_admin::mapping
