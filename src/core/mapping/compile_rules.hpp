// The part of compiling that requests and responses share: rules, conditions, paths, definitions, bounds, and
// the list of problems.
//
// Private to the compiler. Collects every problem with the pointer of its place and goes on. Recursion is
// bounded by the config's depth, which within_bounds() has checked before, and by the number of definitions.
// Whoever adds to `out` only through this class may rely on indices, never on addresses: vectors move.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
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

// What the rules of a set may read: parameters, or a response with its headers, or one event of a stream.
enum class side : std::uint8_t { request, response, event };

// The config's `defs`, shared by all that compile parts of it.
struct definitions {
  json::node all;              // an object, or absent
  std::set<std::string> used;  // names that some rule uses
};

// The members that a rule of 1.1 may have.
std::span<const std::string_view> newer_rule_members() noexcept;

class rule_compiler {
 public:
  // `config` is "request" or "response", `name` the column's name.
  rule_compiler(const char* config, std::string_view name, side reads, definitions& defs, rule_set& out)
      : config_(config), name_(name), reads_(reads), defs_(defs), out_(out) {}

  void error(std::string pointer, const char* code, std::string message, std::string hint = {});
  void warning(std::string pointer, const char* code, std::string message, std::string hint = {});

  // An object within the bounds of depth and size? Problems are reported.
  bool within_bounds(const json::node& config);
  // The version: missing, unsupported or good. True when the rules can be read; `newer()` says as which.
  bool version(const json::node& config);
  bool newer() const noexcept { return newer_; }  // 1.1: unknown members are errors
  void set_newer(bool newer) noexcept { newer_ = newer; }
  // The member `name` as an object holding the members `needed`; absent when it is missing or no object.
  json::node structure(const json::node& config, std::string_view name,
                       std::initializer_list<std::string_view> needed);
  // Reports members that are in neither `known` nor `own`: in 1.1 as errors; in 1.0 as warnings, those in
  // `later` as members of 1.1.
  void unknown_members(const json::node& object, const std::string& pointer,
                       std::span<const std::string_view> known, std::span<const std::string_view> later = {},
                       std::span<const std::string_view> own = {});
  // The definitions of 1.1: an object of at most 64. Reports what is wrong with it as a whole.
  void check_definitions(const json::node& config);
  // Compiles the definitions that nobody used, for their problems, and warns of each.
  void unused_definitions();

  // Compiles the members of `object` into one range of rules; `own` are member names a rule may have beside
  // the language's. Members that are JSON null are left out. Returns the range's first index; `count` its
  // length. With `splices`, 1.1's member "..." gives a rule that spreads.
  std::uint32_t rules(const json::node& object, const std::string& pointer,
                      std::span<const std::string_view> own, std::uint32_t& count, bool splices = false);
  // One of each; `nothing` after an error, which has been reported.
  std::uint32_t one_rule(const json::node& text, const std::string& pointer, std::string name = {});
  std::uint32_t one_condition(const json::node& text, const std::string& pointer);
  std::uint32_t one_path(const json::node& text, const std::string& pointer);

  std::vector<problem> problems;
  std::set<std::string> params;  // that the rules read

  class item_scope;  // while it lives, @ ^ @index may be read

 private:
  // A rule as written: its own object and, below it, the definitions it uses; its own members override.
  struct layer {
    json::node object;
    std::string pointer;
  };
  struct written {
    json::node object;
    const std::string& pointer;
    std::vector<layer> below;
    json::node member(std::string_view name) const;
    std::string at(std::string_view name) const;  // the pointer of a member that is there
  };
  // Where a path stands; made into a pointer only for a problem, since most paths have none.
  struct path_site {
    const std::string& rule;
    std::string_view member = {};
    std::optional<std::uint32_t> index = {};
    std::string pointer() const;
  };
  struct definition {
    bool done = false;
    std::uint32_t index = nothing;
    std::set<std::string> params;  // that it reads
  };

  // compile_rules.cpp
  void fill(std::uint32_t at, const json::node& text, std::span<const std::string_view> own);
  void one(const json::node& text, rule& into, std::span<const std::string_view> own);
  void head_of(const written& text, rule& into);
  void fields_head(const json::node& fields, const std::string& pointer, const written& text, rule& into);
  bool room(const std::string& pointer);  // for one more rule
  std::uint32_t add(std::string name, std::string pointer);
  // compile_definitions.cpp
  bool layers_of(written& text, rule& into, std::span<const std::string_view> own);
  std::uint32_t use(std::string_view name, const std::string& pointer);
  // compile_heads.cpp
  void newer_head(std::string_view head, const json::node& value, const written& text,
                  const std::string& pointer, rule& into);
  void children(const json::node& list, const std::string& pointer, rule& into);
  void each_head(const json::node& value, const written& text, const std::string& pointer, rule& into);
  void switch_head(const json::node& list, const std::string& pointer, rule& into);
  void lookup_head(const json::node& value, const std::string& pointer, rule& into);
  void format_head(const json::node& value, const std::string& pointer, rule& into);
  void merge_adjacent(const json::node& value, const std::string& pointer, gather& into);
  // compile_modifiers.cpp
  void modifiers(const written& text, rule& into);
  void newer_modifiers(const written& text, rule& into);
  void bounds(const written& text, checks& into, bool& any);
  void map_of(const written& text, checks& into, bool& any);
  bool flag(const json::node& value, const std::string& pointer, bool& into);
  bool codec(const json::node& value, const std::string& pointer, codec_kind& into);
  void fallback(const json::node& value, rule& into, const std::string& pointer);
  // compile_conditions.cpp
  void condition_of(const json::node& text, const std::string& pointer, condition& into);
  void nested(const json::node& list, const std::string& pointer, predicate what, condition& into);
  void test_of(const json::node& text, const std::string& pointer, condition& into);
  // compile_paths.cpp
  void add_path(const json::node& text, rule& into, const path_site& site);
  std::optional<path> read_path(const json::node& text, const path_site& site, bool& caps);
  bool check_root(path& made, const path_site& site, bool& caps);

  const char* config_;
  std::string_view name_;
  side reads_;
  definitions& defs_;
  rule_set& out_;
  std::map<std::string, definition, std::less<>> defined_;
  std::vector<std::size_t> heights_;  // of the rules: 1 + the highest child's
  int items_ = 0;                     // how many scopes of items are open
  std::size_t depth_ = 0;             // of the rule being compiled, through definitions
  bool newer_ = false;
  bool too_many_ = false;  // reported
  bool too_deep_ = false;  // reported
};

class rule_compiler::item_scope {
 public:
  explicit item_scope(rule_compiler& of) noexcept : of_(of) { ++of_.items_; }
  ~item_scope() { --of_.items_; }
  item_scope(const item_scope&) = delete;
  item_scope& operator=(const item_scope&) = delete;

 private:
  rule_compiler& of_;
};

}  // namespace llm_admin::mapping
