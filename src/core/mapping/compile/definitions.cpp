// `defs` and `use`: a rule that only uses a definition calls it; one that overrides members of it is compiled
// as its own members laid over the definition's.
#include <algorithm>
#include <array>

#include "core/mapping/compile/rules.hpp"
#include "core/mapping/compile/words.hpp"

namespace llm_admin::mapping {

namespace {

constexpr std::array<std::string_view, 33> definition_members = {
    "source",      "paths",      "value",          "fields",  "items",   "each",   "as",
    "where",       "flatten",    "merge_adjacent", "switch",  "lookup",  "format", "sum",
    "use",         "error",      "with",           "codec",   "join",    "all",    "map",
    "map_default", "map_else",   "type",           "min",     "max",     "enum",   "min_items",
    "max_items",   "max_length", "omit_empty",     "default", "required"};
constexpr std::array<std::string_view, 2> last_members = {"on_error", "spread"};

constexpr std::array<std::string_view, 8> latest_members = {"first", "difference",   "quotient", "kept",
                                                            "chars", "strip_prefix", "clamp",    "distinct"};
constexpr std::size_t newer_count = definition_members.size() + last_members.size();

constexpr auto all_members = [] {
  std::array<std::string_view, newer_count + latest_members.size()> all{};
  std::copy(definition_members.begin(), definition_members.end(), all.begin());
  std::copy(last_members.begin(), last_members.end(), all.begin() + definition_members.size());
  std::copy(latest_members.begin(), latest_members.end(), all.begin() + newer_count);
  return all;
}();

}  // namespace

std::span<const std::string_view> newer_rule_members() noexcept {
  return std::span(all_members).first(newer_count);
}
std::span<const std::string_view> latest_rule_members() noexcept { return all_members; }

json::node rule_compiler::written::member(std::string_view name) const {
  const json::node own = object.member(name);
  if (!own.is_absent()) return own;
  for (const layer& one : below) {
    const json::node value = one.object.member(name);
    if (!value.is_absent()) return value;
  }
  return {};
}

std::string rule_compiler::written::at(std::string_view name) const {
  if (!object.member(name).is_absent()) return json::child(pointer, name);
  for (const layer& one : below) {
    if (!one.object.member(name).is_absent()) return json::child(one.pointer, name);
  }
  return pointer;
}

void rule_compiler::check_definitions(const json::node& config) {
  const json::node defs = config.member("defs");
  if (defs.is_absent()) return;
  if (!defs.is_object()) {
    error("/defs", "not_an_object", "defs must be an object of named rules");
    return;
  }
  if (defs.size > max_config_defs) {
    error("/defs", "too_many_definitions",
          "defs holds " + std::to_string(defs.size) + " definitions; at most 64 are allowed");
    return;
  }
  defs_.all = defs;
}

void rule_compiler::unused_definitions() {
  for (std::uint32_t n = 0; n < defs_.all.size; ++n) {
    std::string_view name;
    const json::node text = defs_.all.member_at(n, name);
    if (text.is_absent() || defs_.used.contains(std::string(name))) continue;
    const std::string pointer = json::child("/defs", name);
    use(name, pointer);
    warning(pointer, "unused_definition", "no rule uses the definition " + quoted_member(name));
  }
}

// Finds the layers of a rule. False when the rule is done: a call, or an error that leaves nothing to read.
bool rule_compiler::layers_of(written& text, rule& into, std::span<const std::string_view> own) {
  unknown_members(text.object, text.pointer, latest() ? latest_rule_members() : newer_rule_members(),
                  latest_rule_members(), own);
  const json::node spread = text.object.member("spread");
  if (!spread.is_absent()) flag(spread, json::child(text.pointer, "spread"), into.spread);
  json::node name = text.object.member("use");
  if (name.is_absent()) return true;
  bool overrides = false;
  for (std::uint32_t n = 0; n < text.object.size; ++n) {
    std::string_view key;
    const json::node value = text.object.member_at(n, key);
    overrides |= key != "use" && key != "spread" && !among(key, own) && !value.is_absent();
  }
  if (!overrides) {
    if (!name.is_string()) {
      error(json::child(text.pointer, "use"), "not_a_name", "use must name a definition of defs");
      return false;
    }
    const std::uint32_t target = use(name.text(), json::child(text.pointer, "use"));
    if (target == nothing) return false;
    into.head = head::call;
    into.first_child = target;
    into.child_count = 1;
    return false;
  }
  std::string pointer = json::child(text.pointer, "use");
  while (!name.is_absent()) {
    if (!name.is_string()) {
      error(pointer, "not_a_name", "use must name a definition of defs");
      return false;
    }
    const std::string key(name.text());
    // Compiled by itself as well: its problems are reported once and at its own place.
    if (use(key, pointer) == nothing) return false;
    text.below.push_back({defs_.all.member(key), json::child("/defs", key)});
    if (!text.below.back().object.is_object()) {  // a bare path has no members to override
      text.below.pop_back();
      error(pointer, "not_an_object",
            "definition " + quoted_member(key) + " is a bare path; write it as {\"source\": ...}");
      return false;
    }
    name = text.below.back().object.member("use");
    pointer = json::child(text.below.back().pointer, "use");
  }
  return true;
}

// The definition's rule, compiled when it is first used; `nothing` when there is none or it has errors.
std::uint32_t rule_compiler::use(std::string_view name, const std::string& pointer) {
  const auto known = defined_.find(name);
  if (known != defined_.end()) {
    params.insert(known->second.params.begin(), known->second.params.end());
    if (known->second.done) return known->second.index;
    error(pointer, "use_cycle", "definition " + quoted_member(name) + " uses itself");
    return nothing;
  }
  const json::node text = defs_.all.member(name);
  if (text.is_absent()) {
    std::vector<std::string_view> names;
    for (std::uint32_t n = 0; n < defs_.all.size; ++n) defs_.all.member_at(n, names.emplace_back());
    error(pointer, "unknown_definition", "there is no definition " + quoted_member(name),
          did_you_mean(name, names));
    return nothing;
  }
  defs_.used.emplace(name);
  defined_.try_emplace(std::string(name));
  std::set<std::string> outer;
  outer.swap(params);
  const item_scope inside(*this);  // where it is used decides what @ is
  const std::size_t around = inner_;
  const std::uint32_t index = one_rule(text, json::child("/defs", name), std::string(name));
  inner_ = around;  // whoever calls it has it as a child
  definition& made = defined_.find(name)->second;
  made.done = true;
  made.params = params;
  params.merge(outer);
  made.index = index;
  if (index != nothing && heights_[index] > max_call_depth) {
    if (!too_deep_)
      error(json::child("/defs", name), "too_deep",
            "definition " + quoted_member(name) + " leads through more than 256 rules");
    too_deep_ = true;
    made.index = nothing;
  }
  return made.index;
}

}  // namespace llm_admin::mapping
