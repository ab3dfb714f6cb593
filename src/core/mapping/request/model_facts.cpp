#include "core/mapping/request/model_facts.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "core/given_name.hpp"
#include "core/json/decimal.hpp"
#include "core/json/text.hpp"
#include "core/mapping/evaluate/evaluate.hpp"

namespace llm_admin::mapping {

namespace {

// Defaults of the chat API, as its reference gives them: api.openai.com, 2025-11.
struct api_default {
  std::string_view param, value;
};
constexpr std::array<api_default, 8> defaults = {{{"temperature", "1"},
                                                  {"top_p", "1"},
                                                  {"n", "1"},
                                                  {"frequency_penalty", "0"},
                                                  {"presence_penalty", "0"},
                                                  {"top_logprobs", "0"},
                                                  {"logprobs", "false"},
                                                  {"parallel_tool_calls", "true"}}};

bool is_default(std::string_view param, const json::node& value) {
  for (const api_default& one : defaults) {
    if (one.param != param) continue;
    if (value.is_boolean()) return one.value == (value.truth() ? "true" : "false");
    return value.is_number() && json::equal_decimal(value.number_text(), one.value);
  }
  return false;
}

bool among(const json::node& value, const json::node& list, budget& left) {
  for (std::uint32_t n = 0; n < list.size; ++n) {
    left.spend();
    if (same(value, list.element(n))) return true;
  }
  return false;
}

bool allowed(const json::node& value, const json::node& list, budget& left) {
  if (!value.is_array()) return among(value, list, left);
  for (std::uint32_t n = 0; n < value.size; ++n) {
    if (!among(value.element(n), list, left)) return false;
  }
  return true;
}

}  // namespace

std::string model_facts::model() const { return "model " + quoted_member(model_); }

std::optional<misfit> model_facts::next(const param_set& params, bool reasons_told) const {
  std::optional<misfit> found = refused(params, reasons_told);
  if (!found) found = of_values(params);
  if (!found) found = together(params);
  return found;
}

std::optional<misfit> model_facts::refused(const param_set& params, bool reasons_told) const {
  const json::node list = known_.find("refuses", left_);
  for (std::uint32_t n = 0; list.is_array() && n < list.size; ++n) {
    left_.spend();
    const json::node name = list.element(n);
    const std::string_view param = name.is_string() ? canonical_param(name.text()) : std::string_view();
    const std::string_view given = param.empty() ? param : params.given_name(param);
    if (!given.empty()) return misfit{param, model() + " does not take " + json::quoted(given)};
  }
  if (!reasons_told || params.given_name("reasoning_effort").empty()) return std::nullopt;
  const json::node reasons = known_.find("reasoning", left_);
  if (!reasons.is_boolean() || reasons.truth()) return std::nullopt;
  return misfit{"reasoning_effort", model() + " does not reason; it takes no \"reasoning_effort\""};
}

std::optional<misfit> model_facts::of_values(const param_set& params) const {
  const json::node given = json::view(params.values);
  const json::node needs = known_.find("requires", left_), lists = known_.find("values", left_),
                   fixed = known_.find("default_only", left_);
  const auto each = [&](const json::node& facts, auto check) -> std::optional<misfit> {
    for (std::uint32_t n = 0; (facts.is_object() || facts.is_array()) && n < facts.size; ++n) {
      left_.spend();
      std::string_view name;
      const json::node fact = facts.is_object() ? facts.member_at(n, name) : facts.element(n);
      if (facts.is_array() && fact.is_string()) name = fact.text();
      const std::string_view param = canonical_param(name);
      const std::string_view written = param.empty() ? param : params.given_name(param);
      if (written.empty()) continue;
      std::string why = check(param, fact, given.member(param));
      if (!why.empty()) return misfit{param, model() + " takes " + json::quoted(written) + why};
    }
    return std::nullopt;
  };
  auto found = each(needs, [&](std::string_view, const json::node& fact, const json::node& value) {
    if (fact.is_absent() || same(fact, value)) return std::string();
    return " only as " + json::excerpt(fact) + ", not " + value_or_size(value);
  });
  if (found) return found;
  found = each(lists, [&](std::string_view, const json::node& fact, const json::node& value) {
    if (!fact.is_array() || allowed(value, fact, left_)) return std::string();
    return " only out of " + json::excerpt(fact, 200) + ", not " + value_or_size(value);
  });
  if (found) return found;
  return each(fixed, [&](std::string_view param, const json::node& fact, const json::node& value) {
    const bool usual = fixed.is_object() ? same(fact, value) : is_default(param, value);
    return usual ? std::string() : " only as its default, not " + value_or_size(value);
  });
}

std::string given_together(const param_set& given, const std::vector<std::string_view>& params) {
  if (params.size() < 2) return {};
  std::string names;
  for (std::size_t n = 0; n < params.size(); ++n) {
    const std::string_view written = given.given_name(params[n]);
    if (written.empty()) return {};
    if (n > 0) names += n + 1 == params.size() ? " and " : ", ";
    names += json::quoted(written);
  }
  return names;
}

std::optional<misfit> model_facts::together(const param_set& params) const {
  const json::node lists = known_.find("not_together", left_);
  for (std::uint32_t n = 0; lists.is_array() && n < lists.size; ++n) {
    const json::node list = lists.element(n);
    std::vector<std::string_view> names;
    for (std::uint32_t at = 0; list.is_array() && at < list.size; ++at) {
      left_.spend();
      const json::node name = list.element(at);
      const std::string_view param = name.is_string() ? canonical_param(name.text()) : std::string_view();
      if (!param.empty() && std::find(names.begin(), names.end(), param) == names.end())
        names.push_back(param);
    }
    const std::string both = given_together(params, names);
    if (!both.empty()) return misfit{names.back(), model() + " does not take " + both + " together"};
  }
  return std::nullopt;
}

std::optional<std::int64_t> model_facts::max_output_tokens() const {
  const json::node most = known_.find("max_output_tokens", left_);
  return most.is_number() ? json::to_int64(most.number_text()) : std::nullopt;
}

}  // namespace llm_admin::mapping
