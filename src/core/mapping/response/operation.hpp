// What an operation's rules give from its answer: list_models the ids of the models, embed vectors and tokens.
//
// Values are borrowed: document, headers, programs and `out` must outlive them. 54000 when a bound of `limits`
// is passed. Warnings of the rules are not told.
#pragma once

#include <string_view>
#include <vector>

#include "core/mapping/response/response.hpp"

namespace llm_admin::mapping {

// `rules`: a member of request_program::extracts. Null when it gives nothing; `findings` then says why. Of the
// input only document, status, headers, provider columns and limits are read.
json::item* extract_operation(const rule_set& rules, const response_input& input, json::tree& out,
                              std::vector<finding>& findings);

// {value, usage, error}, all three always there: what the operation's `extract` gives, its `usage` in the
// form of core/mapping/response/usage.hpp, and as core/mapping/response/error.hpp has it what the response's
// own rule `error` finds or the HTTP status says. An answer of which `extract` gives nothing, although it is
// no error, is one of the type nothing_found. `answers` may be null. Never raises for what is in the answer.
json::item* read_operation(const request_program& requests, std::string_view operation,
                           const response_program* answers, const response_input& input, json::tree& out);

}  // namespace llm_admin::mapping
