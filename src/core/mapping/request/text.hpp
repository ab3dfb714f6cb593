// A request from text to text: jsonb sorts members and folds numbers, which a schema's reader sees.
//
// Members and numbers stand in the body as the caller wrote them, what was passed on whole is the caller's own
// text; a member given twice is the last; \u0000 and halves of surrogate pairs are U+FFFD, with a warning.
// What rules made stands in the order of the rules, extra_body last.
#pragma once

#include <string>
#include <string_view>

#include "core/mapping/request/request.hpp"

namespace llm_admin::mapping {

struct built_text {
  built_request made;
  std::string body;  // "" for an operation without payload_structure
};

// The parameters' text as a tree: sets `input.params` and `input.replaced`. `text` must outlive `out`. LA002
// when it is no JSON.
void read_params(std::string_view text, request_input& input, json::tree& out);

// JSON text of what was built, from parameters that read_params() read. 54000 beyond max_output_bytes.
std::string body_text(const built_request& made, const limits& most);

// Both, with build() between them.
built_text build_text(const request_program& program, std::string_view params, request_input input,
                      json::tree& out);

}  // namespace llm_admin::mapping
