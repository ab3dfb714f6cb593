// The modifiers that few rules have: map, and the bounds of a value. Nothing is clamped; what does not fit
// is a failure that says what would.
#include <algorithm>
#include <utility>

#include "core/json/decimal.hpp"
#include "core/json/text.hpp"
#include "core/mapping/coerce.hpp"
#include "core/mapping/evaluate.hpp"

namespace llm_admin::mapping {

namespace {

constexpr std::size_t words_shown = 10;

std::string one_of(const std::vector<std::string>& words) {
  std::string out = words.size() == 1 ? "must be " : "must be one of ";
  for (std::size_t n = 0; n < std::min(words.size(), words_shown); ++n)
    out += (n == 0 ? "" : ", ") + words[n];
  return words.size() > words_shown ? out + ", ..." : out;
}

std::string keys_of(const checks& by) {
  std::vector<std::string> words;
  for (const auto& [key, value] : by.map) words.push_back(json::quoted(key));
  std::sort(words.begin(), words.end());
  return one_of(words);
}

std::size_t characters(std::string_view text) noexcept {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string shown(const json::node& value) { return ", not " + json::excerpt(value, 40); }

std::string of_kind(const json::node& value) {
  return ", not " + std::string(kind_name(value)) + " " + json::excerpt(value, 40);
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
  return what.name.empty() ? "value" : what.name;
}

const json::item* evaluator::mapping_of(const checks& by, const json::node& value, bool& known) const {
  known = false;
  if (!value.is_scalar()) return nullptr;
  if (value.is_string()) left_.read(value.size);
  std::string key = value.is_string()    ? std::string(value.text())
                    : value.is_boolean() ? std::string(value.truth() ? "true" : "false")
                                         : value.number_text();
  auto found = by.map.find(key);
  if (found == by.map.end() && value.is_number()) {
    if (auto whole = json::integer_text(key)) found = by.map.find(*whole);  // 1.0 is 1
  }
  if (found == by.map.end()) return nullptr;
  known = true;
  return found->second;
}

json::item* evaluator::mapped(const rule& what, const checks& by, json::item* value, bool& failed) {
  // Null: absent, or a failure.
  auto one = [&](const json::node& element, json::item* as_it_is) -> json::item* {
    bool known = false;
    const json::item* to = mapping_of(by, element, known);
    if (!known) {
      if (by.map_default != nullptr) {
        to = by.map_default;
      } else if (by.map_keeps || !request_) {
        return as_it_is != nullptr ? as_it_is : out_.borrow(element);
      } else {
        failed = true;
        fail(what, subject(what) + " " + keys_of(by) + shown(element), {nullptr, 0, true, nullptr});
        return nullptr;
      }
    }
    return to == nullptr || json::view(to).is_absent() ? nullptr : out_.borrow(json::view(to));
  };
  const json::node list = json::view(value);
  if (!list.is_array()) return one(list, value);
  json::item* made = out_.array();
  for (std::uint32_t n = 0; n < list.size && !failed; ++n) {
    left_.spend();
    if (json::item* element = one(list.element(n), nullptr)) out_.push(made, element);
    check_size();
  }
  return failed ? nullptr : made;
}

// Otherwise `why` is what goes after the value's name.
bool evaluator::within(const checks& by, const json::node& value, std::string& why) const {
  const auto number = [&](const std::string& bound, int wrong, const char* words) {
    if (!value.is_number()) {
      why = " must be a number" + of_kind(value);
      return false;
    }
    const auto compared = json::compare_decimal(value.number_text(), bound);
    if (compared && *compared != wrong) return true;
    why = words + bound + shown(value);
    return false;
  };
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
  if (by.min && !number(*by.min, -1, " must be at least ")) return false;
  if (by.max && !number(*by.max, 1, " must be at most ")) return false;
  const bool listed =
      by.one_of.empty() || std::any_of(by.one_of.begin(), by.one_of.end(), [&](const json::item* literal) {
        return same(value, json::view(literal));
      });
  if (!listed) {
    std::vector<std::string> words;
    for (const json::item* literal : by.one_of) words.push_back(json::excerpt(json::view(literal), 40));
    why = " " + one_of(words) + shown(value);
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
