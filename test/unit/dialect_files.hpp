// The shipped mappings, and their cases read from the tree (LLM_ADMIN_TREE): test/cases/. Throws
// std::runtime_error when a file is missing or no JSON.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "core/json/tree.hpp"
#include "core/shipped.hpp"
#include "unit/json_text.hpp"

namespace llm_admin::test {

inline const std::string tree_folder = LLM_ADMIN_TREE;

inline std::string file_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

inline bool has_dialect(const std::string& dialect) {
  shipped::catalog ships;
  return std::any_of(ships.dialects().begin(), ships.dialects().end(),
                     [&](const shipped::dialect& one) { return one.name() == dialect; });
}

inline std::vector<std::string> case_files() {
  std::vector<std::string> out;
  for (const auto& entry : std::filesystem::directory_iterator(tree_folder + "/test/cases"))
    if (entry.path().extension() == ".json") out.push_back(entry.path().string());
  std::sort(out.begin(), out.end());
  return out;
}

// The members of `base`, those that `changes` names replaced; null takes one away.
inline json::item* changed(const json::node& base, const json::node& changes, json::tree& out) {
  json::item* made = out.object();
  std::string_view name;
  for (std::uint32_t n = 0; base.is_object() && n < base.size; ++n) {
    const json::node value = base.member_at(n, name);
    if (!changes.member(name)) out.append(made, name, out.borrow(value));
  }
  for (std::uint32_t n = 0; changes.is_object() && n < changes.size; ++n) {
    const json::node value = changes.member_at(n, name);
    if (!value.is_absent()) out.append(made, name, out.borrow(value));
  }
  return made;
}

// The mapping of a dialect or, where a provider is named that ships, of that provider.
struct shipped_mapping {
  shipped::catalog ships;
  json::node request_config, response_config;
  json::node row;  // of the provider; absent when none is shipped by that name

  shipped_mapping(const std::string& dialect, std::string_view provider) {
    for (const shipped::dialect& one : ships.dialects())
      if (one.name() == dialect) {
        request_config = one.request_config;
        response_config = one.response_config;
      }
    for (const shipped::provider& one : ships.providers())
      if (one.name() == provider) {
        row = one.row;
        request_config = one.request_config;
        response_config = one.response_config;
      }
    if (!request_config) throw std::runtime_error("no dialect " + dialect);
  }
  shipped_mapping(const shipped_mapping&) = delete;
  shipped_mapping& operator=(const shipped_mapping&) = delete;
};

// Equal as JSON: members in any order, numbers by value.
inline bool equal(const json::node& a, const json::node& b) {
  if (a.is_absent() || b.is_absent()) return a.is_absent() && b.is_absent();
  if (a.type != b.type) return false;
  if (a.is_string()) return a.text() == b.text();
  if (a.is_boolean()) return a.truth() == b.truth();
  if (a.is_number()) {
    const std::string one = a.number_text(), other = b.number_text();
    return one == other || std::stold(one) == std::stold(other);
  }
  if (a.size != b.size) return false;
  for (std::uint32_t n = 0; n < a.size; ++n) {
    std::string_view name;
    const json::node value = a.is_array() ? a.element(n) : a.member_at(n, name);
    if (!equal(value, a.is_array() ? b.element(n) : b.member(name))) return false;
  }
  return true;
}

}  // namespace llm_admin::test
