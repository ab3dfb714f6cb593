#include "core/mapping/response/operation.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "core/mapping/evaluate/evaluate.hpp"
#include "core/mapping/response/error.hpp"
#include "core/mapping/response/usage.hpp"

namespace llm_admin::mapping {

namespace {

// The value of one rule; null when there is none, with the reasons in `findings` if they are asked for.
json::item* value_of(const rule_set& rules, const rule& which, const response_input& input, json::tree& out,
                     std::vector<finding>* findings) {
  scope in;
  in.document = input.document;
  in.headers = input.headers;
  in.provider = input.provider_columns;
  if (input.http_status) in.status = json::view(out.integer(*input.http_status));
  budget left(input.limits, rules.rules.size(), {input.document, input.headers, input.provider_columns});
  evaluator run(rules, in, left, input.limits, out, false);
  run.enforce_required = findings != nullptr;
  json::item* value = run.run(which);
  if (value != nullptr && run.errors.empty()) {
    check_output(json::view(value), input.limits);
    return value;
  }
  if (findings == nullptr) return nullptr;
  std::move(run.errors.begin(), run.errors.end(), std::back_inserter(*findings));
  std::move(run.warnings.begin(), run.warnings.end(), std::back_inserter(*findings));
  if (findings->empty()) findings->push_back({"", which.pointer, "nothing was found"});
  return nullptr;
}

const rule_set* find(const std::map<std::string, rule_set, std::less<>>& sets, std::string_view name) {
  const auto found = sets.find(name);
  return found == sets.end() ? nullptr : &found->second;
}

json::item* usage_in(const rule_set* rules, const response_input& input, json::tree& out) {
  if (rules == nullptr) return nullptr;
  const json::item* raw = value_of(*rules, rules->rules[0], input, out, nullptr);
  std::vector<finding> warnings;
  return usage_of(json::view(raw), rules->rules[0].pointer, true, out, warnings);
}

json::item* error_in(const response_program* answers, const response_input& input, json::tree& out) {
  error_input in;
  in.found = input.error;
  if (!in.found && answers != nullptr) {
    const auto end = answers->rules.rules.begin() + static_cast<std::ptrdiff_t>(answers->rules.top);
    const auto of =
        std::find_if(answers->rules.rules.begin(), end, [](const rule& one) { return one.name == "error"; });
    if (of != end) in.found = json::view(value_of(answers->rules, *of, input, out, nullptr));
  }
  in.http_status = input.http_status;
  in.document = input.document;
  in.headers = input.headers;
  in.now_ms = input.now_ms;
  in.newer = true;
  in.filter = &input.filter;
  return error_of(in, out);
}

json::item* nothing_found(const response_input& input, const std::vector<finding>& findings,
                          json::tree& out) {
  json::item* made = out.object();
  out.append(made, "type", out.string("nothing_found"));
  out.append(made, "message",
             out.string(findings.empty() ? "nothing was found" : out.keep(findings[0].message)));
  out.append(made, "detail", out.borrow(input.document));
  error_input in;
  in.found = json::view(made);
  in.newer = true;
  in.filter = &input.filter;
  return error_of(in, out);
}

}  // namespace

json::item* extract_operation(const rule_set& rules, const response_input& input, json::tree& out,
                              std::vector<finding>& findings) {
  call_memory memory(input.limits, out);
  return value_of(rules, rules.rules[0], input, out, &findings);
}

json::item* read_operation(const request_program& requests, std::string_view operation,
                           const response_program* answers, const response_input& input, json::tree& out) {
  call_memory memory(input.limits, out);
  std::vector<finding> findings;
  const rule_set* rules = find(requests.extracts, operation);
  json::item* value = rules == nullptr ? nullptr : value_of(*rules, rules->rules[0], input, out, &findings);
  const bool failed = input.error || (input.http_status && *input.http_status >= 400);
  // The rule for chat answers may take another operation's good answer for an error.
  const bool good = value != nullptr && !failed && !says_nothing(json::view(value));
  json::item* error = good ? nullptr : error_in(answers, input, out);
  if (value == nullptr && error == nullptr && rules != nullptr) error = nothing_found(input, findings, out);
  json::item* usage = usage_in(find(requests.usages, operation), input, out);
  json::item* made = out.object();
  out.append(made, "value", value != nullptr ? value : out.null());
  out.append(made, "usage", usage != nullptr ? usage : out.null());
  out.append(made, "error", error != nullptr ? error : out.null());
  check_output(json::view(made), input.limits);
  return made;
}

}  // namespace llm_admin::mapping
