#include "core/mapping/response/operation.hpp"

#include <iterator>
#include <utility>

#include "core/mapping/evaluate/evaluate.hpp"

namespace llm_admin::mapping {

json::item* extract_operation(const rule_set& rules, const response_input& input, json::tree& out,
                              std::vector<finding>& findings) {
  call_memory memory(input.limits, out);
  scope in;
  in.document = input.document;
  in.headers = input.headers;
  in.provider = input.provider_columns;
  if (input.http_status) in.status = json::view(out.integer(*input.http_status));
  budget left(input.limits, rules.rules.size(), {input.document, input.headers, input.provider_columns});
  evaluator run(rules, in, left, input.limits, out, false);
  json::item* value = run.run(rules.rules[0]);
  if (value != nullptr && run.errors.empty()) {
    check_output(json::view(value), input.limits);
    return value;
  }
  std::move(run.errors.begin(), run.errors.end(), std::back_inserter(findings));
  std::move(run.warnings.begin(), run.warnings.end(), std::back_inserter(findings));
  if (findings.empty()) findings.push_back({"", rules.rules[0].pointer, "nothing was found"});
  return nullptr;
}

}  // namespace llm_admin::mapping
