// The heads that make a value: of other rules, or of several values of paths.
#include <algorithm>
#include <unordered_set>

#include "core/given_name.hpp"
#include "core/json/decimal.hpp"
#include "core/json/text.hpp"
#include "core/mapping/coerce.hpp"
#include "core/mapping/evaluate/evaluate.hpp"

namespace llm_admin::mapping {

json::item* evaluator::fields(const rule& what, bool& failed) {
  constexpr std::uint32_t most_at_once = 16;
  json::item* made = out_.object(std::min(what.child_count, most_at_once));
  json::node under;
  for (std::uint32_t n = 0; n < what.child_count; ++n) {
    const rule& child = rules_.rules[what.first_child + n];
    json::item* value = run(child);
    if (value == nullptr) continue;
    check_size();
    if (!child.spread) {
      out_.append(made, child.name, value);
    } else if (under = json::view(value); !under.is_object()) {
      failed = true;
      fail(what, "\"...\" takes an object, not " + std::string(kind_name(under)) + " " + value_or_size(under),
           {nullptr, 0, true, &child});
    }
  }
  if (under.is_object()) spread(made, under);
  return failed ? nullptr : made;
}

// The members of `under` that `object` does not have.
void evaluator::spread(json::item* object, const json::node& under) {
  constexpr std::uint32_t few = 16;
  std::unordered_set<std::string_view> taken;
  const std::uint32_t own = object->count;
  for (std::uint32_t n = 0; own > few && n < own; ++n) taken.insert(object->slots[n]->key);
  for (std::uint32_t n = 0; n < under.size; ++n) {
    left_.spend();
    std::string_view key;
    const json::node value = under.member_at(n, key);
    if (value.is_absent()) continue;
    bool has = own > few && taken.contains(key);
    for (std::uint32_t at = 0; own <= few && at < own && !has; ++at) has = object->slots[at]->key == key;
    if (has) continue;
    out_.append(object, key, out_.borrow(value));
    check_size();
  }
}

json::item* evaluator::items(const rule& what, bool& failed) {
  json::item* made = out_.array();
  for (std::uint32_t n = 0; n < what.child_count; ++n) {
    const rule& child = rules_.rules[what.first_child + n];
    json::item* value = run(child);
    if (value == nullptr) continue;
    if (!child.spread) {
      out_.push(made, value);
      check_size();
      continue;
    }
    const json::node list = json::view(value);
    if (!list.is_array()) {
      failed = true;
      fail(what, "spread takes an array, not " + std::string(kind_name(list)) + " " + value_or_size(list),
           {nullptr, 0, true, &child});
      continue;
    }
    for (std::uint32_t at = 0; at < list.size; ++at) {
      left_.spend();
      const json::node element = list.element(at);
      if (element.is_absent()) continue;
      out_.push(made, value->is_borrowed ? out_.borrow(element) : value->slots[at]);
      check_size();
    }
  }
  return failed ? nullptr : made;
}

json::item* evaluator::select(const rule& what) {
  for (std::uint32_t n = 0; n < what.child_count; ++n) {
    if (holds(rules_.conditions[what.first_condition + n])) return run(rules_.rules[what.first_child + n]);
  }
  return nullptr;
}

json::item* evaluator::format(const rule& what, bool& failed) {
  std::string text = what.pieces.empty() ? std::string() : what.pieces[0];
  for (std::uint32_t n = 0; n < what.path_count; ++n) {
    const path& from = rules_.paths[what.first_path + n];
    const json::node value = from.first(in_, left_);
    if (!value.is_scalar()) {
      failed = true;
      const bool gone = value.is_absent();
      fail(what,
           gone ? "the format needs " + quoted_member(source_name(from)) + ", which is absent"
                : "the format takes text, numbers and booleans, not " + std::string(kind_name(value)) + " " +
                      value_or_size(value),
           gone ? spot{} : spot{&from, 0, false, nullptr});
      continue;
    }
    text += value.is_string()    ? std::string(value.text())
            : value.is_boolean() ? std::string(value.truth() ? "true" : "false")
                                 : value.number_text();
    text += what.pieces[n + 1];
    left_.read(value.is_string() ? value.size : 0);
    if (text.size() > most_text()) output_too_large(most_);
  }
  if (failed) return nullptr;
  json::item* made = out_.string(out_.keep(text));
  check_size();
  return made;
}

json::item* evaluator::sum(const rule& what, bool& failed) {
  json::decimal_sum total;
  bool any = false;
  auto add = [&](const json::node& term, const spot& at) {
    any = true;
    if (term.is_number() && total.add(term.number_text())) return true;
    failed = true;
    fail(what, "sum takes numbers, not " + std::string(kind_name(term)) + " " + value_or_size(term), at);
    return false;
  };
  for (std::uint32_t n = 0; n < what.child_count; ++n) {
    const rule& child = rules_.rules[what.first_child + n];
    const json::item* term = run(child);
    if (term != nullptr) add(json::view(term), {nullptr, 0, true, &child});
  }
  if (what.path_count > 0) {
    const path& from = rules_.paths[what.first_path];
    std::uint64_t number = 0;
    from.each(in_, left_, [&](const json::node& match) {
      return add(match, {&from, number++, false, nullptr});
    });
  }
  if (!any || failed) return nullptr;
  const auto text = total.text();
  if (text) return out_.number(out_.keep(*text));
  failed = true;
  fail(what, "the sum has too many digits");
  return nullptr;
}

}  // namespace llm_admin::mapping
