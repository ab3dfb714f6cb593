#include "core/json/canonical.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/json/decimal.hpp"
#include "core/json/text.hpp"

namespace llm_admin::json {

namespace {

struct level {
  node container;
  std::vector<std::pair<std::string_view, node>> members;  // of an object, by name
  std::uint32_t at = 0;
};

using number_writer = std::string (*)(const node& value);

std::string number_key(const node& value) {
  const std::string text = value.number_text();
  return decimal_key(text).value_or(text);
}
std::string number_shown(const node& value) { return value.number_text(); }

level opened(const node& container) {
  level made{container, {}, 0};
  if (!container.is_object()) return made;
  made.members.resize(container.size);
  for (std::uint32_t n = 0; n < container.size; ++n)
    made.members[n].second = container.member_at(n, made.members[n].first);
  std::sort(made.members.begin(), made.members.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  return made;
}

std::string in_order(const node& value, number_writer number) {
  std::string out;
  std::vector<level> open;
  const auto one = [&](const node& here) {
    if (here.is_array() || here.is_object()) {
      out += here.is_array() ? '[' : '{';
      open.push_back(opened(here));
    } else {
      out += here.is_string()    ? quoted(here.text())
             : here.is_number()  ? number(here)
             : here.is_boolean() ? std::string(here.truth() ? "true" : "false")
                                 : std::string("null");
    }
  };
  one(value);
  while (!open.empty()) {
    level& here = open.back();
    const bool array = here.container.is_array();
    if (here.at == here.container.size) {
      out += array ? ']' : '}';
      open.pop_back();
      continue;
    }
    if (here.at > 0) out += ',';
    const std::uint32_t at = here.at++;
    const node next = array ? here.container.element(at) : here.members[at].second;
    if (!array) (out += quoted(here.members[at].first)) += ':';
    one(next);  // may grow `open`: `here` is gone
  }
  return out;
}

}  // namespace

std::string canonical_text(const node& value) { return in_order(value, number_key); }
std::string sorted_text(const node& value) { return in_order(value, number_shown); }

}  // namespace llm_admin::json
