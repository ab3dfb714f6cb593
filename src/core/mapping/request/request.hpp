// Builds the body of a request, and the values for its URL and headers, from parameters by a compiled
// request_builder_config: the chat request or one of its operations.
//
// Errors: one LA002 with every problem in DETAIL, a line each: message, pointer of the input, pointer of the
// rule; HINT: what mends the first kind found. 54000 when a bound of `limits` is passed. Body values are borrowed from the input, so `params`,
// `provider_columns`, `model_capabilities`, the program and `out` must outlive `body`. Parameters:
// core/mapping/params.hpp. A null parameter counts as not given. A rule placed at "..." goes below the other
// rules' members of the body: one that is there already is left out, and so is what extra_body may not set.
// extra_body is merged below all of that: JSON null inside is kept, a leaf that a rule produced may not be
// touched, nor `model`, nor what goes to the URL or into a header; with a limit on output tokens, nor the
// names and the place of max_output_tokens. What one model takes:
// core/mapping/request/model_facts.hpp.
//
// A config of 1.2 says what it reads (core/mapping/read_trie.hpp), so members of messages, content parts, tool
// calls and tools that no rule reads are told: in what role assistant sends, and where the config `ignores`
// them, by a warning; elsewhere as a problem, or a warning with drop_params. JSON null, "", [] and {} say
// nothing. In schemas, arguments and metadata nobody looks. One finding for each member's name, at the first.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/json/tree.hpp"
#include "core/json/utf8.hpp"
#include "core/json/view.hpp"
#include "core/mapping/budget.hpp"
#include "core/mapping/path.hpp"
#include "core/mapping/problem.hpp"
#include "core/mapping/program.hpp"

namespace llm_admin::mapping {

struct request_input {
  json::node params;               // an object
  std::string_view default_model;  // model_name when it is not given; "" = none
  std::optional<std::int64_t> max_output_tokens_limit;
  json::node provider_columns;    // object: column -> value, for provider:column; may be absent
  json::node model_capabilities;  // as stored; may be absent
  const std::vector<model_entry>* entries_of_models = nullptr;  // of model_capabilities, when made before
  mapping::limits limits;
  std::string_view base_path, endpoint_path;  // the row's: whose {hole}s must be filled; "" = not known
  const call_shape* call = nullptr;           // one of the program's operations; null: the chat request
  bool trace = false;                         // fill built_request::trace
  std::string_view provider_name;             // for hints and extra_body; "" = not known
  // The provider that a name or alias stands for, "" when it is none; null: no other provider is known.
  std::string (*provider_of)(std::string_view name) = nullptr;
  bool clamp_output = false;  // more than the limit becomes the limit, with a warning, and is no problem
  json::replaced replaced;    // what the reader of the parameters' text put U+FFFD for: told by a warning
};

// One leaf of what was built, or one parameter that was left out.
struct trace_entry {
  std::string pointer;  // in the body; "url:hole", "query:name", "header:Name"; "" for a dropped parameter
  std::string rule_pointer;  // in the config; "" for extra_body and dropped parameters
  std::string note;  // "", "default", "default_model", "extra_body", "extra_headers", "dropped <parameter>"
                     // or "not read"; then the pointer is of the parameters
  const json::item* value = nullptr;  // in `out`
};

struct built_request {
  json::item* body = nullptr;  // an object in `out`; null for an operation without payload_structure
  std::string method;          // "" = the row's
  std::string path;            // endpoint path; "" = the row's
  std::string model;           // the value of the rule `model`; "" when an operation has none
  std::vector<std::pair<std::string, std::string>> url_holes;  // hole -> value, not encoded
  std::vector<std::string> segmented_holes;                    // those whose / divide segments (url:+hole)
  std::vector<std::pair<std::string, std::string>> query;      // name -> value, not encoded
  std::vector<std::pair<std::string, std::string>> headers;    // name -> value of printable Latin-1
  std::vector<trace_entry> trace;
  std::vector<std::string>
      dropped;  // parameters left out because of drop_params, under the name they were given
  std::vector<finding> warnings;             // what was left out or replaced, and where; at most 1,000
  std::uint64_t steps = 0;                   // values that paths looked at
  std::optional<std::int64_t> output_limit;  // of output tokens, of the model, else of the provider
};

built_request build(const request_program& program, const request_input& input, json::tree& out);

// The same without raising LA002: what is wrong comes in `findings` (then nothing is returned).
std::optional<built_request> try_build(const request_program& program, const request_input& input,
                                       json::tree& out, std::vector<finding>& findings);

}  // namespace llm_admin::mapping
