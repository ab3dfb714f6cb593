#include "core/mapping/compile/latest.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "core/given_name.hpp"
#include "core/json/text.hpp"
#include "core/mapping/compile/words.hpp"
#include "core/mapping/params.hpp"

namespace llm_admin::mapping {

namespace {

constexpr std::array<std::string_view, 3> conflict_members = {"params", "when", "text"};
constexpr std::array<std::string_view, 4> ignore_members = {"message", "part", "tool", "tool_call"};
constexpr std::size_t longest_dialect = 60;

bool is_dialect(std::string_view name) noexcept {
  return !name.empty() && name.size() <= longest_dialect && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

void params_of(const json::node& list, const std::string& pointer, rule_compiler& rules, conflict& into) {
  constexpr const char* wanted = "params must name two or more parameters";
  if (!list.is_array() || list.size < 2) return rules.error(pointer, "bad_params", wanted);
  for (std::uint32_t n = 0; n < list.size; ++n) {
    const json::node name = list.element(n);
    const std::string at = json::child(pointer, std::size_t{n});
    if (!name.is_string()) {
      rules.error(at, "bad_params", wanted);
      continue;
    }
    const std::string_view canonical = canonical_param(name.text());
    if (canonical.empty()) {
      rules.error(at, "unknown_parameter", "there is no parameter " + quoted_member(name.text()),
                  did_you_mean(name.text(), param_names()));
    } else if (std::find(into.params.begin(), into.params.end(), canonical) != into.params.end()) {
      rules.error(at, "bad_params", quoted_member(name.text()) + " stands in the list already");
    } else {
      rules.charge(2 * (sizeof(std::string) + canonical.size()));
      into.params.emplace_back(canonical);
    }
  }
}

conflict conflict_of(const json::node& given, const std::string& pointer, rule_compiler& rules) {
  conflict made;
  made.pointer = pointer;
  if (!given.is_object()) {
    rules.error(pointer, "not_an_object", "an entry of not_together is {\"params\", \"when\", \"text\"}");
    return made;
  }
  rules.unknown_members(given, pointer, conflict_members);
  const json::node params = given.member("params"), when = given.member("when"), text = given.member("text");
  params_of(params, params.is_absent() ? pointer : json::child(pointer, "params"), rules, made);
  if (!when.is_absent()) made.when = rules.one_condition(when, json::child(pointer, "when"));
  if (text.is_string() && text.size > 0) {
    rules.charge(text.size);
    made.text = text.text();
  } else if (!text.is_absent()) {
    rules.error(json::child(pointer, "text"), "not_a_text", "text must say why they do not go together");
  }
  return made;
}

// "/a/*/b" -> a, *, b; an empty list for what is no pointer.
std::vector<std::string> tokens_of(std::string_view pointer) {
  std::vector<std::string> tokens;
  for (std::size_t n = 0; n < pointer.size(); ++n) {
    if (pointer[n] == '/') {
      tokens.emplace_back();
    } else if (tokens.empty()) {
      return {};
    } else if (pointer[n] != '~') {
      tokens.back() += pointer[n];
    } else if (++n == pointer.size() || (pointer[n] != '0' && pointer[n] != '1')) {
      return {};
    } else {
      tokens.back() += pointer[n] == '1' ? '/' : '~';
    }
  }
  return tokens;
}

}  // namespace

void rule_compiler::dialect(const json::node& config) {
  const json::node given = config.member("dialect");
  if (given.is_absent()) return;
  if (given.is_string() && is_dialect(given.text())) {
    charge(given.size);
    out_.dialect = given.text();
  } else {
    error("/dialect", "bad_dialect", "dialect is a name of up to 60 small letters, digits and _");
  }
}

std::vector<conflict> not_together_of(const json::node& list, rule_compiler& rules) {
  std::vector<conflict> made;
  if (list.is_absent()) return made;
  if (!list.is_array()) {
    rules.error("/not_together", "not_an_array",
                "not_together must be an array of {\"params\", \"when\", \"text\"}");
    return made;
  }
  for (std::uint32_t n = 0; n < list.size; ++n) {
    rules.charge(2 * sizeof(conflict));
    made.push_back(conflict_of(list.element(n), json::child("/not_together", std::size_t{n}), rules));
  }
  return made;
}

ignored_members ignored_of(const json::node& object, rule_compiler& rules) {
  ignored_members made;
  if (object.is_absent()) return made;
  if (!object.is_object()) {
    rules.error("/ignores", "not_an_object", "ignores must be an object: " + listed(ignore_members));
    return made;
  }
  rules.unknown_members(object, "/ignores", ignore_members);
  const std::array<std::set<std::string, std::less<>>*, 4> lists = {&made.message, &made.part, &made.tool,
                                                                    &made.tool_call};
  for (std::size_t which = 0; which < lists.size(); ++which) {
    const json::node names = object.member(ignore_members[which]);
    if (names.is_absent()) continue;
    const std::string at = json::child("/ignores", ignore_members[which]);
    if (!names.is_array()) rules.error(at, "not_an_array", "it must be an array of member names");
    for (std::uint32_t n = 0; names.is_array() && n < names.size; ++n) {
      const json::node name = names.element(n);
      if (name.is_string() && name.size > 0) {
        rules.charge(2 * (sizeof(std::string) + name.size));
        lists[which]->emplace(name.text());
      } else {
        rules.error(json::child(at, std::size_t{n}), "not_a_name", "it must be the name of a member");
      }
    }
  }
  return made;
}

std::vector<std::vector<std::string>> noise_of(const json::node& list, rule_compiler& rules) {
  std::vector<std::vector<std::string>> made;
  if (list.is_absent()) return made;
  if (!list.is_array()) {
    rules.error("/noise", "not_an_array", "noise must be an array of pointers such as \"/choices/*/index\"");
    return made;
  }
  for (std::uint32_t n = 0; n < list.size; ++n) {
    const json::node pattern = list.element(n);
    std::vector<std::string> tokens;
    if (pattern.is_string()) tokens = tokens_of(pattern.text());
    if (tokens.empty()) {
      rules.error(json::child("/noise", std::size_t{n}), "bad_pointer",
                  "it must be a pointer that begins with /, * standing for any one member or element");
      continue;
    }
    rules.charge(2 * (tokens.size() * sizeof(std::string) + pattern.size));
    made.push_back(std::move(tokens));
  }
  return made;
}

}  // namespace llm_admin::mapping
