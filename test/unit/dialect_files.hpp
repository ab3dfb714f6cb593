// The shipped mappings and their cases, read from the tree (LLM_ADMIN_TREE): src/providers/providers.json,
// dialects/ and test/cases/. Throws std::runtime_error when a file is missing or no JSON.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "core/json/tree.hpp"
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
  const std::string stem = tree_folder + "/src/providers/dialects/" + dialect;
  return std::filesystem::exists(stem + ".request.json") && std::filesystem::exists(stem + ".response.json");
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

// The mapping of a dialect, with what is different at one provider, as the seed row holds it.
struct shipped_mapping {
  document request, response, providers, vendors;
  json::tree made;
  json::node request_config, response_config;
  json::node row;  // of the provider; absent when none is shipped by that name

  shipped_mapping(const std::string& dialect, std::string_view provider)
      : request(file_text(tree_folder + "/src/providers/dialects/" + dialect + ".request.json")),
        response(file_text(tree_folder + "/src/providers/dialects/" + dialect + ".response.json")),
        providers(file_text(tree_folder + "/src/providers/providers.json")),
        vendors(file_text(tree_folder + "/src/providers/dialects/vendors.json")) {
    for (std::uint32_t n = 0; n < providers.node().size; ++n) {
      const json::node one = providers.node().element(n);
      if (one.member("provider_name").text() == provider) row = one;
    }
    const json::node changes = vendors.node().member(provider);
    request_config = with(request, changes, {"payload_structure", "operations"});
    response_config = with(response, changes, {"extraction_rules"});
    if (const json::node more = changes.member("stream_rules")) {
      const json::node stream = response_config.member("stream");
      json::item* rules = made.array();
      for (const json::node& list : {stream.member("rules"), more})
        for (std::uint32_t n = 0; n < list.size; ++n) made.push(rules, made.borrow(list.element(n)));
      json::item* changed_stream = made.object();
      made.append(changed_stream, "rules", rules);
      json::item* section = made.object();
      made.append(section, "stream", changed(stream, json::view(changed_stream), made));
      response_config = json::view(changed(response_config, json::view(section), made));
    }
  }
  shipped_mapping(const shipped_mapping&) = delete;
  shipped_mapping& operator=(const shipped_mapping&) = delete;

 private:
  json::node with(const json::node& config, const json::node& changes,
                  std::initializer_list<std::string_view> sections) {
    json::item* replaced = made.object();
    for (const std::string_view name : sections) {
      if (const json::node by = changes.member(name))
        made.append(replaced, name, changed(config.member(name), by, made));
    }
    return json::view(changed(config, json::view(replaced), made));
  }
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
