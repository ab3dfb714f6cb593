// The modifiers that few rules have: map, and the bounds of a value. What does not fit is a
// failure that says what would, or becomes the bound where the rule says `clamp`.
#include <algorithm>
#include <utility>

#include "core/given_name.hpp"
#include "core/json/decimal.hpp"
#include "core/json/text.hpp"
#include "core/mapping/coerce.hpp"
#include "core/mapping/evaluate/evaluate.hpp"

namespace llm_admin::mapping {

namespace {

constexpr std::size_t words_shown = 10;

// The first of `count` words.
std::string one_of(const std::vector<std::string>& words, std::size_t count) {
  std::string out = count == 1 ? "must be " : "must be one of ";
  for (std::size_t n = 0; n < words.size(); ++n) out += (n == 0 ? "" : ", ") + words[n];
  return count > words.size() ? out + ", ..." : out;
}

std::string keys_of(const checks& by) {
  std::vector<std::string_view> keys;
  for (const auto& [key, value] : *by.map) keys.push_back(key);
  const auto shown = static_cast<std::ptrdiff_t>(std::min(keys.size(), words_shown));
  std::partial_sort(keys.begin(), keys.begin() + shown, keys.end());
  std::vector<std::string> words;
  for (std::ptrdiff_t n = 0; n < shown; ++n)
    words.push_back(quoted_member(keys[static_cast<std::size_t>(n)]));
  return one_of(words, keys.size());
}

std::size_t characters(std::string_view text) noexcept {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string shown(const json::node& value) { return ", not " + value_or_size(value); }

std::string of_kind(const json::node& value) {
  return ", not " + std::string(kind_name(value)) + " " + value_or_size(value);
}

}  // namespace

// How messages call the value of a rule.
std::string evaluator::subject(const rule& what) const {
  if (what.head == head::paths && what.path_count > 0) {
    for (std::uint32_t n = 0; n < what.path_count; ++n) {
      const path& from = rules_.paths[what.first_path + n];
      if (what.path_count == 1 || !peek(from, in_).is_absent()) return source_name(from);
    }
  }
  return what.name.empty() ? "value" : member_named(what.name);
}

const json::item* evaluator::mapping_of(const checks& by, const json::node& value, bool& known) const {
  known = false;
  if (!value.is_scalar()) return nullptr;
  const std::string key = value.is_string()    ? std::string(value.text())
                          : value.is_boolean() ? std::string(value.truth() ? "true" : "false")
                                               : value.number_text();
  left_.read(key.size());
  auto found = by.map->find(key);
  if (found == by.map->end() && value.is_number()) {
    if (auto whole = json::integer_text(key)) found = by.map->find(*whole);  // 1.0 is 1
  }
  if (found == by.map->end()) return nullptr;
  known = true;
  return found->second;
}

json::item* evaluator::mapped(const rule& what, const checks& by, json::item* value, bool& failed) {
  const json::node list = json::view(value);
  const bool as_found = what.head == head::paths && what.conversion == nothing && !what.joins;
  const path* giver = nullptr;
  std::string words;  // made once, and only for those who will read it
  auto refuse = [&](const json::node& element, std::uint32_t n) {
    failed = true;
    if (quiet_ > 0 || list_for(what).size() >= max_findings) return fail(what, {});
    if (words.empty()) words = subject(what) + " " + keys_of(by);
    spot at{nullptr, 0, true, nullptr};
    if (list.is_array() && as_found) {
      if (giver == nullptr) giver = giver_of(what);
      at = {giver, what.all ? n : 0, false, nullptr};
      if (!what.all) at.element = n;
    }
    fail(what, words + shown(element), at);
  };
  // Null: absent, or a failure.
  auto one = [&](const json::node& element, json::item* as_it_is, std::uint32_t n) -> json::item* {
    bool known = false;
    const json::item* to = mapping_of(by, element, known);
    if (!known) {
      if (by.map_default != nullptr) {
        to = by.map_default;
      } else if (by.map_keeps || !request_) {
        return as_it_is != nullptr ? as_it_is : out_.borrow(element);
      } else {
        refuse(element, n);
        return nullptr;
      }
    }
    return to == nullptr || json::view(to).is_absent() ? nullptr : out_.borrow(json::view(to));
  };
  if (!list.is_array()) return one(list, value, 0);
  json::item* made = out_.array();
  for (std::uint32_t n = 0; n < list.size; ++n) {
    left_.spend();
    if (json::item* element = one(list.element(n), nullptr, n)) out_.push(made, element);
    check_size();
  }
  return failed ? nullptr : made;
}

// The decimal text of a bound that a rule gives; nothing: none.
std::optional<std::string> evaluator::bound_of(const rule& what, const rule& giver, bool& failed) {
  const std::uint64_t before = failures_;
  const json::item* given = run(giver);
  failed |= request_ && failures_ != before;
  if (given == nullptr) return std::nullopt;
  const json::node bound = json::view(given);
  if (bound.is_number()) return bound.number_text();
  failed = true;
  fail(what, "a bound of " + subject(what) + " must be a number" + of_kind(bound),
       {nullptr, 0, true, &giver});
  return std::nullopt;
}

// `min` and `max`. The value; the bound where it is beyond one and `clamp` says so; null after a failure.
json::item* evaluator::bounded(const rule& what, const checks& by, json::item* value, bool& failed) {
  const auto one = [&](const std::optional<std::string>& literal, std::uint32_t giver, int wrong,
                       const char* words) {
    if (value == nullptr || (!literal && giver == nothing)) return;
    std::optional<std::string> given;
    if (!literal) given = bound_of(what, rules_.rules[giver], failed);
    if (failed) value = nullptr;
    if (failed || (!literal && !given)) return;
    const std::string& bound = literal ? *literal : *given;
    const json::node seen = json::view(value);
    const auto compared = seen.is_number() ? json::compare_decimal(seen.number_text(), bound) : std::nullopt;
    if (compared && *compared != wrong) return;
    const spot at{nullptr, 0, true, nullptr};
    if (compared && by.clamps) {
      note(what, subject(what) + " became " + bound + ", its bound" + shown(seen), at);
      value = typed(what, out_.number(out_.keep(bound)), failed);
      return;
    }
    failed = true;
    value = nullptr;
    fail(what,
         subject(what) +
             (seen.is_number() ? words + bound + shown(seen) : " must be a number" + of_kind(seen)),
         at);
  };
  one(by.min, by.min_rule, -1, " must be at least ");
  one(by.max, by.max_rule, 1, " must be at most ");
  return value;
}

// The bounds but min and max. Otherwise `why` is what goes after the value's name.
bool evaluator::within(const checks& by, const json::node& value, std::string& why) const {
  const auto count = [&](std::uint32_t bound, bool at_least) {
    if (!value.is_array()) {
      why = " must be an array" + of_kind(value);
      return false;
    }
    if (at_least ? value.size >= bound : value.size <= bound) return true;
    why = std::string(" must have at ") + (at_least ? "least " : "most ") + std::to_string(bound) +
          (bound == 1 ? " item, not " : " items, not ") + std::to_string(value.size);
    return false;
  };
  const bool listed = by.one_of == nullptr || is_among(value, by.one_of);
  if (!listed) {
    std::vector<std::string> words;
    for (const json::item* one :
         by.one_of->children().first(std::min<std::size_t>(by.one_of->count, words_shown)))
      words.push_back(value_or_size(json::view(one)));
    why = " " + one_of(words, by.one_of->count) + shown(value);
    return false;
  }
  if (by.min_items && !count(*by.min_items, true)) return false;
  if (by.max_items && !count(*by.max_items, false)) return false;
  if (!by.max_length) return true;
  if (!value.is_string()) {
    why = " must be text" + of_kind(value);
    return false;
  }
  if (value.size <= *by.max_length) return true;
  left_.read(value.size);
  const std::size_t length = characters(value.text());
  if (length <= *by.max_length) return true;
  why = " must have at most " + std::to_string(*by.max_length) + " characters, not " + std::to_string(length);
  return false;
}

}  // namespace llm_admin::mapping
