#include "core/mapping/compile_rules.hpp"

#include <algorithm>
#include <array>

#include "core/json/decimal.hpp"
#include "core/json/text.hpp"
#include "core/mapping/coerce.hpp"
#include "core/mapping/compile_words.hpp"

namespace llm_admin::mapping {

namespace {

constexpr std::array<std::string_view, 7> rule_members = {"source", "paths",   "fields",  "join",
                                                          "type",   "default", "required"};
constexpr std::array<std::string_view, 29> later_members = {"value",
                                                            "items",
                                                            "spread",
                                                            "each",
                                                            "as",
                                                            "where",
                                                            "flatten",
                                                            "merge_adjacent",
                                                            "switch",
                                                            "lookup",
                                                            "format",
                                                            "sum",
                                                            "use",
                                                            "error",
                                                            "with",
                                                            "codec",
                                                            "all",
                                                            "map",
                                                            "map_default",
                                                            "map_else",
                                                            "min",
                                                            "max",
                                                            "enum",
                                                            "min_items",
                                                            "max_items",
                                                            "max_length",
                                                            "omit_empty",
                                                            "on_error",
                                                            "streaming_path"};
constexpr std::array<std::string_view, 6> types = {"string",  "integer", "number",
                                                   "boolean", "array",   "object"};

}  // namespace

void rule_compiler::error(std::string pointer, const char* code, std::string message, std::string hint) {
  problems.push_back(
      {config_, std::move(pointer), severity::error, code, std::move(message), std::move(hint)});
}

void rule_compiler::warning(std::string pointer, const char* code, std::string message, std::string hint) {
  problems.push_back(
      {config_, std::move(pointer), severity::warning, code, std::move(message), std::move(hint)});
}

bool rule_compiler::within_bounds(const json::node& config) {
  if (!config.is_object()) {
    error("", "not_an_object",
          std::string(name_) + " must be a JSON object, not " + std::string(kind_name(config)));
    return false;
  }
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
  if (value.is_string() && value.text() == "1.0") return true;
  if (value.is_number() && json::equal_decimal(value.number_text(), "1")) {
    warning("/version", "version_not_text", "version is a number; it should be the text \"1.0\"");
    return true;
  }
  error("/version", "unsupported_version",
        "version " + json::excerpt(value, 40) +
            " is not supported; this version of llm_admin supports \"1.0\"");
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
    std::string_view key;
    object.member_at(n, key);
    if (among(key, known) || among(key, own)) continue;
    if (among(key, later)) {
      warning(json::child(pointer, key), "later_version",
              shown(key) + " belongs to mapping version \"1.1\" and means nothing in \"1.0\"");
    } else {
      std::vector<std::string_view> all(known.begin(), known.end());
      all.insert(all.end(), own.begin(), own.end());
      warning(json::child(pointer, key), "unknown_member", "unknown member " + shown(key),
              did_you_mean(key, all));
    }
  }
}

std::uint32_t rule_compiler::rules(const json::node& object, const std::string& pointer,
                                   std::span<const std::string_view> own, std::uint32_t& count) {
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
    if (out_.rules.size() == max_config_rules) {
      if (!too_many_) error(pointer, "too_many_rules", std::string(name_) + " has more than 4096 rules");
      too_many_ = true;
      break;
    }
    rule made;
    made.name = key;
    made.pointer = json::child(pointer, key);
    out_.rules.push_back(std::move(made));
    values.push_back(value);
  }
  count = static_cast<std::uint32_t>(values.size());
  for (std::uint32_t n = 0; n < count; ++n) {
    rule made = std::move(out_.rules[first + n]);  // the vector may move while children are added
    const std::string at = made.pointer;
    one(values[n], made, at, own);
    out_.rules[first + n] = std::move(made);
  }
  return first;
}

void rule_compiler::one(const json::node& text, rule& into, const std::string& pointer,
                        std::span<const std::string_view> own) {
  into.first_path = static_cast<std::uint32_t>(out_.paths.size());
  if (text.is_string()) {  // short for {"source": text}
    into.head = head::paths;
    add_path(text, into, {pointer});
    return;
  }
  if (!text.is_object()) {
    error(pointer, "not_a_rule", "a rule is an object or a path, not " + std::string(kind_name(text)),
          "write {\"source\": \"...\"}");
    return;
  }
  unknown_members(text, pointer, rule_members, later_members, own);
  modifiers(text, into, pointer);
  head_of(text, into, pointer);
}

void rule_compiler::head_of(const json::node& object, rule& into, const std::string& pointer) {
  const json::node source = object.member("source"), paths = object.member("paths"),
                   fields = object.member("fields");
  const int heads = !source.is_absent() + !paths.is_absent() + !fields.is_absent();
  if (heads > 1) {
    error(pointer, "several_heads", "a rule has one of source, paths and fields, not several");
    return;
  }
  if (heads == 0) {
    if (into.fallback == nullptr) {
      error(pointer, "no_head", "a rule needs one of source, paths, fields, or a default");
    }
    return;
  }
  if (!fields.is_absent()) {
    into.head = head::fields;
    if (!fields.is_object()) {
      error(json::child(pointer, "fields"), "not_an_object", "fields must be an object of rules");
      return;
    }
    if (into.joins) error(json::child(pointer, "join"), "join_without_path", "join needs source or paths");
    if (into.type != value_type::any && into.type != value_type::object) {
      error(json::child(pointer, "type"), "wrong_type", "fields make an object; type cannot be another");
    }
    into.first_child = rules(fields, json::child(pointer, "fields"), {}, into.child_count);
    return;
  }
  into.head = head::paths;
  if (!source.is_absent()) return add_path(source, into, {pointer, "source"});
  if (!paths.is_array()) return add_path(paths, into, {pointer, "paths"});
  if (paths.size == 0) error(json::child(pointer, "paths"), "no_path", "paths is empty");
  for (std::uint32_t n = 0; n < paths.size; ++n) add_path(paths.element(n), into, {pointer, "paths", n});
}

void rule_compiler::modifiers(const json::node& object, rule& into, const std::string& pointer) {
  const json::node type = object.member("type"), join = object.member("join"),
                   required = object.member("required");
  if (!type.is_absent() && !(type.is_string() && find_type(type.text(), into.type))) {
    std::string near = type.is_string() ? did_you_mean(type.text(), types) : std::string();
    error(json::child(pointer, "type"), "unknown_type", "type must be one of " + listed(types),
          std::move(near));
  }
  if (join.is_string()) {
    into.joins = true;
    into.text = join.text();
  } else if (!join.is_absent()) {
    error(json::child(pointer, "join"), "join_not_text", "join must be the text to put between");
  }
  if (required.is_boolean()) {
    into.required = required.truth();
  } else if (!required.is_absent()) {
    error(json::child(pointer, "required"), "required_not_boolean", "required must be true or false");
  }
  const json::node value = object.member("default");
  if (!value.is_absent()) fallback(value, into, json::child(pointer, "default"));
}

void rule_compiler::fallback(const json::node& value, rule& into, const std::string& pointer) {
  json::item* own = out_.literals.copy(value);
  into.fallback = coerce(json::view(own), into.type, out_.literals);
  if (into.fallback != nullptr) return;
  into.fallback = own;
  error(pointer, "default_type", "default is no " + std::string(type_name(into.type)));
}

}  // namespace llm_admin::mapping
