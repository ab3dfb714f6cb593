// The part of compiling that requests and responses share: rules, paths, bounds, and the list of problems.
//
// Private to the compiler. Collects every problem with the pointer of its place and goes on. Recursion is
// bounded by the config's depth, which within_bounds() has checked before.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/json/view.hpp"
#include "core/mapping/problem.hpp"
#include "core/mapping/program.hpp"

namespace llm_admin::mapping {

class rule_compiler {
 public:
  // `config` is "request" or "response", `name` the column's name.
  rule_compiler(const char* config, std::string_view name, rule_set& out)
      : config_(config), name_(name), out_(out) {}

  void error(std::string pointer, const char* code, std::string message, std::string hint = {});
  void warning(std::string pointer, const char* code, std::string message, std::string hint = {});

  // An object within the bounds of depth and size? Problems are reported.
  bool within_bounds(const json::node& config);
  // The version: missing, unsupported or good. True when the rules can be read.
  bool version(const json::node& config);
  // The member `name` as an object holding the members `needed`; absent when it is missing or no object.
  json::node structure(const json::node& config, std::string_view name,
                       std::initializer_list<std::string_view> needed);
  // Warns of members that are in neither `known` nor `own`; those in `later` belong to mapping 1.1.
  void unknown_members(const json::node& object, const std::string& pointer,
                       std::span<const std::string_view> known, std::span<const std::string_view> later,
                       std::span<const std::string_view> own = {});
  // Compiles the members of `object` into one range of rules; `own` are member names a rule may have
  // beside 1.0's. Members that are JSON null are left out. Returns the range's first index; `count` its
  // length.
  std::uint32_t rules(const json::node& object, const std::string& pointer,
                      std::span<const std::string_view> own, std::uint32_t& count);

  std::vector<problem> problems;
  std::set<std::string> params;  // that the rules read

 private:
  // Where a path stands; made into a pointer only for a problem, since most paths have none.
  struct path_site {
    const std::string& rule;
    std::string_view member = {};
    std::optional<std::uint32_t> index = {};
    std::string pointer() const;
  };

  void one(const json::node& text, rule& into, const std::string& pointer,
           std::span<const std::string_view> own);
  void head_of(const json::node& object, rule& into, const std::string& pointer);
  void modifiers(const json::node& object, rule& into, const std::string& pointer);
  void fallback(const json::node& value, rule& into, const std::string& pointer);
  void add_path(const json::node& text, rule& into, const path_site& site);
  void check_root(path& made, rule& into, const path_site& site);
  bool request() const noexcept { return std::string_view(config_) == "request"; }

  const char* config_;
  std::string_view name_;
  rule_set& out_;
  bool too_many_ = false;
};

}  // namespace llm_admin::mapping
