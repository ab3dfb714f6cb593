// What the model does not take, and what may not be given together: refused, or with drop_params left out.
#include <utility>

#include "core/given_name.hpp"
#include "core/json/text.hpp"
#include "core/mapping/request/builder.hpp"
#include "core/mapping/request/model_facts.hpp"

namespace llm_admin::mapping {

// Facts stand under the name that the vendor is told ("models/" gone), so the rule `model` is asked first. In
// older configs it is the parameter as it is.
void request_builder::find_model() {
  const json::node given = params_view_.member("model_name");
  if (given.is_string()) model_ = given.text();
  limit_ = input_.max_output_tokens_limit;
  const bool latest = program_.rules.version >= language::v1_2;
  if (latest && call_.model_rule != nothing && input_.model_capabilities) {
    scope in;
    in.params = params_view_;
    in.provider = input_.provider_columns;
    evaluator run(program_.rules, in, left_, input_.limits, out_, true);
    const json::node made = json::view(run.run(program_.rules.rules[call_.model_rule]));
    if (made.is_string() && run.errors.empty()) model_ = made.text();
  }
  known_.emplace(input_.model_capabilities, model_, left_, latest, input_.entries_of_models);
}

void request_builder::check_model() {
  if (!input_.model_capabilities) return;
  const model_facts facts(*known_, model_, left_);
  if (const auto most = facts.max_output_tokens()) {
    limit_ = most;
    limit_of_model_ = true;
  }
  while (auto found = facts.next(params_, program_.rules.version >= language::v1_2))
    refuse_or_leave_out(found->param, "", std::move(found->message));
}

// What is given later in the list goes.
void request_builder::check_conflicts() {
  for (const conflict& one : program_.not_together) {
    const std::vector<std::string_view> names(one.params.begin(), one.params.end());
    const std::string both = given_together(params_, names);
    if (both.empty()) continue;
    if (one.when != nothing) {
      scope in;
      in.params = params_view_;
      in.provider = input_.provider_columns;
      in.capabilities = input_.model_capabilities;
      in.model = model_;
      in.known_capabilities = &*known_;
      evaluator run(program_.rules, in, left_, input_.limits, out_, true);
      if (!run.holds(program_.rules.conditions[one.when])) continue;
    }
    refuse_or_leave_out(names.back(), one.pointer,
                        one.text.empty() ? both + " may not be given together" : one.text);
  }
}

// Also what is refused is taken out of the parameters: nothing more is to be said of it.
void request_builder::refuse_or_leave_out(std::string_view canonical, const std::string& rule,
                                          std::string message) {
  const std::string given(params_.given_name(canonical));
  std::string at = json::child("", given);
  if (drop_) {
    warn(std::move(at), rule, json::quoted(given) + " is left out: " + message);
    result_.dropped.push_back(given);
    trace_dropped(given, params_view_.member(canonical));
  } else {
    if (message.find("drop_params") == std::string::npos) message += "; \"drop_params\": true leaves it out";
    find(std::move(at), rule, std::move(message));
  }
  params_.leave_out(canonical, out_);
  params_view_ = json::view(params_.values);
}

}  // namespace llm_admin::mapping
