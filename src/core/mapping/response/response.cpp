#include "core/mapping/response/response.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "core/error.hpp"
#include "core/json/text.hpp"
#include "core/mapping/evaluate/evaluate.hpp"
#include "core/mapping/response/error.hpp"
#include "core/mapping/response/parts.hpp"
#include "core/mapping/response/rule_reader.hpp"
#include "core/mapping/response/usage.hpp"
#include "core/mapping/state.hpp"

namespace llm_admin::mapping {

namespace {

constexpr std::array<std::string_view, 10> result_rules = {
    "text_content", "reasoning_content",   "tool_calls",    "finish_reason", "usage_stats",
    "model_used",   "provider_request_id", "reported_cost", "error",         "provider_state"};
constexpr std::array<std::string_view, 4> newer_result_rules = {"choices", "parts", "citations", "logprobs"};

bool fills_result(std::string_view name, bool newer) noexcept {
  const auto in = [=](const auto& list) { return std::find(list.begin(), list.end(), name) != list.end(); };
  return in(result_rules) || (newer && in(newer_result_rules));
}

std::string sql_literal(std::string_view text) {
  std::string out = "'";
  for (char c : text) out.append(c == '\'' ? 2 : 1, c);
  return out + "'";
}

class extractor : rule_reader {
 public:
  extractor(const response_program& program, const response_input& input, json::tree& out)
      : rule_reader(program, input, out), program_(program), input_(input) {
    run_.warnings = input.warnings;
  }

  // Null when the response holds nothing and that is to be raised; `findings` then says why.
  json::item* run(std::vector<finding>& findings) {
    read_error();
    const bool all = !input_.costs_only;
    json::item* text = all ? text_of("text_content") : nullptr;
    json::item* reasoning = all ? text_of("reasoning_content") : nullptr;
    json::item* nested = nullptr;
    const json::node given = all ? json::view(typed("tool_calls", value_type::array)) : json::node{};
    // Arguments are parsed, which takes ten times their text; the output is measured at the end.
    const std::size_t before_calls = out_.bytes();
    json::item* calls = tool_calls_of(given, input_.limits, newer_, out_, nested);
    run_.disregard(out_.bytes() - before_calls);
    if (newer_ && given.is_array() && given.size > (calls != nullptr ? calls->count : 0))
      warn("tool_calls", "a tool call without a name is left out");
    if (calls == nullptr) nested = nullptr;
    json::item* finish = finish_reason(calls != nullptr);
    json::item* raw = value_of("usage_stats");
    if (raw != nullptr && json::view(raw).is_object() && json::view(raw).size == 0) raw = nullptr;
    json::item* usage = usage_of(json::view(raw), pointer_of("usage_stats"), newer_, out_, run_.warnings);
    refusal_ = newer_ && all ? text_of("refusal") : nullptr;
    more more_of = newer_ && all ? read_more() : more{};
    json::item* state = all ? value_of("provider_state") : nullptr;
    json::item* message = message_of(text, refusal_, nested,
                                     state != nullptr || (finish != nullptr && error_ == nullptr), out_);
    if (newer_ && !program_.rules.dialect.empty()) {
      state = kept(state, message);
      if (state == nullptr && text == nullptr && nested == nullptr && finish == nullptr &&
          refusal_ == nullptr)
        message = nullptr;
    }
    if (state != nullptr) out_.append(message, "provider_state", out_.borrow(json::view(state)));
    constexpr std::uint32_t result_members = 19;
    json::item* result = out_.object(result_members);
    put(result, "text", text);
    put(result, "reasoning", reasoning);
    out_.append(result, "tool_calls", calls != nullptr ? calls : out_.array());
    put(result, "finish_reason", finish);
    put(result, "usage", usage);
    put(result, "usage_raw", raw);
    put(result, "model", text_of("model_used"));
    put(result, "provider_request_id", text_of("provider_request_id"));
    put(result, "reported_cost_usd", typed("reported_cost", value_type::number));
    put(result, "message", message);
    put(result, "provider_state", state);
    json::item* others = all ? extra() : out_.object();
    out_.append(result, "extra", others);
    const bool found = text != nullptr || calls != nullptr || finish != nullptr || error_ != nullptr ||
                       refusal_ != nullptr || more_of.any() || at_work_;
    if (!settled(found, findings)) return nullptr;
    if (!newer_ && !run_.warnings.empty())
      out_.append(others, "mapping_warnings", told(listed(run_.warnings, out_)));
    put(result, "error", error_);
    put_list(result, "choices", more_of.choices);
    put_list(result, "parts", more_of.parts);
    put_list(result, "citations", more_of.citations);
    put(result, "logprobs", more_of.logprobs);
    out_.append(result, "unread", newer_ && all ? unread_members() : out_.array());
    out_.append(result, "warnings", newer_ ? told(listed(run_.warnings, out_)) : out_.array());
    check_size(json::view(result), json::view(state));
    return result;
  }

  using rule_reader::steps;

 private:
  struct more {
    json::item *choices = nullptr, *parts = nullptr, *citations = nullptr, *logprobs = nullptr;
    bool any() const noexcept { return choices != nullptr || parts != nullptr; }
  };

  // The error comes first: with one, nothing else is required.
  void read_error() {
    run_.enforce_required = false;
    error_ = made_error(input_.error ? input_.error : json::view(value_of("error")), input_.http_status);
    if (input_.unfinished && error_ == nullptr) {
      finish_ = text_of("finish_reason");
      finish_known_ = true;
      if (finish_ == nullptr) {
        error_ = incomplete();
      } else if (input_.end_missing) {
        run_.warnings.push_back(
            {"", "",
             "the stream broke off behind its finish reason: usage and further choices may be missing"});
      }
    }
    run_.enforce_required = error_ == nullptr;
  }

  json::item* made_error(const json::node& found, std::optional<int> http_status) {
    error_input made;
    made.found = found;
    made.http_status = http_status;
    made.document = input_.error_document ? input_.error_document : input_.document;
    made.headers = input_.headers;
    made.now_ms = input_.now_ms;
    made.newer = newer_;
    made.filter = &input_.filter;
    return error_of(made, out_);
  }

  // An error of the engine's own, about the response as a whole.
  json::item* own_error(std::string_view type, std::string_view message, bool retryable,
                        bool shows_document) {
    json::item* made = out_.object();
    out_.append(made, "type", out_.string(type));
    out_.append(made, "message", out_.string(message));
    out_.append(made, "retryable", out_.boolean(retryable));
    if (shows_document) out_.append(made, "detail", out_.borrow(input_.document));
    error_input in;
    in.found = json::view(made);
    in.newer = newer_;
    in.filter = &input_.filter;
    return error_of(in, out_);
  }

  json::item* incomplete() {
    return own_error("stream_incomplete", "the stream ended before the answer did", true, false);
  }

  // What cannot be extracted becomes an error of the result, or is told in `findings`: false then.
  bool settled(bool found, std::vector<finding>& findings) {
    constexpr std::string_view nothing_there =
        "neither a text, a tool call, a finish reason nor an error was found";
    if (newer_ || input_.lenient) {
      std::move(run_.errors.begin(), run_.errors.end(), std::back_inserter(run_.warnings));
      if (error_ == nullptr && !run_.errors.empty()) {
        error_ = own_error("not_extractable", out_.keep(run_.errors[0].message), false, true);
      } else if (!found) {
        error_ = own_error("nothing_found", nothing_there, false, true);
      }
      return true;
    }
    if (!found) {
      run_.errors.push_back({"", "", std::string(nothing_there)});
      std::move(run_.warnings.begin(), run_.warnings.end(), std::back_inserter(run_.errors));
    }
    std::move(run_.errors.begin(), run_.errors.end(), std::back_inserter(findings));
    return findings.empty();
  }

  json::item* finish_reason(bool has_calls) {
    if (!finish_known_) finish_ = text_of("finish_reason");
    at_work_ = newer_ && at_work(json::view(finish_));
    return finish_reason_of(json::view(finish_), newer_, has_calls, out_);
  }

  more read_more() {
    more made;
    bool filtered = false;
    const auto clean = [&](json::item* value) {
      if (value == nullptr || !input_.filter) return value;
      return without_key(json::view(value), vendor_text::part, input_.filter, out_, filtered);
    };
    made.choices = choices_of(json::view(typed("choices", value_type::array)), input_.limits, out_);
    made.parts = clean(
        parts_of(json::view(typed("parts", value_type::array)), pointer_of("parts"), out_, run_.warnings));
    made.citations = clean(typed("citations", value_type::array));
    if (json::item* value = value_of("logprobs"); value != nullptr && !empty_text(json::view(value)))
      made.logprobs = value;
    if (filtered) warn("parts", "what came beside the text held a key; it was taken out");
    return made;
  }

  // What the dialect keeps of the answer, in the form that a message holds.
  json::item* kept(const json::item* value, json::item* message) {
    if (value == nullptr || (json::view(value).is_array() && json::view(value).size == 0)) return nullptr;
    if (error_ != nullptr) {
      warn("provider_state", "the answer broke off, so that its state was not kept");
      return nullptr;
    }
    bool filtered = false;
    json::item* content = without_key(json::view(value), vendor_text::state, input_.filter, out_, filtered);
    if (filtered) warn("provider_state", "the state of the answer held a key; it was taken out");
    std::string why;
    json::item* state = made_state(json::view(content), program_.rules.dialect, json::view(message),
                                   input_.limits.max_output_bytes, out_, why);
    if (state == nullptr) warn("provider_state", std::move(why));
    return state;
  }

  void put(json::item* result, std::string_view name, json::item* value) {
    out_.append(result, name, value != nullptr ? value : out_.null());
  }
  void put_list(json::item* result, std::string_view name, json::item* value) {
    out_.append(result, name, value != nullptr ? value : out_.array());
  }

  json::item* extra() {
    json::item* made = out_.object();
    for (std::size_t n = 0; n < program_.rules.top; ++n) {
      const rule& of = program_.rules.rules[n];
      if (fills_result(of.name, newer_)) continue;
      json::item* value = newer_ && of.name == "refusal" ? refusal_ : run_.run(of);
      if (value != nullptr && !(newer_ && empty_text(json::view(value)))) out_.append(made, of.name, value);
    }
    return made;
  }

  json::item* unread_members() {
    json::item* list = out_.array();
    for (const std::string& pointer : unread(program_.reads, input_.document, left_))
      out_.push(list, out_.string(out_.keep(pointer)));
    return told(list);
  }

  // What quotes the vendor, without a key in it.
  json::item* told(json::item* list) {
    bool found = false;
    return without_key(json::view(list), vendor_text::error, input_.filter, out_, found);
  }

  // State that is kept stands in the result twice and counts once.
  void check_size(const json::node& result, const json::node& state) const {
    if (!newer_ || state.is_absent()) return check_output(result, input_.limits);
    limits wider = input_.limits;
    wider.max_output_bytes += json::measure(state, wider.max_output_bytes, SIZE_MAX).bytes;
    check_output(result, wider);
  }

  const response_program& program_;
  const response_input& input_;
  json::item* error_ = nullptr;
  json::item* finish_ = nullptr;  // as the rule gave it
  bool finish_known_ = false, at_work_ = false;
  json::item* refusal_ = nullptr;  // of 1.2 only
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
