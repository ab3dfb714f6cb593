// The part of compiling that requests and responses share: rules, conditions, paths, definitions, bounds, and
// the list of problems.
//
// Private to the compiler. Collects every problem with the pointer of its place and goes on. Recursion is
// bounded by the config's depth, which within_bounds() has checked before, and by the number of definitions.
// Whoever adds to `out` only through this class may rely on indices, never on addresses: vectors move.
#pragma once

#include <algorithm>
#include <compare>
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
#include "core/mapping/compile/compile.hpp"
#include "core/mapping/problem.hpp"
#include "core/mapping/program.hpp"

namespace llm_admin::mapping {

// What the rules of a set may read: parameters, or a response with its headers, or one event of a stream.
enum class side : std::uint8_t { request, response, event };

// Thrown once enough problems are known; the compiler goes no further.
struct enough_problems {};

// What is shared by all that compile parts of one config: its `defs`, the problems, the memory that the
// program may take.
class compilation {
 public:
  compilation(const char* config, const compile_bounds& bounds)
      : memory(bounds.max_bytes, bounds.poll), config_(config) {}

  json::node all;              // the definitions: an object, or absent
  std::set<std::string> used;  // names that some rule uses
  std::vector<problem> problems;
  memory_bound memory;
  std::string place;  // where the memory ran out; the innermost rule's pointer
  language version = language::v1_0;

  // Beyond max_problems warnings are dropped, and an error throws enough_problems.
  void add(problem found);
  // The problems, with a last one when some were dropped.
  std::vector<problem> take_problems();
  const char* config() const noexcept { return config_; }

  static constexpr std::uint64_t rule_work = 1024;  // of one rule or condition, as bytes of work

 private:
  const char* config_;
  bool dropped_ = false;
};

// The members that a rule may have since 1.1, and since 1.2.
std::span<const std::string_view> newer_rule_members() noexcept;
std::span<const std::string_view> latest_rule_members() noexcept;

inline bool fits_id(const conversion& one) noexcept {
  return std::find(one.codecs.begin(), one.codecs.end(), codec_kind::fit_id) != one.codecs.end();
}

class rule_compiler {
 public:
  // `name` is the column's name.
  rule_compiler(std::string_view name, side reads, compilation& shared, rule_set& out)
      : config_(shared.config()), name_(name), reads_(reads), defs_(shared), out_(out) {
    out_.literals.charge_to(&shared.memory);
    out_.version = shared.version;
  }
  // The program outlives the bound it was charged to.
  ~rule_compiler() { out_.literals.charge_to(nullptr); }
  rule_compiler(const rule_compiler&) = delete;
  rule_compiler& operator=(const rule_compiler&) = delete;

  void error(std::string pointer, const char* code, std::string message, std::string hint = {});
  void warning(std::string pointer, const char* code, std::string message, std::string hint = {});

  // An object within the bounds of depth and size? Problems are reported.
  bool within_bounds(const json::node& config);
  // The version: missing, unsupported or good. True when the rules can be read; newer() and latest() say as
  // which.
  bool version(const json::node& config);
  bool newer() const noexcept { return defs_.version >= language::v1_1; }  // unknown members are errors
  bool latest() const noexcept { return defs_.version >= language::v1_2; }
  // The member `name` as an object holding the members `needed`; absent when it is missing or no object.
  json::node structure(const json::node& config, std::string_view name,
                       std::initializer_list<std::string_view> needed);
  // Reports members that are in neither `known` nor `own`: since 1.1 as errors, in 1.0 as warnings. Those in
  // `later` are told as members of the next version.
  void unknown_members(const json::node& object, const std::string& pointer,
                       std::span<const std::string_view> known, std::span<const std::string_view> later = {},
                       std::span<const std::string_view> own = {});
  // The name that kept state stands under, of 1.2.
  void dialect(const json::node& config);
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

  bool any_error_since(std::size_t count) const noexcept;  // of the problems, after the first `count`
  std::size_t problem_count() const noexcept { return defs_.problems.size(); }
  // Memory of the program, before it is allocated.
  void charge(std::uint64_t bytes) { defs_.memory.take(bytes); }
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

  // rules.cpp
  void fill(std::uint32_t at, const json::node& text, std::span<const std::string_view> own);
  void one(const json::node& text, rule& into, std::span<const std::string_view> own);
  void head_of(const written& text, rule& into);
  void fields_head(const json::node& fields, const std::string& pointer, const written& text, rule& into);
  bool room(const std::string& pointer);  // for one more rule
  std::uint32_t add(std::string name, std::string pointer);
  // definitions.cpp
  bool layers_of(written& text, rule& into, std::span<const std::string_view> own);
  std::uint32_t use(std::string_view name, const std::string& pointer);
  // heads.cpp
  void newer_head(std::string_view head, const json::node& value, const written& text,
                  const std::string& pointer, rule& into);
  void children(const json::node& list, const std::string& pointer, rule& into);
  void each_head(const json::node& value, const written& text, const std::string& pointer, rule& into);
  void switch_head(const json::node& list, const std::string& pointer, rule& into);
  void lookup_head(const json::node& value, const std::string& pointer, rule& into);
  void format_head(const json::node& value, const std::string& pointer, rule& into);
  void merge_adjacent(const json::node& value, const std::string& pointer, gather& into);
  // choices.cpp
  bool latest_head(std::string_view head, const json::node& value, const std::string& pointer, rule& into);
  void terms(std::string_view head, const json::node& value, const std::string& pointer, rule& into);
  void kept_head(const json::node& value, const std::string& pointer, rule& into);
  // modifiers.cpp
  void modifiers(const written& text, rule& into);
  void newer_modifiers(const written& text, rule& into);
  void latest_modifiers(const written& text, checks& into, bool& any);
  void bound(const written& text, std::string_view name, std::optional<std::string>& literal,
             std::uint32_t& given, bool& any);
  void bounds(const written& text, checks& into, bool& any);
  void map_of(const written& text, checks& into, bool& any);
  const value_map* values_of(const json::node& map);  // made when it is first seen, as literals are
  bool flag(const json::node& value, const std::string& pointer, bool& into);
  void fallback(const json::node& value, rule& into, const std::string& pointer);
  // conversions.cpp
  std::uint32_t conversion_of(const written& text);  // of a rule; `nothing` when it has none
  std::uint32_t add(conversion made);
  void codecs_of(const json::node& value, const std::string& pointer, conversion& into);
  void codec_of(const json::node& value, const std::string& pointer, conversion& into);
  void id_shape_of(const written& text, conversion& into);
  void prefixes_of(const json::node& value, const std::string& pointer, conversion& into);
  // conditions.cpp
  void condition_of(const json::node& text, const std::string& pointer, condition& into);
  void nested(const json::node& list, const std::string& pointer, predicate what, condition& into);
  void test_of(const json::node& text, const std::string& pointer, condition& into);
  // paths.cpp
  void add_path(const json::node& text, rule& into, const path_site& site);
  std::optional<path> read_path(const json::node& text, const path_site& site, bool& caps);
  bool check_root(path& made, const path_site& site, bool& caps);

  // The literal in `out`, copied when it is first seen: a definition is read again for each use that
  // overrides some of it.
  json::item* literal(const json::node& value);
  struct origin {
    const char* data;
    std::uint32_t size;
    json::kind type;
    auto operator<=>(const origin&) const = default;
  };

  const char* config_;
  std::string_view name_;
  side reads_;
  compilation& defs_;
  rule_set& out_;
  std::map<origin, json::item*> literals_;
  std::map<origin, const value_map*> maps_;
  std::map<std::string, definition, std::less<>> defined_;
  std::vector<std::size_t> heights_;  // of the rules: 1 + the highest child's
  int items_ = 0;                     // how many scopes of items are open
  std::size_t depth_ = 0;             // of the rule being compiled, through definitions
  std::size_t inner_ = 0;             // height of the rules inside its modifiers and conditions
  bool counts_ = false;               // does it read @count?
  bool too_many_ = false;             // reported
  bool too_deep_ = false;             // reported
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
