#include "core/mapping/response/response.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "core/error.hpp"
#include "core/given_name.hpp"
#include "core/json/text.hpp"
#include "core/mapping/coerce.hpp"
#include "core/mapping/evaluate/evaluate.hpp"
#include "core/mapping/response/parts.hpp"

namespace llm_admin::mapping {

namespace {

constexpr std::array<std::string_view, 10> result_rules = {
    "text_content", "reasoning_content",   "tool_calls",    "finish_reason", "usage_stats",
    "model_used",   "provider_request_id", "reported_cost", "error",         "provider_state"};
constexpr std::array<std::string_view, 5> finish_reasons = {"stop", "length", "tool_calls", "content_filter",
                                                            "other"};

bool fills_result(std::string_view name) noexcept {
  return std::find(result_rules.begin(), result_rules.end(), name) != result_rules.end();
}

std::string sql_literal(std::string_view text) {
  std::string out = "'";
  for (char c : text) out.append(c == '\'' ? 2 : 1, c);
  return out + "'";
}

class extractor {
 public:
  extractor(const response_program& program, const response_input& input, json::tree& out)
      : program_(program),
        input_(input),
        out_(out),
        left_(input.limits, program.rules.rules.size(), {input.document, input.headers}),
        run_(program.rules, scope_of(input, out), left_, input.limits, out, false) {
    run_.warnings = input.warnings;
  }

  // Null when the response holds nothing; `findings` then says why.
  json::item* run(std::vector<finding>& findings) {
    // The error comes first: with one, nothing else is required.
    run_.enforce_required = false;
    const json::node found_error = input_.error ? input_.error : json::view(value_of("error"));
    json::item* error = error_of(found_error, input_.http_status, input_.document, out_);
    json::item* finish = nullptr;
    const bool may_break = input_.unfinished && error == nullptr;
    if (may_break) {
      finish = finish_reason();
      if (finish == nullptr) error = incomplete();
    }
    run_.enforce_required = error == nullptr;
    json::item* text = text_of("text_content");
    json::item* reasoning = text_of("reasoning_content");
    json::item* nested = nullptr;
    json::item* calls =
        tool_calls_of(json::view(typed("tool_calls", value_type::array)), input_.limits, out_, nested);
    if (!may_break) finish = finish_reason();
    json::item* raw = value_of("usage_stats");
    if (raw != nullptr && json::view(raw).is_object() && json::view(raw).size == 0) raw = nullptr;
    json::item* usage = usage_of(json::view(raw), pointer_of("usage_stats"), out_, run_.warnings);
    json::item* state = value_of("provider_state");
    json::item* result = out_.object();
    put(result, "text", text);
    put(result, "reasoning", reasoning);
    out_.append(result, "tool_calls", calls != nullptr ? calls : out_.array());
    put(result, "finish_reason", finish);
    put(result, "usage", usage);
    put(result, "usage_raw", raw);
    put(result, "model", text_of("model_used"));
    put(result, "provider_request_id", text_of("provider_request_id"));
    put(result, "reported_cost_usd", typed("reported_cost", value_type::number));
    put(result, "message",
        message(text, calls != nullptr ? nested : nullptr, state, finish != nullptr && !error));
    put(result, "provider_state", state);
    out_.append(result, "extra", extra());
    put(result, "error", error);
    const bool found = text != nullptr || calls != nullptr || finish != nullptr || error != nullptr;
    if (!found) {
      run_.errors.push_back({"", "", "neither a text, a tool call, a finish reason nor an error was found"});
      std::move(run_.warnings.begin(), run_.warnings.end(), std::back_inserter(run_.errors));
    }
    if (!run_.errors.empty()) {
      std::move(run_.errors.begin(), run_.errors.end(), std::back_inserter(findings));
      return nullptr;
    }
    check_output(json::view(result), input_.limits);
    return result;
  }

  std::uint64_t steps() const noexcept { return left_.used; }

 private:
  static scope scope_of(const response_input& input, json::tree& out) {
    scope made;
    made.document = input.document;
    made.headers = input.headers;
    made.provider = input.provider_columns;
    if (input.http_status) made.status = json::view(out.integer(*input.http_status));
    return made;
  }

  const rule* find(std::string_view name) const noexcept {
    for (std::size_t n = 0; n < program_.rules.top; ++n) {
      if (program_.rules.rules[n].name == name) return &program_.rules.rules[n];
    }
    return nullptr;
  }

  std::string pointer_of(std::string_view name) const {
    const rule* of = find(name);
    return of == nullptr ? std::string() : of->pointer;
  }

  json::item* value_of(std::string_view name) {
    const rule* of = find(name);
    return of == nullptr ? nullptr : run_.run(*of);
  }

  // A member of the result has its type whatever the rule says.
  json::item* typed(std::string_view name, value_type type) {
    json::item* value = value_of(name);
    if (value == nullptr) return nullptr;
    json::item* made = coerce(json::view(value), type, out_);
    if (made == nullptr) {
      run_.warnings.push_back({"", pointer_of(name),
                               std::string(name) + " must be " + std::string(type_name(type)) + ", not " +
                                   std::string(kind_name(json::view(value)))});
    }
    return made;
  }

  json::item* text_of(std::string_view name) { return typed(name, value_type::string); }

  json::item* finish_reason() {
    json::item* value = text_of("finish_reason");
    if (value == nullptr) return nullptr;
    const std::string_view text = json::view(value).text();
    const bool known = std::find(finish_reasons.begin(), finish_reasons.end(), text) != finish_reasons.end();
    return known ? value : out_.string("other");
  }

  json::item* incomplete() {
    json::item* made = out_.object();
    out_.append(made, "type", out_.string("stream_incomplete"));
    out_.append(made, "message", out_.string("the stream ended before the answer did"));
    out_.append(made, "retryable", out_.boolean(true));
    return error_of(json::view(made), {}, {}, out_);
  }

  void put(json::item* result, std::string_view name, json::item* value) {
    out_.append(result, name, value != nullptr ? value : out_.null());
  }

  // `ended`: the vendor finished an answer, be it an empty one.
  json::item* message(const json::item* text, json::item* nested, const json::item* state, bool ended) {
    if (text == nullptr && nested == nullptr && state == nullptr && !ended) return nullptr;
    json::item* made = out_.object();
    out_.append(made, "role", out_.string("assistant"));
    if (text != nullptr) {
      out_.append(made, "content", out_.borrow(json::view(text)));
    } else {
      out_.append(made, "content", nested != nullptr ? out_.null() : out_.string(""));
    }
    if (nested != nullptr) out_.append(made, "tool_calls", nested);
    if (state != nullptr) out_.append(made, "provider_state", out_.borrow(json::view(state)));
    return made;
  }

  json::item* extra() {
    json::item* made = out_.object();
    for (std::size_t n = 0; n < program_.rules.top; ++n) {
      const rule& of = program_.rules.rules[n];
      if (fills_result(of.name)) continue;
      if (json::item* value = run_.run(of)) out_.append(made, of.name, value);
    }
    if (run_.warnings.empty()) return made;
    json::item* list = out_.array();
    for (std::size_t n = 0; n < std::min(run_.warnings.size(), max_listed); ++n) {
      const finding& one = run_.warnings[n];
      json::item* entry = out_.object();
      out_.append(entry, "pointer", out_.string(out_.keep(nameable(one.input))));
      out_.append(entry, "rule_pointer", out_.string(out_.keep(nameable(one.rule))));
      out_.append(entry, "message", out_.string(out_.keep(one.message)));
      out_.push(list, entry);
    }
    out_.append(made, "mapping_warnings", list);
    return made;
  }

  const response_program& program_;
  const response_input& input_;
  json::tree& out_;
  budget left_;
  evaluator run_;
};

}  // namespace

json::item* try_extract(const response_program& program, const response_input& input, json::tree& out,
                        std::vector<finding>& findings, std::uint64_t* steps) {
  call_memory memory(input.limits, out);
  extractor one(program, input, out);
  json::item* result = one.run(findings);
  if (steps != nullptr) *steps = one.steps();
  return result;
}

json::item* extract(const response_program& program, const response_input& input, json::tree& out) {
  std::vector<finding> findings;
  json::item* result = try_extract(program, input, out, findings);
  if (result != nullptr) return result;
  std::string hint =
      "SELECT p.* FROM llm_admin.llm_provider_configs AS c, "
      "llm_admin.config_problems(c.request_builder_config, "
      "c.response_extractor_config) AS p";
  if (!input.provider_name.empty()) hint += " WHERE c.provider_name = " + sql_literal(input.provider_name);
  throw error(sqlstate::not_extractable, "response is not extractable by the provider's rules",
              render(findings), hint + ";");
}

}  // namespace llm_admin::mapping
