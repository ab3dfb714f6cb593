// The rules of a response program by the names of the result's members, and their values over one response.
// Private to response.cpp.
#pragma once

#include <string>
#include <string_view>

#include "core/mapping/coerce.hpp"
#include "core/mapping/evaluate/evaluate.hpp"
#include "core/mapping/response/response.hpp"
#include "core/mapping/warnings.hpp"

namespace llm_admin::mapping {

class rule_reader {
 public:
  // Keeps references to all three.
  rule_reader(const response_program& program, const response_input& input, json::tree& out)
      : newer_(program.rules.version >= language::v1_2),
        out_(out),
        left_(input.limits, program.rules.rules.size(), {input.document, input.headers}),
        run_(program.rules, scope_of(input, out), left_, input.limits, out, false),
        rules_(program.rules) {}

  std::uint64_t steps() const noexcept { return left_.used; }

 protected:
  // Null when there is none, or it gives nothing.
  json::item* value_of(std::string_view name);
  // The same with the type that the member of the result has whatever the rule says; what has another one is
  // null, with a warning. With 1.2 "" is null, too.
  json::item* typed(std::string_view name, value_type type);
  json::item* text_of(std::string_view name) { return typed(name, value_type::string); }
  std::string_view pointer_of(std::string_view name) const;  // the program's
  void warn(std::string_view rule_name, std::string message);

  const bool newer_;  // 1.2
  json::tree& out_;
  budget left_;
  evaluator run_;

 private:
  static scope scope_of(const response_input& input, json::tree& out);
  const rule* find(std::string_view name) const noexcept;

  const rule_set& rules_;
};

}  // namespace llm_admin::mapping
