#include "core/mapping/request.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "core/json/decimal.hpp"
#include "core/json/text.hpp"
#include "core/mapping/coerce.hpp"
#include "core/mapping/evaluate.hpp"
#include "core/mapping/extra_body.hpp"
#include "core/mapping/params.hpp"

namespace llm_admin::mapping {

namespace {

std::string pointer_of(const place& where) {
  if (where.kind == place_kind::url) return "url:" + where.segments[0];
  if (where.kind == place_kind::query) return "query:" + where.segments[0];
  std::string out;
  for (const std::string& segment : where.segments) json::push_token(out, segment);
  return out;
}

class builder {
 public:
  builder(const request_program& program, const request_input& input, json::tree& out,
          std::vector<finding>& findings)
      : program_(program), input_(input), out_(out), findings_(findings) {
    left_.most = input.limits.max_matches;
  }

  built_request run() {
    params_ = normalise_params(input_.params, input_.default_model, out_, findings_);
    params_view_ = json::view(params_.values);
    switches();
    unread();
    result_.body = out_.object();
    apply_rules();
    check_limit(params_view_.member("max_output_tokens"), pointer_to("max_output_tokens"), "");
    if (extra_) merge_extra();
    check_output(json::view(result_.body), input_.limits);
    result_.steps = left_.used;
    return std::move(result_);
  }

 private:
  void find(std::string at, std::string rule, std::string message) {
    findings_.push_back({std::move(at), std::move(rule), std::move(message)});
  }

  // Where the caller wrote a parameter; "" when it came from elsewhere.
  std::string pointer_to(std::string_view canonical) const {
    const std::string_view given = params_.given_name(canonical);
    return given.empty() ? std::string() : json::child("", given);
  }

  // The two parameters that steer the build itself.
  void switches() {
    const json::node drop = params_view_.member("drop_params");
    if (drop && !drop.is_boolean()) find("/drop_params", "", "drop_params must be true or false");
    drop_ = drop.is_boolean() && drop.truth();
    extra_ = params_view_.member("extra_body");
    if (extra_ && !extra_.is_object()) {
      find("/extra_body", "", "extra_body must be an object, not " + std::string(kind_name(extra_)));
      extra_ = {};
    }
  }

  void check_limit(const json::node& value, const std::string& at, const std::string& rule) {
    if (value.is_absent()) return;
    const json::item* whole = coerce(value, value_type::integer, out_);
    const bool refused = std::any_of(findings_.begin(), findings_.end(),
                                     [&](const finding& one) { return !at.empty() && one.input == at; });
    if (whole == nullptr && refused) return;  // by the rule's own type
    if (whole == nullptr)
      return find(at, rule, "max_output_tokens must be an integer, not " + json::excerpt(value, 40));
    if (!input_.max_output_tokens_limit) return;
    const std::string text = json::view(whole).number_text();
    const auto number = json::to_int64(text);
    const bool over = number ? *number > *input_.max_output_tokens_limit : text[0] != '-';
    if (!over) return;
    find(at, rule,
         "max_output_tokens " + text.substr(0, 40) + " is more than the provider's limit of " +
             std::to_string(*input_.max_output_tokens_limit));
  }

  void unread() {
    for (const auto& [canonical, given] : params_.given) {
      if (canonical == "extra_body" || canonical == "drop_params") continue;
      if (program_.chat.params.contains(std::string(canonical))) continue;
      if (!drop_) {
        find(json::child("", given), "", "no rule of this provider reads " + json::quoted(given));
        continue;
      }
      result_.dropped.push_back(given);
      if (input_.trace) result_.trace.push_back({"", "", "dropped " + given});
    }
  }

  void apply_rules() {
    scope in;
    in.params = params_view_;
    in.provider = input_.provider_columns;
    in.capabilities = input_.model_capabilities;
    const json::node model = params_view_.member("model_name");
    if (model.is_string()) in.model = model.text();
    evaluator run(program_.rules, in, left_, input_.limits, out_, true);
    for (std::size_t n = 0; n < program_.rules.top; ++n) {
      const rule& of = program_.rules.rules[n];
      const std::size_t errors_before = run.errors.size();
      json::item* value = run.run(of);
      const bool failed = run.errors.size() > errors_before;
      if (n == program_.chat.model_rule && !failed) take_model(of, value);
      if (value == nullptr) continue;
      if (of.caps_output && params_.given_name("max_output_tokens").empty()) {
        check_limit(json::view(value), "", of.pointer);
      }
      put(of, program_.chat.places[n], value);
    }
    for (finding& one : run.errors) {
      one.input = as_given(one.input);
      findings_.push_back(std::move(one));
    }
  }

  void take_model(const rule& of, const json::item* value) {
    const json::node model = json::view(value);
    if (model.is_string() && model.size > 0) {
      result_.model = model.text();
    } else if (model.is_absent()) {
      find("", of.pointer, "there is no model: give model_name, or the provider a default_model");
    } else {
      find(pointer_to("model_name"), of.pointer, "model must be a text that is not empty");
    }
  }

  void put(const rule& of, const place& where, json::item* value) {
    if (input_.trace) trace(of, value, pointer_of(where));
    if (where.kind != place_kind::body) return put_into_url(of, where, json::view(value));
    json::item* target = result_.body;
    for (std::size_t n = 0; n + 1 < where.segments.size(); ++n) {
      json::item* next = json::tree::find(target, where.segments[n]);
      if (next == nullptr) {
        next = out_.object();
        out_.append(target, where.segments[n], next);
      }
      target = next;
    }
    out_.append(target, where.segments.back(), value);  // the compiler has seen to it that no two places meet
  }

  void put_into_url(const rule& of, const place& where, const json::node& value) {
    const json::item* text = coerce(value, value_type::string, out_);
    if (text == nullptr) {
      return find("", of.pointer,
                  "what goes into the URL must be a text, a number or a boolean, not " +
                      std::string(kind_name(value)));
    }
    std::string plain(json::view(text).text());
    if (plain.size() > input_.limits.max_output_bytes) output_too_large(input_.limits);
    if (where.kind == place_kind::query) {
      result_.query.emplace_back(where.segments[0], std::move(plain));
      return;
    }
    // Dots survive percent-encoding, and a client would take them for a way up.
    if (plain.empty() || plain == "." || plain == "..") {
      return find("", of.pointer, json::quoted(plain) + " cannot be a part of the URL's path");
    }
    result_.url_holes.emplace_back(where.segments[0], std::move(plain));
  }

  void trace(const rule& of, const json::item* value, const std::string& pointer) {
    if (of.head != head::fields || value->count == 0) {
      result_.trace.push_back({pointer, of.pointer, ""});
      return;
    }
    for (std::uint32_t n = 0; n < of.child_count; ++n) {
      const rule& part = program_.rules.rules[of.first_child + n];
      const json::item* made = json::tree::find(value, part.name);
      if (made != nullptr) trace(part, made, json::child(pointer, part.name));
    }
  }

  // Rules read parameters by their canonical names; the caller is told the name that was given.
  std::string as_given(const std::string& pointer) const {
    if (pointer.empty()) return pointer;
    const std::size_t end = std::min(pointer.find('/', 1), pointer.size());
    const std::string top = pointer_to(std::string_view(pointer).substr(1, end - 1));
    return top.empty() ? top : top + pointer.substr(end);
  }

  void merge_extra() {
    extra_guard guard;
    guard.names.emplace_back("model", "extra_body cannot set the model; give model_name");
    for (std::size_t n = 0; n < program_.chat.places.size(); ++n) {
      const place& where = program_.chat.places[n];
      const rule& of = program_.rules.rules[n];
      if (where.kind != place_kind::body) {
        guard.names.emplace_back(of.name, "extra_body cannot set " + of.name + ", which goes into the URL");
        guard.names.emplace_back(where.segments[0],
                                 "extra_body cannot set " + where.segments[0] + ", which goes into the URL");
      } else if (n == program_.chat.model_rule) {
        guard.places.emplace_back(where.segments, "extra_body cannot set the model; give model_name");
      } else if (of.caps_output && input_.max_output_tokens_limit) {
        guard.places.emplace_back(where.segments,
                                  "extra_body cannot set max_output_tokens; give it as a parameter");
      }
    }
    if (input_.max_output_tokens_limit) {
      for (const char* name : {"max_output_tokens", "max_tokens", "max_completion_tokens"}) {
        guard.names.emplace_back(name, "extra_body cannot set max_output_tokens; give it as a parameter");
      }
    }
    std::vector<std::string> added;
    merge_extra_body(result_.body, extra_, guard, out_, left_, "/extra_body", findings_, added);
    if (!input_.trace) return;
    for (std::string& pointer : added) result_.trace.push_back({std::move(pointer), "", "extra_body"});
  }

  const request_program& program_;
  const request_input& input_;
  json::tree& out_;
  std::vector<finding>& findings_;
  budget left_;
  param_set params_;
  json::node params_view_;
  json::node extra_;
  bool drop_ = false;
  built_request result_;
};

}  // namespace

std::optional<built_request> try_build(const request_program& program, const request_input& input,
                                       json::tree& out, std::vector<finding>& findings) {
  if (!input.params.is_object()) {
    findings.push_back(
        {"", "", "the parameters must be an object, not " + std::string(kind_name(input.params))});
    return std::nullopt;
  }
  const std::size_t before = findings.size();
  built_request made = builder(program, input, out, findings).run();
  if (findings.size() > before) return std::nullopt;
  return made;
}

built_request build(const request_program& program, const request_input& input, json::tree& out) {
  std::vector<finding> findings;
  std::optional<built_request> made = try_build(program, input, out, findings);
  if (made) return std::move(*made);
  const bool unread = std::any_of(findings.begin(), findings.end(), [](const finding& one) {
    return one.message.starts_with("no rule of this provider reads");
  });
  throw error(
      sqlstate::request_invalid, "request cannot be built from these parameters", render(findings),
      unread ? "add \"drop_params\": true to leave out what this provider does not take"
             : "SELECT request_builder_config FROM llm_admin.get_provider('<provider>') shows what is read");
}

}  // namespace llm_admin::mapping
