// What an operation's `extract` rule gives from the response: list_models gives the ids of the models.
//
// Null when it gives nothing; `findings` then says why. The value is borrowed: document, headers, program and
// `out` must outlive it. 54000 when a bound of `limits` is passed. Of the input only document, status,
// headers, provider columns and limits are read.
#pragma once

#include <vector>

#include "core/mapping/response/response.hpp"

namespace llm_admin::mapping {

// `rules`: a member of request_program::extracts.
json::item* extract_operation(const rule_set& rules, const response_input& input, json::tree& out,
                              std::vector<finding>& findings);

}  // namespace llm_admin::mapping
