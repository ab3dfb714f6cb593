#include "core/mapping/request/request.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "core/given_name.hpp"
#include "core/json/decimal.hpp"
#include "core/json/text.hpp"
#include "core/mapping/coerce.hpp"
#include "core/mapping/request/builder.hpp"
#include "core/mapping/request/call_ids.hpp"

namespace llm_admin::mapping {

request_builder::request_builder(const request_program& program, const request_input& input, json::tree& out,
                                 std::vector<finding>& findings)
    : program_(program),
      input_(input),
      call_(input.call != nullptr ? *input.call : program.chat),
      out_(out),
      findings_(findings),
      left_(input.limits, program.rules.rules.size(),
            {input.params, input.provider_columns, input.model_capabilities}),
      looked_(input.limits, program.rules.rules.size(), {input.params}) {}

built_request request_builder::run() {
  params_ = normalise_params(input_.params, input_.default_model, out_, findings_);
  params_view_ = json::view(params_.values);
  switches();
  unread();
  distinct_ids();
  find_model();
  check_model();
  clamp_output();
  check_conflicts();
  unread_members();
  replaced();
  result_.method = call_.method;
  result_.path = call_.path;
  if (call_.has_body) result_.body = out_.object();
  apply_rules();
  check_shapes();
  streaming();
  check_limit(params_view_.member("max_output_tokens"), pointer_to("max_output_tokens"), "");
  require_holes(input_.base_path);
  require_holes(result_.path.empty() ? input_.endpoint_path : std::string_view(result_.path));
  if (extra_) merge_extra();
  if (extra_headers_) extra_headers();
  if (result_.body != nullptr) check_output(json::view(result_.body), input_.limits);
  result_.output_limit = limit_;
  result_.steps = left_.used;
  return std::move(result_);
}

void request_builder::find(std::string at, std::string rule, std::string message) {
  findings_.push_back({std::move(at), std::move(rule), std::move(message)});
}

// Whether something was found at this place of the input.
bool request_builder::refused(std::string_view at) const {
  return !at.empty() &&
         std::any_of(findings_.begin(), findings_.end(), [&](const finding& one) { return one.input == at; });
}

// Where the caller wrote a parameter; "" when it came from elsewhere.
std::string request_builder::pointer_to(std::string_view canonical) const {
  const std::string_view given = params_.given_name(canonical);
  return given.empty() ? std::string() : json::child("", given);
}

// Rules read parameters by their canonical names; the caller is told the name that was given.
std::string request_builder::as_given(const std::string& pointer) const {
  if (pointer.empty()) return pointer;
  const std::size_t end = std::min(pointer.find('/', 1), pointer.size());
  const std::string top = pointer_to(std::string_view(pointer).substr(1, end - 1));
  return top.empty() ? top : top + pointer.substr(end);
}

// The two parameters that steer the build itself.
void request_builder::switches() {
  const json::node drop = params_view_.member("drop_params");
  if (drop && !drop.is_boolean()) find("/drop_params", "", "drop_params must be true or false");
  drop_ = drop.is_boolean() && drop.truth();
  extra_headers_ = params_view_.member("extra_headers");
  if (extra_headers_ && !extra_headers_.is_object()) {
    find("/extra_headers", "",
         "extra_headers must be an object, not " + std::string(kind_name(extra_headers_)));
    extra_headers_ = {};
  }
  extra_ = params_view_.member("extra_body");
  if (!extra_) return;
  if (!extra_.is_object()) {
    find("/extra_body", "", "extra_body must be an object, not " + std::string(kind_name(extra_)));
  } else if (!call_.has_body) {
    find("/extra_body", "",
         "operation " + member_named(call_.name) + " has no body that extra_body could go into");
  } else {
    return;
  }
  extra_ = {};
}

void request_builder::unread() {
  for (const auto& [canonical, given] : params_.given) {
    if (steers_build(canonical)) continue;
    if (call_.params.contains(std::string(canonical))) continue;
    if (!drop_) {
      find(json::child("", given), "",
           (input_.call == nullptr ? "no rule of this provider reads "
                                   : "no rule of operation " + member_named(call_.name) + " reads ") +
               json::quoted(given));
      continue;
    }
    result_.dropped.push_back(given);
    warn(json::child("", given), "", json::quoted(given) + " is left out: no rule of this provider reads it");
    trace_dropped(given, params_view_.member(canonical));
  }
}

void request_builder::warn(std::string at, std::string rule, std::string message) {
  if (result_.warnings.size() < evaluator::max_findings)
    result_.warnings.push_back({std::move(at), std::move(rule), std::move(message)});
}

// Texts that the server could not hold.
void request_builder::replaced() {
  const auto tell = [&](std::uint64_t count, const char* what) {
    if (count > 0) warn("", "", std::to_string(count) + what + " became U+FFFD");
  };
  tell(input_.replaced.nulls, " \\u0000 in texts");
  tell(input_.replaced.surrogates, " halves of surrogate pairs in texts");
}

// Each call goes out under an id of its own.
void request_builder::distinct_ids() {
  if (program_.rules.version < language::v1_2) return;
  distinct_calls made =
      make_calls_distinct(params_view_.member("messages"), program_.rules.dialect, out_, looked_);
  if (made.messages == nullptr) return;
  out_.put(params_.values, "messages", made.messages);
  params_view_ = json::view(params_.values);
  for (const std::string& one : made.pointers)
    warn(pointer_to("messages") + one, "",
         "an earlier call has this id; this one and its results go out under another");
}

void request_builder::streaming() {
  if (input_.call != nullptr || !program_.streaming_path) return;
  const json::node stream = params_view_.member("stream");
  if (stream.is_boolean() && stream.truth()) result_.path = *program_.streaming_path;
  const std::string at = pointer_to("stream");
  if (stream && !stream.is_boolean() && !refused(at)) find(at, "", "stream must be true or false");
}

void request_builder::apply_rules() {
  scope in;
  in.params = params_view_;
  in.provider = input_.provider_columns;
  in.capabilities = input_.model_capabilities;
  in.model = model_;
  in.known_capabilities = &*known_;
  evaluator run(program_.rules, in, left_, input_.limits, out_, true);
  if (input_.trace) run.origins = &origins_;
  for (std::uint32_t n = 0; n < call_.count; ++n) {
    const rule& of = program_.rules.rules[call_.first + n];
    const std::size_t errors_before = run.errors.size();
    json::item* value = run.run(of);
    const bool failed = run.errors.size() > errors_before;
    if (call_.first + n == call_.model_rule && !failed) take_model(of, value);
    if (value == nullptr) continue;
    check_defaults(of, json::view(value));
    put(of, call_.places[n], value);
  }
  for (std::uint32_t n = call_.first_query; n < call_.first_query + call_.query_count; ++n) {
    const rule& of = program_.rules.rules[n];
    if (const json::item* value = run.run(of)) put_into_query(of, of.name, value);
  }
  for (std::uint32_t n = program_.first_header; n < program_.first_header + program_.header_count; ++n) {
    const rule& of = program_.rules.rules[n];
    if (const json::item* value = run.run(of)) put_header(of, value);
  }
  for (finding& one : run.errors) {
    one.input = as_given(one.input);
    findings_.push_back(std::move(one));
  }
  for (finding& one : run.warnings) warn(as_given(one.input), std::move(one.rule), std::move(one.message));
  if (spliced_ != nullptr) splice(*spliced_by_, spliced_);
}

void request_builder::take_model(const rule& of, const json::item* value) {
  const json::node model = json::view(value);
  if (model.is_string() && model.size > 0) {
    result_.model = model.text();
  } else if (!model.is_absent()) {
    find(pointer_to("model_name"), of.pointer, "model must be a text that is not empty");
  } else if (input_.call == nullptr) {
    find("", of.pointer, "there is no model: give model_name, or the provider a default_model");
  }
}

bool request_builder::is_over_limit(const json::node& whole) const {
  if (!limit_) return false;
  const std::string text = whole.number_text();
  const auto number = json::to_int64(text);
  return number ? *number > *limit_ : text[0] != '-';
}

void request_builder::clamp_output() {
  if (!input_.clamp_output) return;
  const json::item* asked = coerce(params_view_.member("max_output_tokens"), value_type::integer, out_);
  if (asked == nullptr || !is_over_limit(json::view(asked))) return;
  warn(pointer_to("max_output_tokens"), "",
       "more than the " + std::string(limit_of_model_ ? "model" : "provider") + "'s limit of " +
           std::to_string(*limit_) + " is asked for; the limit is sent");
  out_.put(params_.values, "max_output_tokens", out_.integer(*limit_));
  params_view_ = json::view(params_.values);
}

void request_builder::check_limit(const json::node& value, const std::string& at, const std::string& rule) {
  if (value.is_absent()) return;
  const json::item* whole = coerce(value, value_type::integer, out_);
  if (whole == nullptr && refused(at)) return;  // by the rule's own type
  if (whole == nullptr)
    return find(at, rule, "max_output_tokens must be an integer, not " + value_or_size(value));
  if (!is_over_limit(json::view(whole))) return;
  const std::string text = json::view(whole).number_text();
  find(at, rule,
       "max_output_tokens " + text.substr(0, 40) + " is more than the " +
           (limit_of_model_ ? "model" : "provider") + "'s limit of " + std::to_string(*limit_));
}

// A default for max_output_tokens is bound by the limit as well, also one inside an object.
void request_builder::check_defaults(const rule& of, const json::node& value) {
  if (value.is_absent() || !params_.given_name("max_output_tokens").empty()) return;
  if (of.caps_output) check_limit(value, "", of.pointer);
  if (!limit_) return;
  if (of.head == head::call) return check_defaults(program_.rules.rules[of.first_child], value);
  if (of.head != head::fields || !value.is_object()) return;
  for (std::uint32_t n = 0; n < of.child_count; ++n) {
    left_.spend();
    const rule& part = program_.rules.rules[of.first_child + n];
    if (!part.spread) check_defaults(part, value.member(part.name));
  }
}

std::optional<built_request> try_build(const request_program& program, const request_input& input,
                                       json::tree& out, std::vector<finding>& findings) {
  if (!input.params.is_object()) {
    findings.push_back(
        {"", "", "the parameters must be an object, not " + std::string(kind_name(input.params))});
    return std::nullopt;
  }
  call_memory memory(input.limits, out);
  const std::size_t before = findings.size();
  built_request made = request_builder(program, input, out, findings).run();
  if (findings.size() > before) return std::nullopt;
  return made;
}

namespace {

// The statement or the member that mends the kind of problem that was found, the most telling first.
std::string hint_of(const std::vector<finding>& findings, std::string_view provider) {
  const auto any = [&](std::string_view words) {
    return std::any_of(findings.begin(), findings.end(),
                       [=](const finding& one) { return one.message.find(words) != std::string::npos; });
  };
  const std::string shown = "SELECT request_builder_config FROM llm_admin.get_provider(" +
                            (provider.empty() ? "'<provider>'" : sql_literal(provider, "'<provider>'")) +
                            ") shows what is read";
  if (any("no rule of ") || any("\"drop_params\": true leaves "))
    return "add \"drop_params\": true to leave out what this provider does not take";
  if (any("unknown parameter "))
    return "what the API of " + (provider.empty() ? "this provider" : std::string(provider)) +
           " takes beyond the parameters known goes into \"extra_body\": {\"<name>\": <value>}; " + shown;
  return shown;
}

}  // namespace

built_request build(const request_program& program, const request_input& input, json::tree& out) {
  std::vector<finding> findings;
  std::optional<built_request> made = try_build(program, input, out, findings);
  if (made) return std::move(*made);
  throw error(sqlstate::request_invalid, "request cannot be built from these parameters", render(findings),
              hint_of(findings, input.provider_name));
}

}  // namespace llm_admin::mapping
