#include "core/mapping/program.hpp"

#include <algorithm>

namespace llm_admin::mapping {

bool rule_set::reads(root_kind root) const noexcept {
  return std::any_of(paths.begin(), paths.end(), [=](const path& p) { return p.root == root; });
}

std::size_t rule_set::bytes() const noexcept {
  std::size_t total = literals.bytes() + rules.capacity() * sizeof(rule);
  for (const rule& one : rules) {
    total += one.separator.capacity() + one.name.capacity() + one.pointer.capacity();
  }
  for (const path& one : paths) total += one.bytes();
  return total;
}

bool request_program::has_hole(std::string_view name) const noexcept {
  for (const place& one : places) {
    if (one.kind == place_kind::url && one.segments[0] == name) return true;
  }
  return false;
}

std::size_t request_program::bytes() const noexcept {
  std::size_t total = sizeof(*this) + rules.bytes();
  for (const place& one : places) {
    total += sizeof(place);
    for (const std::string& segment : one.segments) total += sizeof(std::string) + segment.capacity();
  }
  for (const std::string& name : params) total += 2 * sizeof(std::string) + name.capacity();
  return total;
}

std::size_t response_program::bytes() const noexcept { return sizeof(*this) + rules.bytes(); }

}  // namespace llm_admin::mapping
