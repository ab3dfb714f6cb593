// The one result object from whatever the network gave: a JSON document, server-sent events, JSON lines, a
// JSON array of events, an error page, a cut or an empty body.
//
// The body is taken for what it is, not for what the config expects: a document where a stream was asked for,
// an array where the config says sse, a whole document or an error as an event of a stream. Text is repaired
// on the way: \u0000 and lone halves of surrogate pairs become U+FFFD, halves split over two events are
// joined, numbers beyond the server's numeric become their text; each with a warning.
//
// Nothing in a body raises. What is wrong with it as a whole is the result's error, of one of these types
// beside those of stream.hpp; what there is nevertheless is extracted:
//   empty              nothing, or a stream without an event; retryable
//   not_json           an error page, a text; with an HTTP status of 400 and more the type is http_<n>
//   stream_incomplete  JSON that ends within itself: its last text may be the beginning of one, and a call
//                      whose arguments were not whole is left out
//   no_stream_rules    events, for a config without rules for them
//   too_large          a bound of `limits` was passed, the message says which; finish reason, usage, model and
//                      cost are there if the document could be read
// Lifetimes as in response.hpp; `input.body` must outlive the result, too. What poll throws passes.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/error.hpp"
#include "core/json/tree.hpp"
#include "core/json/view.hpp"
#include "core/mapping/budget.hpp"
#include "core/mapping/program.hpp"
#include "core/mapping/response/key_filter.hpp"

namespace llm_admin::mapping {

struct answer_input {
  std::string_view body;
  std::optional<int> http_status;
  json::node headers;                  // object: name -> value; may be absent
  std::string_view provider_name;      // for hints only
  json::node provider_columns;         // object: column -> value, for provider:column; may be absent
  std::optional<std::int64_t> now_ms;  // as in response_input
  key_filter filter;                   // as in response_input
  mapping::limits limits;
};

bool is_bound(const error& why) noexcept;                       // a bound of the call was passed
json::item* told_too_large(const error& why, json::tree& out);  // as the rule `error` would give it

// Never null. `steps` counts the values that paths looked at.
json::item* read_answer(const response_program& program, const answer_input& input, json::tree& out,
                        std::uint64_t* steps = nullptr);

// The same for an answer to an operation other than chat: {value, usage, error} as read_operation() of
// core/mapping/response/operation.hpp gives it.
json::item* read_operation_answer(const request_program& requests, std::string_view operation,
                                  const response_program& answers, const answer_input& input,
                                  json::tree& out);

}  // namespace llm_admin::mapping
