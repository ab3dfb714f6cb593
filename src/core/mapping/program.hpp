// Compiled mapping configs: immutable, self-contained (they own every literal), shared by shared_ptr within a
// backend.
//
// Rules stand in one flat vector; the children of a rule are one range of it, so that evaluation recurses
// over rules only. Rules made of one definition share its literals and maps. A definition (`defs`) is
// compiled once, however often it is used; a `use` without overrides is a `call` of it, and the definitions
// form no cycle. Nothing here points into the config.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/json/tree.hpp"
#include "core/mapping/path.hpp"
#include "core/mapping/read_trie.hpp"

namespace llm_admin::mapping {

inline constexpr std::size_t max_config_depth = 32;
inline constexpr std::size_t max_config_rules = 4096;
inline constexpr std::size_t max_config_defs = 64;
inline constexpr std::size_t max_config_bytes = 64 * 1024;  // as compact JSON text
inline constexpr std::size_t max_call_depth = 256;          // rules within rules, through all definitions
inline constexpr std::uint32_t nothing = UINT32_MAX;        // of an index: there is none

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
  raise
};
enum class value_type : std::uint8_t { any, string, integer, number, boolean, array, object };
enum class codec_kind : std::uint8_t { none, json_decode, json_encode, data_uri, mime_from_url };
// What a failure of the head or of a modifier becomes; `usual`: an error in requests, absent and a warning in
// responses (an error when the rule is required).
enum class failure_policy : std::uint8_t { usual, fail, omit, fallback, raw };

// What a value becomes, by its text or JSON text; null: absent. The texts are in rule_set::literals.
using value_map = std::map<std::string_view, const json::item*>;

// The modifiers that few rules have.
struct checks {
  const value_map* map = nullptr;  // in rule_set::maps
  bool map_keeps = false;          // map_else: "keep"
  const json::item* map_default = nullptr;
  std::optional<std::string> min, max;                            // decimal text
  const json::item* one_of = nullptr;                             // enum: an array; null: any
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
  codec_kind codec = codec_kind::none;  // of each match of a path, else of the value
  failure_policy on_error = failure_policy::usual;
  bool required = false;
  bool joins = false;
  bool all = false;                                // all matches of the path as an array
  bool omit_empty = false;                         // "", [] and {} count as absent
  bool spread = false;                             // in fields and items
  bool caps_output = false;                        // reads param:max_output_tokens itself
  std::uint32_t first_path = 0, path_count = 0;    // in rule_set::paths
  std::uint32_t first_child = 0, child_count = 0;  // in rule_set::rules
  std::uint32_t first_condition = 0;               // select: in rule_set::conditions
  std::uint32_t with = nothing;                    // in rule_set::rules: gives @
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
  all,
  any,
  negate
};

// A test on the first match of a path, or of other conditions. An absent value equals nothing, is among
// nothing (not_among holds), has no prefix, no type, and does not exist.
struct condition {
  predicate what = predicate::always;
  codec_kind codec = codec_kind::none;
  bool truth = true;  // exists: wanted or not
  value_type type = value_type::any;
  std::uint32_t path = nothing;                    // in rule_set::paths
  std::uint32_t first_child = 0, child_count = 0;  // all, any, negate (one): in rule_set::conditions
  const json::item* literal = nullptr;             // equal; among, not_among: an array
  std::string text;                                // prefix
  std::string pointer;
};

struct rule_set {
  json::tree literals;
  std::vector<rule> rules;  // the top rules are the first `top` ones
  std::vector<path> paths;
  std::vector<condition> conditions;
  std::vector<mapping::checks> checks;
  std::vector<mapping::gather> gathers;
  std::vector<std::unique_ptr<const value_map>> maps;
  std::size_t top = 0;

  bool reads(root_kind root) const noexcept;  // some path begins there
  std::size_t bytes() const noexcept;         // memory held, for the cache's account
};

// splice: the top rule "..." whose members go into the body under the others.
enum class place_kind : std::uint8_t { body, url, query, splice };

struct place {
  place_kind kind = place_kind::body;
  std::vector<std::string> segments;  // body: member names from the top; url, query: one name; splice: none
};

// One kind of call: the chat request itself, or one of `operations`.
struct call_shape {
  std::string name;                                // "chat" or the operation's
  std::string method;                              // operations; "" = the row's
  std::string path;                                // operations; "" = the row's
  bool has_body = true;                            // false: an operation without payload_structure
  std::uint32_t first = 0, count = 0;              // rules of payload_structure
  std::vector<place> places;                       // one for each of them
  std::uint32_t model_rule = nothing;              // the rule `model`, as an index into rule_set::rules
  std::uint32_t first_query = 0, query_count = 0;  // rules of `query`, by name
  std::set<std::string> params;                    // the parameters that these rules and the headers read
  bool has_hole(std::string_view name) const noexcept;  // some rule fills {name} of the URL
};

class request_program {
 public:
  rule_set rules;
  call_shape chat;  // its rules are the first ones, rules.top of them
  std::vector<call_shape> operations;
  std::uint32_t first_header = 0, header_count = 0;  // rules of `headers`, by name; for all calls
  std::optional<std::string> streaming_path;         // the row's endpoint path when `stream` is true
  // What list_models and the like extract from their responses, by operation: rule 0 of its set.
  std::map<std::string, rule_set, std::less<>> extracts;
  read_trie reads;  // parameters and what is below them; empty below version 1.2

  const call_shape* operation(std::string_view name) const noexcept;  // null when there is none
  std::size_t bytes() const noexcept;
};

enum class frame_kind : std::uint8_t { sse, ndjson, json_array };
enum class stream_op : std::uint8_t { set, append, push, merge };
enum class emission : std::uint8_t { none, text, reasoning, tool_arguments };

// One step of a place in the document that is being rebuilt.
struct target_step {
  std::string name;  // of a member, unless it is an index
  bool is_index = false;
  std::uint32_t index = 0;       // fixed
  std::uint32_t path = nothing;  // or read from the event, in rule_set::paths
};

struct stream_rule {
  std::uint32_t when = nothing;  // in rule_set::conditions
  std::uint32_t each = nothing;  // in rule_set::paths; @ is then the match, else the event
  stream_op op = stream_op::set;
  emission emit = emission::none;
  std::uint32_t from = nothing;   // in rule_set::rules: the value
  std::uint32_t error = nothing;  // in rule_set::rules: ends the stream with this error; no target then
  std::vector<target_step> to;    // empty: the whole document
  std::string pointer;
};

enum class stream_end : std::uint8_t { eof, data, when };

struct stream_program {
  frame_kind frame = frame_kind::sse;
  stream_end done = stream_end::eof;
  std::string done_data;              // data: the event's text
  std::uint32_t done_when = nothing;  // when: in rule_set::conditions
  rule_set rules;                     // no top rules; the stream's own definitions
  std::vector<stream_rule> steps;     // applied to each event, in order
};

class response_program {
 public:
  rule_set rules;                                // top rules: the members of extraction_rules
  std::unique_ptr<const stream_program> stream;  // null: the config has none
  read_trie reads;                               // of the document; empty below version 1.2
  std::size_t bytes() const noexcept;
};

}  // namespace llm_admin::mapping
