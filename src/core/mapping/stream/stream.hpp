// Extracts the one result object (core/mapping/response/response.hpp) from the whole body of a streamed response.
//
// The stream's rules rebuild the vendor's own non-stream document, and the ordinary rules run over that, so
// both give the same. What a stream adds is an error of one of these types:
//   stream_incomplete  it broke off: neither its mark of the end nor a finish reason came; retryable
//   stream_error       an event that a rule `error` takes for one; what the ordinary rule `error` finds in
//                      that event completes it, its own type included
//   stream_invalid     an event is no JSON (retryable), or a stream rule cannot be applied to it
//   not_json           the body is neither a stream nor JSON: an error page, nothing at all; retryable as the
//                      HTTP status says
// What there was by then is extracted all the same. Where the end of the input is the only mark of the end
// (`eof`), an array that is not closed, an event cut short or, if the config has a rule for it, no finish
// reason means that it broke off. A body that is one JSON document and no stream (a vendor's error, an answer
// that is not streamed) is extracted as an ordinary response.
//
// Configs of 1.2 are read as answer.hpp says.
//
// Lifetimes and errors as in response.hpp; LA003 also when the config has no member `stream`. A consumer who
// wants the text as it comes uses stream_frames and stream_builder themselves.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/json/tree.hpp"
#include "core/json/view.hpp"
#include "core/mapping/budget.hpp"
#include "core/mapping/problem.hpp"
#include "core/mapping/program.hpp"
#include "core/mapping/response/key_filter.hpp"

namespace llm_admin::mapping {

struct stream_input {
  std::string_view body;
  std::optional<int> http_status;
  json::node headers;              // object: name -> value; may be absent
  std::string_view provider_name;  // for hints only
  json::node provider_columns;     // object: column -> value, for provider:column; may be absent
  mapping::limits limits;
  std::optional<std::int64_t> now_ms;  // as in response_input
  key_filter filter;                   // as in response_input
};

// LA003 for a config without rules for streams.
void require_stream(const response_program& program, std::string_view provider);

json::item* extract_stream(const response_program& program, const stream_input& input, json::tree& out);

// The same without raising LA003 for what the response lacks: null when there is nothing, what is wrong comes
// in `findings`. `steps` counts the values that paths looked at.
json::item* try_extract_stream(const response_program& program, const stream_input& input, json::tree& out,
                               std::vector<finding>& findings, std::uint64_t* steps = nullptr);

}  // namespace llm_admin::mapping
