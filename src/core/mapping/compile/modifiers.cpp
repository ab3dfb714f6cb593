// The modifiers of a rule; those of 1.0 first, since most rules have no others.
#include <array>

#include "core/json/decimal.hpp"
#include "core/json/text.hpp"
#include "core/mapping/coerce.hpp"
#include "core/mapping/compile/rules.hpp"
#include "core/mapping/compile/words.hpp"

namespace llm_admin::mapping {

namespace {

constexpr std::array<std::string_view, 6> types = {"string",  "integer", "number",
                                                   "boolean", "array",   "object"};
constexpr std::array<std::string_view, 4> policies = {"fail", "omit", "default", "raw"};
constexpr std::size_t longest_bound = 100;  // characters of min and max

}  // namespace

bool rule_compiler::flag(const json::node& value, const std::string& pointer, bool& into) {
  if (!value.is_boolean()) {
    error(pointer, "not_boolean", pointer.substr(pointer.rfind('/') + 1) + " must be true or false");
    return false;
  }
  into = value.truth();
  return true;
}

void rule_compiler::modifiers(const written& text, rule& into) {
  const json::node type = text.member("type"), join = text.member("join"), required = text.member("required");
  if (!type.is_absent() && !(type.is_string() && find_type(type.text(), into.type))) {
    std::string near = type.is_string() ? did_you_mean(type.text(), types) : std::string();
    error(text.at("type"), "unknown_type", "type must be one of " + listed(types), std::move(near));
  }
  if (join.is_string()) {
    into.joins = true;
    charge(join.size);
    into.text = join.text();
  } else if (!join.is_absent()) {
    error(text.at("join"), "join_not_text", "join must be the text to put between");
  }
  if (required.is_boolean()) {
    into.required = required.truth();
  } else if (!required.is_absent()) {
    error(text.at("required"), "required_not_boolean", "required must be true or false");
  }
  const json::node value = text.member("default");
  if (!value.is_absent()) fallback(value, into, text.at("default"));
  if (newer()) newer_modifiers(text, into);
}

void rule_compiler::newer_modifiers(const written& text, rule& into) {
  into.conversion = conversion_of(text);
  if (const json::node all = text.member("all"); !all.is_absent()) flag(all, text.at("all"), into.all);
  if (into.all && into.joins) error(text.at("all"), "join_and_all", "a rule has join or all, not both");
  if (const json::node empty = text.member("omit_empty"); !empty.is_absent())
    flag(empty, text.at("omit_empty"), into.omit_empty);
  if (const json::node policy = text.member("on_error"); !policy.is_absent()) {
    std::size_t n = 0;
    while (n < policies.size() && !(policy.is_string() && policies[n] == policy.text())) ++n;
    if (n < policies.size()) {
      into.on_error = static_cast<failure_policy>(n + 1);
    } else {
      error(text.at("on_error"), "unknown_policy", "on_error must be one of " + listed(policies));
    }
    if (into.on_error == failure_policy::fallback && into.fallback == nullptr)
      error(text.at("on_error"), "no_default", "on_error \"default\" needs a default");
  }
  // Members that steer a head or modifier that is not there would do nothing, silently.
  const auto needs = [&](std::initializer_list<std::string_view> dependents, std::string_view owner) {
    if (!text.member(owner).is_absent()) return;
    for (std::string_view one : dependents) {
      if (!text.member(one).is_absent())
        error(text.at(one), "stray_member", std::string(one) + " needs " + std::string(owner) + " beside it");
    }
  };
  needs({"as", "where", "flatten", "merge_adjacent"}, "each");
  needs({"map_default", "map_else"}, "map");
  const bool fits = into.conversion != nothing && fits_id(out_.conversions[into.conversion]);
  if (!text.member("chars").is_absent() && latest() && !fits)
    error(text.at("chars"), "stray_member", "chars needs the codec fit_id beside it");
  checks made;
  bool any = false;
  map_of(text, made, any);
  if (!fits) bound(text, "min", made.min, made.min_rule, any);
  if (!fits) bound(text, "max", made.max, made.max_rule, any);
  bounds(text, made, any);
  if (latest()) latest_modifiers(text, made, any);
  if (!any) return;
  into.checks = static_cast<std::uint32_t>(out_.checks.size());
  charge(2 * sizeof(checks));
  out_.checks.push_back(std::move(made));
}

void rule_compiler::map_of(const written& text, checks& into, bool& any) {
  const json::node map = text.member("map"), otherwise = text.member("map_default"),
                   keep = text.member("map_else");
  if (map.is_absent()) return;
  any = true;
  if (!map.is_object()) return error(text.at("map"), "not_an_object", "map must be an object of values");
  into.map = values_of(map);
  if (!otherwise.is_absent()) into.map_default = literal(otherwise);
  if (keep.is_absent()) return;
  into.map_keeps = true;
  if (!keep.is_string() || keep.text() != "keep")
    error(text.at("map_else"), "unknown_policy", "map_else can only be \"keep\"");
  if (!otherwise.is_absent())
    error(text.at("map_else"), "map_default_and_else", "a rule has map_default or map_else, not both");
}

const value_map* rule_compiler::values_of(const json::node& map) {
  const value_map*& known = maps_[{map.data, map.size, map.type}];
  if (known != nullptr) return known;
  constexpr std::uint64_t entry_memory = sizeof(value_map::value_type) + 6 * sizeof(void*);
  charge(sizeof(value_map) + map.size * entry_memory);
  auto made = std::make_unique<value_map>();
  for (std::uint32_t n = 0; n < map.size; ++n) {
    std::string_view key;
    const json::node value = map.member_at(n, key);
    made->emplace(out_.literals.keep(key), value.is_absent() ? nullptr : literal(value));
  }
  known = out_.maps.emplace_back(std::move(made)).get();
  return known;
}

void rule_compiler::latest_modifiers(const written& text, checks& into, bool& any) {
  if (const json::node clamp = text.member("clamp"); !clamp.is_absent()) {
    any = true;
    flag(clamp, text.at("clamp"), into.clamps);
    const bool bounded = into.min || into.max || into.min_rule != nothing || into.max_rule != nothing;
    if (!bounded) error(text.at("clamp"), "stray_member", "clamp needs min or max beside it");
  }
  const json::node distinct = text.member("distinct");
  if (distinct.is_absent()) return;
  any = true;
  if (distinct.is_string() && distinct.size > 0) {
    charge(distinct.size);
    into.distinct = true;
    into.distinct_by = distinct.text();
  } else if (distinct.is_boolean()) {
    into.distinct = distinct.truth();
  } else {
    error(text.at("distinct"), "bad_distinct",
          "distinct must be true, or name the member in which the elements differ");
  }
}

// A number; since 1.2 a rule that gives one, too.
void rule_compiler::bound(const written& text, std::string_view name, std::optional<std::string>& literal,
                          std::uint32_t& given, bool& any) {
  const json::node value = text.member(name);
  if (value.is_absent()) return;
  any = true;
  if (value.is_number() && value.number_text().size() <= longest_bound) {
    literal = value.number_text();
  } else if (latest() && (value.is_object() || value.is_string())) {
    given = one_rule(value, text.at(name));
  } else {
    error(text.at(name), "not_a_number",
          std::string(name) + " must be a number of at most 100 digits" + (latest() ? ", or a rule" : ""));
  }
}

void rule_compiler::bounds(const written& text, checks& into, bool& any) {
  const auto count = [&](std::string_view name, std::optional<std::uint32_t>& bound) {
    const json::node value = text.member(name);
    if (value.is_absent()) return;
    any = true;
    const auto whole = value.is_number() ? json::to_int64(value.number_text()) : std::nullopt;
    if (whole && *whole >= 0 && *whole <= INT32_MAX) {
      bound = static_cast<std::uint32_t>(*whole);
    } else {
      error(text.at(name), "not_a_count", std::string(name) + " must be a whole number from 0 to 2147483647");
    }
  };
  count("min_items", into.min_items);
  count("max_items", into.max_items);
  count("max_length", into.max_length);
  const json::node one_of = text.member("enum");
  if (one_of.is_absent()) return;
  any = true;
  if (!one_of.is_array() || one_of.size == 0)
    return error(text.at("enum"), "not_an_array", "enum must be an array of at least one value");
  into.one_of = literal(one_of);
}

void rule_compiler::fallback(const json::node& value, rule& into, const std::string& pointer) {
  json::item* own = literal(value);
  into.fallback = coerce(json::view(own), into.type, out_.literals);
  if (into.fallback != nullptr) return;
  into.fallback = own;
  error(pointer, "default_type", "default is no " + std::string(type_name(into.type)));
}

}  // namespace llm_admin::mapping
