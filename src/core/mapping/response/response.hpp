// Extracts the one result object from a vendor's response by a compiled response_extractor_config.
//
// The result has all of these members always, in this order (null, [] or {} where empty):
//   text, reasoning
//   tool_calls     [{id, name, arguments}]
//   finish_reason  stop, length, tool_calls, content_filter, other
//   usage          {input_tokens, output_tokens, total_tokens, cached_tokens, cache_write_tokens,
//                  cache_write_1h_tokens, reasoning_tokens, service_tier} or null
//   usage_raw, model, provider_request_id, reported_cost_usd
//   message        what can be appended to `messages` as it is: role, content, and only when there are some
//                  tool_calls (in the nested form, arguments as text) and provider_state; null when the
//                  response holds nothing to append
//   provider_state, extra
//   error          {type, code, message, retryable} or null
//
// Values are borrowed: document, headers, program and `out` must outlive the result. A value that its rule's
// `type` cannot take losslessly is absent; it is listed in extra.mapping_warnings [{pointer, rule_pointer,
// message}], or, when the rule is `required`, raised.
//
// A document rebuilt from a stream comes with what is known of the stream itself: its `error` goes before the
// rule's, and `unfinished` without a finish reason and an error is the error `stream_incomplete`, retryable.
//
// Errors: LA003 when neither text, tool call, finish reason nor error is found, or a required rule gives
// nothing and there is no error; all findings are in DETAIL. 54000 when a bound of `limits` is passed.
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

namespace llm_admin::mapping {

struct response_input {
  json::node document;  // the response as JSON; absent = none
  std::optional<int> http_status;
  json::node headers;              // object: name -> value; may be absent
  std::string_view provider_name;  // for the hint of LA003 only
  json::node provider_columns;     // object: column -> value, for provider:column; may be absent
  mapping::limits limits;
  json::node error;               // found outside the document, as the rule `error` would give it
  bool unfinished = false;        // the document is what there was when a stream broke off
  std::vector<finding> warnings;  // found before, for extra.mapping_warnings
};

json::item* extract(const response_program& program, const response_input& input, json::tree& out);

// The same without raising LA003: null when there is nothing, what is wrong comes in `findings`. `steps`
// counts the values that paths looked at.
json::item* try_extract(const response_program& program, const response_input& input, json::tree& out,
                        std::vector<finding>& findings, std::uint64_t* steps = nullptr);

}  // namespace llm_admin::mapping
