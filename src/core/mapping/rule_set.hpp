// The compiled rules of a mapping config: immutable, self-contained (they own every literal).
//
// Rules stand in one flat vector; the children of a rule are one range of it, so that evaluation recurses
// over rules only. Rules made of one definition share its literals and maps. A definition (`defs`) is
// compiled once, however often it is used; a `use` without overrides is a `call` of it, and the definitions
// form no cycle. Nothing here points into the config.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json/tree.hpp"
#include "core/mapping/path.hpp"

namespace llm_admin::mapping {

inline constexpr std::size_t max_config_depth = 32;
inline constexpr std::size_t max_config_rules = 4096;
inline constexpr std::size_t max_config_defs = 64;
inline constexpr std::size_t max_config_bytes = 64 * 1024;  // as compact JSON text
inline constexpr std::size_t max_call_depth = 256;          // rules within rules, through all definitions
inline constexpr std::size_t max_codecs = 4;                // of one rule, one after the other
inline constexpr std::uint32_t nothing = UINT32_MAX;        // of an index: there is none

// Of the mapping language, by the member `version`.
enum class language : std::uint8_t { v1_0, v1_1, v1_2 };

// Where each head keeps its parts:
//   none    absent, or its default
//   paths   the paths: the first one with a match that is not absent gives the value
//   value   the literal
//   fields  children by name; a child that spreads ("...") is spliced under the others
//   items   children in order; one that spreads gives its elements
//   each    one path; `gather`; child 0 is `as` (no child: the item itself)
//   select  `switch`: child n is taken when condition first_condition + n holds; the first hit alone
//   lookup  paths 0 = in, 1 = key (below the candidate); children 0 = equals, 1 = then
//   format  one path for each hole; `pieces`, one more than paths, stand around them
//   sum     children, or the one path's matches
//   call    child 0 is the definition's rule
//   raise   `text` is the message
//   first   children: the first one that gives a value
//   difference  children: the first minus the others
//   quotient    children 0 and 1: the first by the second
//   kept    the vendor's own array of the message that @ is (core/mapping/state.hpp)
enum class head : std::uint8_t {
  none,
  paths,
  value,
  fields,
  items,
  each,
  select,
  lookup,
  format,
  sum,
  call,
  raise,
  first,
  difference,
  quotient,
  kept
};
enum class value_type : std::uint8_t { any, string, integer, number, boolean, array, object };
enum class codec_kind : std::uint8_t {
  none,
  json_decode,
  json_encode,
  data_uri,
  mime_from_url,
  fit_id,
  base64_decode,
  utf8_replace,
  trim_end
};
// What a failure of the head or of a modifier becomes; `usual`: an error in requests, absent and a warning in
// responses (an error when the rule is required).
enum class failure_policy : std::uint8_t { usual, fail, omit, fallback, raw };

// Which ids a vendor takes, for fit_id: texts of `min` to `max` characters, all of them among `chars` (ASCII).
struct id_shape {
  std::bitset<128> chars;
  std::string digits;  // those of 0-9A-Za-z that are among them, in this order: what a hash is written in
  std::uint32_t min = 1, max = 64;
};

// What becomes of each match of a path before `join` and `all`, and of the value of any other head: the
// codecs in order, then strip_prefix.
struct conversion {
  std::vector<codec_kind> codecs;
  id_shape id;                        // of fit_id
  std::vector<std::string> prefixes;  // the first that a text begins with goes, once
};

// What a value becomes, by its text or JSON text; null: absent. The texts are in rule_set::literals.
using value_map = std::map<std::string_view, const json::item*>;

// The modifiers that few rules have.
struct checks {
  const value_map* map = nullptr;  // in rule_set::maps
  bool map_keeps = false;          // map_else: "keep"
  const json::item* map_default = nullptr;
  std::optional<std::string> min, max;                   // decimal text
  std::uint32_t min_rule = nothing, max_rule = nothing;  // or rules that give them; absent: no bound
  bool clamps = false;                                   // what is beyond a bound becomes the bound
  bool distinct = false;                                 // of an array's equal elements the first stays
  std::string distinct_by;                               // equal in this member; "": as a whole
  const json::item* one_of = nullptr;                    // enum: an array; null: any
  std::optional<std::uint32_t> min_items, max_items, max_length;  // max_length in characters
};

// What `each` does with what its rule gives.
struct gather {
  std::uint32_t where = nothing;  // in rule_set::conditions
  bool flatten = false;           // arrays give their elements
  bool merges = false;            // neighbours with equal members `by` become one
  std::string by;
  std::vector<std::string> append;  // members whose arrays concatenate and whose strings join by a newline
};

struct rule {
  mapping::head head = head::none;
  value_type type = value_type::any;
  failure_policy on_error = failure_policy::usual;
  bool required = false;
  bool joins = false;
  bool all = false;                                // all matches of the path as an array
  bool omit_empty = false;                         // "", [] and {} count as absent
  bool spread = false;                             // in fields and items
  bool caps_output = false;                        // reads param:max_output_tokens itself
  bool counts = false;                             // reads @count: how often it was evaluated itself
  std::uint32_t first_path = 0, path_count = 0;    // in rule_set::paths
  std::uint32_t first_child = 0, child_count = 0;  // in rule_set::rules
  std::uint32_t first_condition = 0;               // select: in rule_set::conditions
  std::uint32_t with = nothing;                    // in rule_set::rules: gives @
  std::uint32_t conversion = nothing;              // in rule_set::conversions
  std::uint32_t checks = nothing;                  // in rule_set::checks
  std::uint32_t gather = nothing;                  // in rule_set::gathers
  const json::item* literal = nullptr;             // value; in rule_set::literals
  const json::item* fallback = nullptr;            // default, already of the rule's type
  std::string text;                                // join: the separator; raise: the message
  std::vector<std::string> pieces;                 // format
  std::string name;                                // the member this rule fills
  std::string pointer;                             // of the rule in its config
};

enum class predicate : std::uint8_t {
  always,
  equal,
  among,
  not_among,
  prefix,
  type,
  exists,
  blank,
  less,
  at_most,
  all,
  any,
  negate
};

// A test on the first match of a path, or of other conditions. An absent value equals nothing, is among
// nothing (not_among holds), has no prefix, no type, is not blank, neither less nor at most anything, and does
// not exist.
struct condition {
  predicate what = predicate::always;
  bool truth = true;  // exists, blank: wanted or not
  value_type type = value_type::any;
  std::uint32_t path = nothing;                    // in rule_set::paths
  std::uint32_t conversion = nothing;              // of what is there; in rule_set::conversions
  std::uint32_t other = nothing;                   // equal: the path to compare with, in rule_set::paths
  std::uint32_t bound = nothing;                   // less, at_most: a rule, in rule_set::rules
  std::uint32_t first_child = 0, child_count = 0;  // all, any, negate (one): in rule_set::conditions
  const json::item* literal = nullptr;             // equal, less, at_most; among, not_among: an array
  std::string text;                                // prefix
  std::string pointer;
};

struct rule_set {
  json::tree literals;
  std::vector<rule> rules;  // the top rules are the first `top` ones
  std::vector<path> paths;
  std::vector<condition> conditions;
  std::vector<mapping::conversion> conversions;
  std::vector<mapping::checks> checks;
  std::vector<mapping::gather> gathers;
  std::vector<std::unique_ptr<const value_map>> maps;
  std::size_t top = 0;
  language version = language::v1_0;
  std::string dialect;  // the name that kept state of this config stands under; "" = none

  std::uint32_t roots = 0;    // where some path begins, a bit for each root_kind
  std::uint32_t columns = 0;  // which of provider_columns() some path reads, a bit for each

  void add_path(path&& one);
  bool reads(root_kind root) const noexcept { return (roots >> static_cast<unsigned>(root) & 1) != 0; }
  std::size_t bytes() const noexcept;  // memory held, for the cache's account
};

}  // namespace llm_admin::mapping
