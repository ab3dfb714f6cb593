#include "core/json/compare.hpp"

#include <vector>

#include "core/json/decimal.hpp"

namespace llm_admin::json {

namespace {

struct pair_of {
  node a, b;
};

bool equal_numbers(const node& a, const node& b) {
  const std::string left = a.number_text(), right = b.number_text();
  return left == right || equal_decimal(left, right);
}

// True when the two may be equal; their children are then still to be compared.
bool alike(const node& a, const node& b) {
  if (a.type != b.type) return false;
  switch (a.type) {
    case kind::boolean:
      return a.truth() == b.truth();
    case kind::string:
      return a.text() == b.text();
    case kind::number:
      return equal_numbers(a, b);
    case kind::array:
    case kind::object:
      return a.size == b.size;
    default:
      return true;
  }
}

}  // namespace

bool equal(const node& a, const node& b) {
  std::vector<pair_of> open{{a, b}};
  while (!open.empty()) {
    const pair_of here = open.back();
    open.pop_back();
    if (!alike(here.a, here.b)) return false;
    if (!here.a.is_array() && !here.a.is_object()) continue;
    for (std::uint32_t n = 0; n < here.a.size; ++n) {
      if (here.a.is_array()) {
        open.push_back({here.a.element(n), here.b.element(n)});
        continue;
      }
      std::string_view key;
      const node left = here.a.member_at(n, key);
      const node right = here.b.member(key);
      if (!right) return false;
      open.push_back({left, right});
    }
  }
  return true;
}

}  // namespace llm_admin::json
