// Extracts the one result object from a vendor's response by a compiled response_extractor_config.
//
// The result has all of these members always, in this order (null, [] or {} where empty):
//   text, reasoning
//   tool_calls     [{id, name, arguments, kind?}]; kind where it is not "function"
//   finish_reason  stop, length, tool_calls, content_filter, other
//   usage          core/mapping/response/usage.hpp, or null
//   usage_raw, model, provider_request_id, reported_cost_usd
//   message        what can be appended to `messages` as it is: role, content, and only when there are some
//                  refusal (beside a content that is the same text), tool_calls (in the nested form, arguments
//                  as text) and provider_state; null when the response holds nothing to append
//   provider_state what the rule gave; of a config with a `dialect` core/mapping/state.hpp
//   extra
//   error          core/mapping/response/error.hpp, or null
//   choices        [{text, tool_calls, finish_reason}], the further ones
//   parts          [{kind, …}], what came beside text
//   citations, logprobs
//   unread         pointers of what no rule reads
//   warnings       [{pointer, rule_pointer, message}]
// Those from choices on are of configs of 1.2. "" then counts as absent, calls make the finish reason
// tool_calls, and usage is checked. Configs before have their warnings in extra.mapping_warnings.
//
// Values are borrowed: document, headers, program and `out` must outlive the result. A value that its rule's
// `type` cannot take losslessly is absent, with a warning, or, when the rule is `required`, a failure.
//
// A document rebuilt from a stream comes with what is known of the stream itself: its `error` goes before the
// rule's, and `unfinished` without a finish reason and an error is the error `stream_incomplete`, retryable;
// with one, `end_missing` is a warning: usage and further choices come late.
//
// What cannot be extracted (neither a text, a tool call, a finish reason nor an error is found; a required
// rule gives nothing and there is no error) is an error of the result with 1.2 or with `lenient`: of the type
// nothing_found or not_extractable, usage and all else as far as they are there. Otherwise it is LA003; all
// findings are in DETAIL. 54000 when a bound of `limits` is passed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json/tree.hpp"
#include "core/json/view.hpp"
#include "core/mapping/budget.hpp"
#include "core/mapping/problem.hpp"
#include "core/mapping/program.hpp"
#include "core/mapping/response/key_filter.hpp"

namespace llm_admin::mapping {

struct response_input {
  json::node document;  // the response as JSON; absent = none
  std::optional<int> http_status;
  json::node headers;              // object: name -> value; may be absent
  std::string_view provider_name;  // for the hint of LA003 only
  json::node provider_columns;     // object: column -> value, for provider:column; may be absent
  mapping::limits limits;
  json::node error;                    // found outside the document, as the rule `error` would give it
  bool unfinished = false;             // the document is what there was when a stream broke off
  bool end_missing = false;            // the stream has an end mark, which did not come
  bool costs_only = false;             // finish reason, usage, model and cost; nothing of the answer itself
  std::vector<finding> warnings;       // found before
  json::node error_document;           // an event of a stream that holds the error; absent: the document
  std::optional<std::int64_t> now_ms;  // since 1970-01-01T00:00:00Z; for points in time in headers
  bool lenient = false;                // never LA003
  key_filter filter;  // applied to the error, to parts and citations, and to state that is kept
};

json::item* extract(const response_program& program, const response_input& input, json::tree& out);

// The same without raising LA003: null when there is nothing, what is wrong comes in `findings`. `steps`
// counts the values that paths looked at.
json::item* try_extract(const response_program& program, const response_input& input, json::tree& out,
                        std::vector<finding>& findings, std::uint64_t* steps = nullptr);

}  // namespace llm_admin::mapping
