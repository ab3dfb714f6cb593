// Where the rules of a payload_structure put their values. Private to the compiler.
//
// `path` of a rule: names joined by points with \. and \\ as escapes, at most 16; or url:<hole>
// (url:+<hole>: slashes stay); or query:<name>. Without it the place is the member of the body that has the rule's name. Two rules at one
// place, or one inside the other, are an error.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/mapping/compile/rules.hpp"

namespace llm_admin::mapping {

class place_compiler {
 public:
  place_compiler(rule_compiler& rules, std::vector<place>& out) : rules_(rules), out_(out) {}

  void add(const rule& of, const json::node& text);  // `text`: the rule as written
  void conflicts();                                  // after all have been added

 private:
  using key = std::pair<place_kind, std::vector<std::string>>;
  bool read(const json::node& given, const std::string& at, place& made);
  void claim(const place& made, const std::string& at);

  rule_compiler& rules_;
  std::vector<place>& out_;
  std::map<key, std::string> claimed_;  // place -> pointer of the rule that has it
};

}  // namespace llm_admin::mapping
