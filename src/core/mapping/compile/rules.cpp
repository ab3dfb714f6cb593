#include "core/mapping/compile/rules.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "core/given_name.hpp"
#include "core/json/decimal.hpp"
#include "core/json/text.hpp"
#include "core/mapping/coerce.hpp"
#include "core/mapping/compile/words.hpp"

namespace llm_admin::mapping {

namespace {

constexpr std::uint64_t cost_of_member = 64;                                     // as bytes of work
constexpr std::uint64_t rule_memory = 2 * (sizeof(rule) + sizeof(std::size_t));  // vectors double

constexpr std::array<std::string_view, 7> rule_members = {"source", "paths",   "fields",  "join",
                                                          "type",   "default", "required"};

}  // namespace

void rule_compiler::error(std::string pointer, const char* code, std::string message, std::string hint) {
  defs_.add({config_, std::move(pointer), severity::error, code, std::move(message), std::move(hint)});
}

void rule_compiler::warning(std::string pointer, const char* code, std::string message, std::string hint) {
  defs_.add({config_, std::move(pointer), severity::warning, code, std::move(message), std::move(hint)});
}

bool rule_compiler::any_error_since(std::size_t count) const noexcept {
  return has_errors(std::span(defs_.problems).subspan(count));
}

json::item* rule_compiler::literal(const json::node& value) {
  const bool holds_text = value.is_array() || value.is_object() || (value.is_string() && value.size > 0);
  if (!holds_text || !defs_.all) return out_.literals.copy(value);
  const origin from{value.data, value.size, value.type};
  const auto known = literals_.find(from);
  if (known != literals_.end()) return known->second;
  json::item* made = out_.literals.copy(value);
  charge(sizeof(origin) + 6 * sizeof(void*));
  literals_.emplace(from, made);
  return made;
}

bool rule_compiler::within_bounds(const json::node& config) {
  if (!config.is_object()) {
    error("", "not_an_object",
          std::string(name_) + " must be a JSON object, not " + std::string(kind_name(config)));
    return false;
  }
  if (json::surely_within(config, max_config_bytes, max_config_depth)) return true;
  const json::extent size = json::measure(config, max_config_bytes, max_config_depth);
  if (size.within) return true;
  if (size.depth > max_config_depth) {
    error("", "too_deep", std::string(name_) + " nests deeper than 32 levels");
  } else {
    error("", "too_large", std::string(name_) + " is larger than 64 kB of JSON text");
  }
  return false;
}

bool rule_compiler::version(const json::node& config) {
  const json::node value = config.member("version");
  if (value.is_absent()) {
    error("", "version_missing", std::string(name_) + " must contain \"version\" field",
          "add \"version\": \"1.0\"");
    return true;  // the rest is read as 1.0, so that all problems come at once
  }
  static constexpr std::array<std::string_view, 3> names = {"1.0", "1.1", "1.2"};  // in the enum's order
  for (std::size_t n = 0; n < names.size(); ++n) {
    const bool as_text = value.is_string() && value.text() == names[n];
    const bool as_number = value.is_number() && json::equal_decimal(value.number_text(), names[n]);
    if (!as_text && !as_number) continue;
    out_.version = defs_.version = static_cast<language>(n);
    if (as_number)
      warning("/version", "version_not_text",
              "version is a number; it should be the text " + json::quoted(names[n]));
    return true;
  }
  error("/version", "unsupported_version",
        "version " + value_or_size(value) +
            " is not supported; this version of llm_admin supports \"1.0\", \"1.1\" and \"1.2\"");
  return false;
}

json::node rule_compiler::structure(const json::node& config, std::string_view name,
                                    std::initializer_list<std::string_view> needed) {
  const json::node object = config.member(name);
  if (!object.is_object()) {
    error(object.is_absent() && object.type != json::kind::null ? "" : json::child("", name),
          "structure_missing", std::string(name_) + " must contain \"" + std::string(name) + "\" object");
    return {};
  }
  std::string all, missing;
  for (std::string_view one : needed) {
    (all += all.empty() ? "" : " and ") += json::quoted(one);
    if (object.member(one).is_absent()) (missing += missing.empty() ? "" : " and ") += json::quoted(one);
  }
  if (!missing.empty()) {
    error(json::child("", name), "rules_missing", std::string(name) + " must contain " + all,
          "missing: " + missing);
  }
  return object;
}

void rule_compiler::unknown_members(const json::node& object, const std::string& pointer,
                                    std::span<const std::string_view> known,
                                    std::span<const std::string_view> later,
                                    std::span<const std::string_view> own) {
  for (std::uint32_t n = 0; n < object.size; ++n) {
    defs_.memory.work(cost_of_member);
    std::string_view key;
    object.member_at(n, key);
    if (among(key, known) || among(key, own)) continue;
    if (!newer() && among(key, later)) {
      warning(json::child(pointer, key), "later_version",
              quoted_member(key) + " belongs to mapping version \"1.1\" and means nothing in \"1.0\"");
      continue;
    }
    if (among(key, later)) {
      error(json::child(pointer, key), "unknown_member", "unknown member " + quoted_member(key),
            "it belongs to mapping version \"1.2\"");
      continue;
    }
    std::vector<std::string_view> all(known.begin(), known.end());
    all.insert(all.end(), own.begin(), own.end());
    (this->*(newer() ? &rule_compiler::error : &rule_compiler::warning))(
        json::child(pointer, key), "unknown_member", "unknown member " + quoted_member(key, all),
        did_you_mean(key, all));
  }
}

bool rule_compiler::room(const std::string& pointer) {
  if (out_.rules.size() < max_config_rules) return true;
  if (!too_many_) error(pointer, "too_many_rules", std::string(name_) + " has more than 4096 rules");
  too_many_ = true;
  return false;
}

std::uint32_t rule_compiler::add(std::string name, std::string pointer) {
  charge(rule_memory + name.size() + pointer.size());
  rule made;
  made.name = std::move(name);
  made.pointer = std::move(pointer);
  out_.rules.push_back(std::move(made));
  heights_.push_back(1);
  return static_cast<std::uint32_t>(out_.rules.size() - 1);
}

std::uint32_t rule_compiler::rules(const json::node& object, const std::string& pointer,
                                   std::span<const std::string_view> own, std::uint32_t& count,
                                   bool splices) {
  const auto first = static_cast<std::uint32_t>(out_.rules.size());
  count = 0;
  std::vector<json::node> values;
  values.reserve(std::min<std::size_t>(object.size, max_config_rules));
  if (first == 0) {
    out_.rules.reserve(std::min<std::size_t>(object.size * std::size_t{2}, max_config_rules));
    out_.paths.reserve(std::min<std::size_t>(object.size * std::size_t{2}, max_config_rules));
  }
  for (std::uint32_t n = 0; n < object.size; ++n) {
    std::string_view key;
    const json::node value = object.member_at(n, key);
    if (value.is_absent()) continue;
    if (!room(pointer)) break;
    const std::uint32_t at = add(std::string(key), json::child(pointer, key));
    out_.rules[at].spread = splices && newer() && key == "...";
    values.push_back(value);
  }
  count = static_cast<std::uint32_t>(values.size());
  for (std::uint32_t n = 0; n < count; ++n) fill(first + n, values[n], own);
  return first;
}

std::uint32_t rule_compiler::one_rule(const json::node& text, const std::string& pointer, std::string name) {
  if (!room(pointer)) return nothing;
  const std::size_t before = problem_count();
  const std::uint32_t at = add(std::move(name), pointer);
  fill(at, text, {});
  inner_ = std::max(inner_, heights_[at]);
  return any_error_since(before) ? nothing : at;
}

void rule_compiler::fill(std::uint32_t at, const json::node& text, std::span<const std::string_view> own) {
  rule made = std::move(out_.rules[at]);  // the vector may move while children are added
  if (depth_ == max_call_depth) {
    if (!too_deep_)
      error(made.pointer, "too_deep", "definitions lead through more than 256 rules, one in the other");
    too_deep_ = true;
    out_.rules[at] = std::move(made);
    return;
  }
  ++depth_;
  const std::size_t around = std::exchange(inner_, 0);
  const bool counts_around = std::exchange(counts_, false);
  try {
    defs_.memory.work(compilation::rule_work);
    one(text, made, own);
  } catch (const memory_exceeded&) {
    if (defs_.place.empty()) defs_.place = made.pointer;
    throw;
  }
  --depth_;
  std::size_t height = heights_[at];
  for (std::uint32_t n = 0; n < made.child_count; ++n) {
    height = std::max(height, heights_[made.first_child + n] + 1);
    // Heads that hand on what one child gives hand on its cap, too.
    const bool hands_on = made.head == head::select || made.head == head::call || made.head == head::first;
    made.caps_output |= hands_on && out_.rules[made.first_child + n].caps_output;
  }
  heights_[at] = std::max(height, inner_ + 1);
  inner_ = around;
  made.counts = std::exchange(counts_, counts_around);
  out_.rules[at] = std::move(made);
}

void rule_compiler::one(const json::node& text, rule& into, std::span<const std::string_view> own) {
  if (text.is_string()) {  // short for {"source": text}
    into.first_path = static_cast<std::uint32_t>(out_.paths.size());
    into.head = head::paths;
    add_path(text, into, {into.pointer});
    return;
  }
  if (!text.is_object()) {
    error(into.pointer, "not_a_rule", "a rule is an object or a path, not " + std::string(kind_name(text)),
          "write {\"source\": \"...\"}");
    return;
  }
  written whole{text, into.pointer, {}};
  if (newer()) {
    if (!layers_of(whole, into, own)) return;
    if (const json::node with = whole.member("with"); !with.is_absent())
      into.with = one_rule(with, whole.at("with"), into.name);
  } else {
    unknown_members(text, into.pointer, rule_members, newer_rule_members(), own);
  }
  std::optional<item_scope> rebound;
  if (into.with != nothing) rebound.emplace(*this);
  modifiers(whole, into);
  into.first_path = static_cast<std::uint32_t>(out_.paths.size());  // `with` and modifiers have theirs before
  head_of(whole, into);
}

void rule_compiler::head_of(const written& text, rule& into) {
  // Those of 1.0, then those of 1.1, then those of 1.2.
  static constexpr std::array<std::string_view, 15> all = {
      "source", "paths", "fields", "value", "items",      "each",     "switch", "lookup",
      "format", "sum",   "error",  "first", "difference", "quotient", "kept"};
  const auto heads = std::span(all).first(latest() ? 15 : 11);
  // The uppermost layer with a head gives it: a rule's own head overrides its definition's.
  for (std::size_t n = 0; n <= text.below.size(); ++n) {
    const json::node& object = n == 0 ? text.object : text.below[n - 1].object;
    const std::string& pointer = n == 0 ? text.pointer : text.below[n - 1].pointer;
    std::string_view found;
    for (std::string_view one : heads.first(newer() ? heads.size() : 3)) {
      if (object.member(one).is_absent()) continue;
      if (!found.empty()) {
        error(pointer, "several_heads",
              newer() ? "a rule has one head, not both " + std::string(found) + " and " + std::string(one)
                      : "a rule has one of source, paths and fields, not several");
        return;
      }
      found = one;
    }
    if (found.empty()) continue;
    if (found == "fields") return fields_head(object.member(found), json::child(pointer, found), text, into);
    if (found != "source" && found != "paths")
      return newer_head(found, object.member(found), text, json::child(pointer, found), into);
    into.head = head::paths;
    if (found == "source") return add_path(object.member(found), into, {pointer, found});
    const json::node paths = object.member(found);
    if (!paths.is_array()) return add_path(paths, into, {pointer, found});
    if (paths.size == 0) error(json::child(pointer, found), "no_path", "paths is empty");
    for (std::uint32_t at = 0; at < paths.size; ++at) add_path(paths.element(at), into, {pointer, found, at});
    return;
  }
  if (into.fallback != nullptr) return;
  error(text.pointer, "no_head",
        newer() ? "a rule needs a head (" + listed(heads) + ", use) or a default"
                : "a rule needs one of source, paths, fields, or a default");
}

}  // namespace llm_admin::mapping
