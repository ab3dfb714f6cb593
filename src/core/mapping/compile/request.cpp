#include "core/mapping/compile/request.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "core/given_name.hpp"
#include "core/http/auth.hpp"
#include "core/http/headers.hpp"
#include "core/http/url.hpp"
#include "core/json/text.hpp"
#include "core/mapping/compile/latest.hpp"
#include "core/mapping/compile/places.hpp"
#include "core/mapping/compile/words.hpp"

namespace llm_admin::mapping {

namespace {

constexpr std::array<std::string_view, 1> top_members = {"path"};
constexpr std::array<std::string_view, 6> operation_members = {
    "method", "path", "query", "payload_structure", "extract", "usage"};
constexpr std::array<std::string_view, 4> methods = {"GET", "POST", "PUT", "PATCH"};
constexpr std::size_t max_operations = 32;

// The documented way to say what happens anyway: extra_body goes under what the rules made.
bool is_extra_body(const json::node& text) noexcept {
  const json::node source = text.is_object() ? text.member("source") : text;
  return source.is_string() && source.text() == "param:extra_body";
}

// Of a header's name, which is compared without case.
std::string lower(std::string_view name) {
  std::string out(name);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  return out;
}

}  // namespace

void request_compiler::all(const json::node& config, const json::node& structure) {
  out_.chat.name = "chat";
  body(structure, "/payload_structure", out_.chat);
  out_.rules.top = out_.chat.count;
  out_.chat.params = std::exchange(rules_.params, {});
  if (!rules_.newer()) return;
  if (const json::node given = config.member("query"); !given.is_absent()) query(given, "/query", out_.chat);
  if (const json::node given = config.member("streaming_path"); !given.is_absent()) {
    path(given, "/streaming_path", out_.streaming_path.emplace());
    out_.chat.params.insert("stream");
  }
  query_conflicts(out_.chat);
  out_.chat.params.merge(std::exchange(rules_.params, {}));
  if (rules_.latest()) {
    out_.not_together = not_together_of(config.member("not_together"), rules_);
    out_.ignores = ignored_of(config.member("ignores"), rules_);
    rules_.params.clear();  // to ask for a parameter here is not to take it
  }
  if (const json::node given = config.member("headers"); !given.is_absent()) headers(given);
  const std::set<std::string> of_headers = std::exchange(rules_.params, {});
  if (const json::node given = config.member("operations"); given.is_object()) {
    if (given.size > max_operations)
      rules_.error("/operations", "too_many_operations", "operations holds more than 32 operations");
    for (std::uint32_t n = 0; n < std::min<std::size_t>(given.size, max_operations); ++n) {
      std::string_view name;
      const json::node text = given.member_at(n, name);
      if (!text.is_absent()) operation(text, name);
    }
  } else if (!given.is_absent()) {
    rules_.error("/operations", "not_an_object", "operations must be an object of named operations");
  }
  out_.chat.params.insert(of_headers.begin(), of_headers.end());
  for (call_shape& one : out_.operations) one.params.insert(of_headers.begin(), of_headers.end());
  rules_.unused_definitions();
}

void request_compiler::body(const json::node& structure, const std::string& pointer, call_shape& into) {
  json::tree kept;
  json::node members = structure;
  const json::node splice = structure.member("...");
  if (rules_.newer() && !splice.is_absent() && is_extra_body(splice)) {
    json::item* rest = kept.object();
    for (std::uint32_t n = 0; n < structure.size; ++n) {
      std::string_view key;
      const json::node value = structure.member_at(n, key);
      if (key != "...") kept.append(rest, key, kept.borrow(value));
    }
    members = json::view(rest);
  }
  into.first = rules_.rules(members, pointer, top_members, into.count, true);
  place_compiler places(rules_, into.places);
  for (std::uint32_t n = into.first; n < into.first + into.count; ++n) {
    const rule& of = out_.rules.rules[n];
    if (of.name == "model") into.model_rule = n;
    places.add(of, structure.member(of.name));
  }
  places.conflicts();
}

void request_compiler::query(const json::node& object, const std::string& pointer, call_shape& into) {
  if (!object.is_object())
    return rules_.error(pointer, "not_an_object", "query must be an object: name -> rule");
  into.first_query = rules_.rules(object, pointer, {}, into.query_count);
  for (std::uint32_t n = into.first_query; n < into.first_query + into.query_count; ++n) {
    const rule& of = out_.rules.rules[n];
    if (of.name.empty() || of.name.size() > 100)
      rules_.error(of.pointer, "bad_name", "a query parameter needs a name of 1 to 100 bytes");
  }
}

// A name of `query` that a rule of the payload has as its place would stand in the URL twice.
void request_compiler::query_conflicts(const call_shape& of) {
  if (of.query_count == 0) return;
  std::map<std::string_view, const rule*> named;
  for (std::uint32_t at = of.first_query; at < of.first_query + of.query_count; ++at)
    named.emplace(out_.rules.rules[at].name, &out_.rules.rules[at]);
  for (std::uint32_t n = 0; n < of.places.size(); ++n) {
    if (of.places[n].kind != place_kind::query) continue;
    const auto ours = named.find(of.places[n].segments[0]);
    if (ours != named.end())
      rules_.error(ours->second->pointer, "place_conflict",
                   "this place is taken by the rule at " +
                       nameable(json::child(out_.rules.rules[of.first + n].pointer, "path")));
  }
}

void request_compiler::headers(const json::node& object) {
  if (!object.is_object())
    return rules_.error("/headers", "not_an_object", "headers must be an object: name -> rule");
  out_.first_header = rules_.rules(object, "/headers", {}, out_.header_count);
  std::map<std::string, std::uint32_t> taken;
  for (std::uint32_t n = out_.first_header; n < out_.first_header + out_.header_count; ++n) {
    const rule& of = out_.rules.rules[n];
    if (!valid_header_name(of.name)) {
      rules_.error(of.pointer, "bad_header", quoted_member(of.name) + " is no HTTP header name");
    } else if (auth::is_reserved_header(of.name)) {
      std::string message =
          header_named(of.name) + " may not be set here: it carries credentials or steers delivery";
      // What 0.3 took goes on working where it is stored; request_problems() refuses it anew.
      if (auth::was_always_reserved(of.name))
        rules_.error(of.pointer, reserved_header, std::move(message));
      else
        rules_.warning(of.pointer, reserved_header, std::move(message));
    }
    const auto [before, fresh] = taken.try_emplace(lower(of.name), n);
    if (!fresh)
      rules_.error(of.pointer, "place_conflict",
                   "this header is set by the rule at " + nameable(out_.rules.rules[before->second].pointer));
  }
}

void request_compiler::path(const json::node& text, const std::string& pointer, std::string& into) {
  if (!text.is_string()) {
    rules_.error(pointer, "not_a_text", "an endpoint path is a text that begins with /");
    return;
  }
  into = text.text();
  for (std::string& problem : endpoint_path_problems(into))
    rules_.error(pointer, "bad_endpoint_path", "the endpoint path " + std::move(problem));
}

void request_compiler::operation(const json::node& text, std::string_view name) {
  const std::string pointer = json::child("/operations", name);
  if (!text.is_object())
    return rules_.error(pointer, "not_an_object",
                        "an operation is an object of method, path, query and payload_structure");
  // The last one is 1.2's.
  rules_.unknown_members(text, pointer, std::span(operation_members).first(rules_.latest() ? 6 : 5));
  call_shape made;
  made.name = name;
  const json::node structure = text.member("payload_structure"), method = text.member("method");
  made.has_body = !structure.is_absent();
  made.method = made.has_body ? "POST" : "GET";
  if (method.is_string() && among(method.text(), methods)) {
    made.method = method.text();
  } else if (!method.is_absent()) {
    rules_.error(json::child(pointer, "method"), "unknown_method",
                 "method must be one of " + listed(methods));
  }
  if (const json::node given = text.member("path"); !given.is_absent())
    path(given, json::child(pointer, "path"), made.path);
  if (const json::node given = text.member("query"); !given.is_absent())
    query(given, json::child(pointer, "query"), made);
  if (structure.is_object()) {
    body(structure, json::child(pointer, "payload_structure"), made);
  } else if (made.has_body) {
    rules_.error(json::child(pointer, "payload_structure"), "not_an_object",
                 "payload_structure must be an object of rules");
  }
  if (rules_.latest()) holes(made);
  query_conflicts(made);
  if (made.method == "GET") bodiless(made);
  made.params = std::exchange(rules_.params, {});
  answer_rule(text, "extract", name, out_.extracts);
  if (rules_.latest()) answer_rule(text, "usage", name, out_.usages);
  out_.operations.push_back(std::move(made));
}

// A hole that the operation's own path does not have may stand in base_url; the row decides.
void request_compiler::holes(const call_shape& of) {
  for (std::uint32_t n = 0; n < of.count && !of.path.empty(); ++n) {
    const place& where = of.places[n];
    if (where.kind != place_kind::url || of.path.find("{" + where.segments[0] + "}") != std::string::npos)
      continue;
    rules_.warning(json::child(out_.rules.rules[of.first + n].pointer, "path"), url_hole_missing,
                   "the operation's path has no hole {" + member_named(where.segments[0]) +
                       "}; the value goes nowhere unless base_url has it");
  }
}

// The rules of a GET request fill its URL and nothing else.
void request_compiler::bodiless(call_shape& of) {
  of.has_body = false;
  for (std::uint32_t n = 0; n < of.count; ++n) {
    if (of.places[n].kind == place_kind::url || of.places[n].kind == place_kind::query) continue;
    rules_.error(out_.rules.rules[of.first + n].pointer, "body_of_get",
                 "a GET request has no body; its rules go to url: and query: places");
  }
}

// A rule that reads the operation's answer, so that it has a compiler and a rule set of its own.
void request_compiler::answer_rule(const json::node& operation, std::string_view member,
                                   std::string_view name,
                                   std::map<std::string, rule_set, std::less<>>& into) {
  const json::node text = operation.member(member);
  if (text.is_absent()) return;
  rule_set one;
  rule_compiler rules("request_builder_config", side::response, defs_, one);
  one.version = out_.rules.version;
  rules.one_rule(text, json::child(json::child("/operations", name), member), std::string(name));
  into.emplace(std::string(name), std::move(one));
}

}  // namespace llm_admin::mapping
