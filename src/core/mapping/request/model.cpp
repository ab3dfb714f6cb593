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
  const bool latest = !program_.reads.empty();
  if (latest && call_.model_rule != nothing && input_.model_capabilities) {
    scope in;
    in.params = params_view_;
    in.provider = input_.provider_columns;
    evaluator run(program_.rules, in, left_, input_.limits, out_, true);
    const json::node made = json::view(run.run(program_.rules.rules[call_.model_rule]));
    if (made.is_string() && run.errors.empty()) model_ = made.text();
  }
  known_.emplace(input_.model_capabilities, model_, left_, latest);
}

void request_builder::check_model() {
  if (!input_.model_capabilities) return;
  const model_facts facts(*known_, model_, left_);
  if (const auto most = facts.max_output_tokens()) {
    limit_ = most;
    limit_of_model_ = true;
  }
  while (auto found = facts.next(params_, !program_.reads.empty()))
    refuse_or_leave_out(found->param, "", std::move(found->message));
}

void request_builder::check_conflicts() {}

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
    find(std::move(at), rule, std::move(message) + "; \"drop_params\": true leaves it out");
  }
  params_.leave_out(canonical, out_);
  params_view_ = json::view(params_.values);
}

}  // namespace llm_admin::mapping
