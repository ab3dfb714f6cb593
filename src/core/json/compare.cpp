#include "core/json/compare.hpp"

#include <vector>

#include "core/json/decimal.hpp"

namespace llm_admin::json {

namespace {

struct pair_of {
  node a, b;
  std::uint32_t at;  // the next child to compare
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
  std::vector<pair_of> open;
  const auto begin = [&](const node& left, const node& right) {
    if (!alike(left, right)) return false;
    if ((left.is_array() || left.is_object()) && left.size > 0) open.push_back({left, right, 0});
    return true;
  };
  if (!begin(a, b)) return false;
  while (!open.empty()) {
    pair_of& here = open.back();
    if (here.at == here.a.size) {
      open.pop_back();
      continue;
    }
    const std::uint32_t n = here.at++;
    node left, right;
    if (here.a.is_array()) {
      left = here.a.element(n);
      right = here.b.element(n);
    } else {
      std::string_view key;
      left = here.a.member_at(n, key);
      right = here.b.member(key);
      if (!right) return false;
    }
    if (!begin(left, right)) return false;  // may grow `open`: `here` is gone
  }
  return true;
}

}  // namespace llm_admin::json
