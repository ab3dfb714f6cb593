// Compiled mapping configs: rules (core/mapping/rule_set.hpp) and what requests, responses and streams do with
// them; immutable, shared by shared_ptr within a backend.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/mapping/read_trie.hpp"
#include "core/mapping/rule_set.hpp"

namespace llm_admin::mapping {

// splice: the top rule "..." whose members go into the body under the others.
enum class place_kind : std::uint8_t { body, url, query, splice };

struct place {
  place_kind kind = place_kind::body;
  bool keeps_slashes = false;         // url:+name: the value is segments of the path, not one segment
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

// Parameters that may not be given together.
struct conflict {
  std::vector<std::string> params;  // two or more, by their canonical names
  std::uint32_t when = nothing;     // only then; in rule_set::conditions
  std::string text;                 // what the caller is told; "" = the engine's words
  std::string pointer;
};

// Members that are left out with a warning where no rule reads them, by the kind of object they stand in.
struct ignored_members {
  std::set<std::string, std::less<>> message, part, tool, tool_call;
};

class request_program {
 public:
  rule_set rules;
  call_shape chat;  // its rules are the first ones, rules.top of them
  std::vector<call_shape> operations;
  std::uint32_t first_header = 0, header_count = 0;  // rules of `headers`, by name; for all calls
  std::optional<std::string> streaming_path;         // the row's endpoint path when `stream` is true
  std::vector<conflict> not_together;
  ignored_members ignores;
  // What list_models and the like extract from their responses, by operation: rule 0 of its set.
  std::map<std::string, rule_set, std::less<>> extracts;
  std::map<std::string, rule_set, std::less<>> usages;  // likewise what they give as usage; of 1.2
  read_trie reads;  // parameters and what is below them; empty below version 1.2

  const call_shape* operation(std::string_view name) const noexcept;  // null when there is none
  std::size_t bytes() const noexcept;
};

enum class frame_kind : std::uint8_t { sse, ndjson, json_array };
enum class stream_op : std::uint8_t { set, append, push, merge };
enum class emission : std::uint8_t { none, text, reasoning, tool_arguments, tool_call };

// One step of a place in the document that is being rebuilt.
struct target_step {
  std::string name;  // of a member, unless it is an index
  bool is_index = false;
  std::uint32_t index = 0;       // fixed
  std::uint32_t path = nothing;  // or read from the event, in rule_set::paths
  std::uint32_t key = nothing;   // or the slot of a key, in stream_rule::keys
};

// What names a slot of an array: the value of the first path, then that of the second; a value of the third
// begins one. In rule_set::paths.
struct slot_key {
  std::uint32_t primary = nothing;
  std::uint32_t secondary = nothing;  // may be `nothing`
  std::uint32_t beginning = nothing;  // so may this
};

struct stream_rule {
  std::uint32_t when = nothing;  // in rule_set::conditions
  // In rule_set::paths, each path below the match of the one before; @ is then the innermost match and ^ the
  // match around it (or the event). Empty: @ is the event.
  std::vector<std::uint32_t> each;
  stream_op op = stream_op::set;
  emission emit = emission::none;
  std::uint32_t from = nothing;    // in rule_set::rules: the value
  std::uint32_t error = nothing;   // in rule_set::rules: ends the stream with this error; no target then
  std::vector<target_step> to;     // empty: the whole document
  std::vector<slot_key> keys;      // one for each [{key}] of `to`, in order
  std::uint32_t choice = nothing;  // the step of `to` that numbers the choices of the rule `choices`
  bool of_usage = true;            // the rule usage_stats may read what is put there
  std::string pointer;
};

enum class stream_end : std::uint8_t { eof, data, when };

struct stream_program {
  frame_kind frame = frame_kind::sse;
  stream_end done = stream_end::eof;
  std::string done_data;                      // data: the event's text
  std::uint32_t done_when = nothing;          // when: in rule_set::conditions
  rule_set rules;                             // no top rules; the stream's own definitions
  std::vector<stream_rule> steps;             // applied to each event, in order
  std::set<std::string, std::less<>> fields;  // of SSE, that some path reads (field:name)
};

class response_program {
 public:
  rule_set rules;                                // top rules: the members of extraction_rules
  std::unique_ptr<const stream_program> stream;  // null: the config has none
  read_trie reads;                               // of the document; empty below version 1.2
  // Members of an answer that are known to mean nothing: the tokens of a pointer, "*" standing for any one.
  std::vector<std::vector<std::string>> noise;
  std::size_t bytes() const noexcept;
};

}  // namespace llm_admin::mapping
