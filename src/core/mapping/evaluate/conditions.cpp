// Conditions: what `when` and `where` ask.
#include <algorithm>

#include "core/json/compare.hpp"
#include "core/json/decimal.hpp"
#include "core/mapping/codec.hpp"
#include "core/mapping/coerce.hpp"
#include "core/mapping/evaluate/evaluate.hpp"

namespace llm_admin::mapping {

namespace {

// Nothing but white space; "" too.
bool is_blank(const json::node& value) noexcept {
  return value.is_string() && value.text().find_first_not_of(" \t\r\n\f\v") == std::string_view::npos;
}

bool has_type(const json::node& value, value_type type) {
  if (type == value_type::integer) return value.is_number() && json::is_integral(value.number_text());
  return has_kind(value, type);
}

}  // namespace

bool same(const json::node& a, const json::node& b) {
  if (a.type != b.type) return false;
  if (a.is_string()) return a.text() == b.text();
  return json::equal(a, b);
}

bool evaluator::is_among(const json::node& value, const json::item* list) const {
  constexpr std::size_t cost_of_literal = 16;  // as bytes read
  left_.read(list->count * cost_of_literal);
  const auto all = list->children();
  return std::any_of(all.begin(), all.end(),
                     [&](const json::item* one) { return same(value, json::view(one)); });
}

bool evaluator::holds(const condition& what) {
  const auto below = [&](std::uint32_t n) -> const condition& {
    left_.spend();
    return rules_.conditions[what.first_child + n];
  };
  switch (what.what) {
    case predicate::always:
      return true;
    case predicate::all:
      for (std::uint32_t n = 0; n < what.child_count; ++n) {
        if (!holds(below(n))) return false;
      }
      return true;
    case predicate::any:
      for (std::uint32_t n = 0; n < what.child_count; ++n) {
        if (holds(below(n))) return true;
      }
      return false;
    case predicate::negate:
      return !holds(below(0));
    default:
      break;
  }
  json::node value = rules_.paths[what.path].first(in_, left_);
  if (what.conversion != nothing && !value.is_absent()) {
    // What cannot be decoded is absent here: a condition asks, it does not complain.
    std::string why;
    json::node decoded;
    if (value.is_string()) left_.read(value.size);
    const conversion& by = rules_.conversions[what.conversion];
    if (!convert(by, value, out_, most_text(), decoded, why)) decoded = {};
    check_size();
    value = decoded;
  }
  const bool gone = value.is_absent();
  switch (what.what) {
    case predicate::equal:
      if (gone) return false;
      return same(value, what.other == nothing ? json::view(what.literal)
                                               : rules_.paths[what.other].first(in_, left_));
    case predicate::among:
      return !gone && is_among(value, what.literal);
    case predicate::not_among:
      return gone || !is_among(value, what.literal);
    case predicate::prefix:
      return value.is_string() && value.text().starts_with(what.text);
    case predicate::type:
      return !gone && has_type(value, what.type);
    case predicate::exists:
      return gone != what.truth;
    case predicate::blank:
      left_.read(value.is_string() ? value.size : 0);
      return is_blank(value) == what.truth;
    case predicate::less:
    case predicate::at_most: {
      if (!value.is_number()) return false;
      const json::item* given = what.bound == nothing ? what.literal : run(rules_.rules[what.bound]);
      const json::node bound = given == nullptr ? json::node{} : json::view(given);
      if (!bound.is_number()) return false;
      const auto compared = json::compare_decimal(value.number_text(), bound.number_text());
      return compared && (what.what == predicate::less ? *compared < 0 : *compared <= 0);
    }
    default:
      return false;
  }
}

}  // namespace llm_admin::mapping
