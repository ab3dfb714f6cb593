// Evaluates compiled rules over a scope. Recursion goes over rules only; values are borrowed, never copied.
//
// The order is the language's: head, join, type, default, required. In a request a value that its `type`
// cannot take is an error; in a response it is absent and a warning, unless the rule is required. Throws
// 54000 when the budget or the output's size runs out.
#pragma once

#include <string>
#include <vector>

#include "core/json/tree.hpp"
#include "core/mapping/path.hpp"
#include "core/mapping/problem.hpp"
#include "core/mapping/program.hpp"

namespace llm_admin::mapping {

class evaluator {
 public:
  evaluator(const rule_set& rules, const scope& in, budget& left, const limits& most, json::tree& out,
            bool request)
      : rules_(rules), in_(in), left_(left), most_(most), out_(out), base_(out.bytes()), request_(request) {}

  // The value, or null when it is absent (also after an error).
  json::item* run(const rule& what);

  std::vector<finding> errors;
  std::vector<finding> warnings;  // responses only
  bool enforce_required = true;

 private:
  json::item* joined(const rule& what, bool& failed);
  json::item* fields(const rule& what);
  void fail(const rule& what, std::string where, std::string message);

  const rule_set& rules_;
  const scope& in_;
  budget& left_;
  const limits& most_;
  json::tree& out_;
  std::size_t base_;  // what `out` held before
  bool request_;
};

[[noreturn]] void output_too_large(const limits& most);  // 54000
void check_output(const json::node& value, const limits& most);

}  // namespace llm_admin::mapping
