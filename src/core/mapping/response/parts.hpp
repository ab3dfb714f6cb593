// The parts of a result that are more than one rule's value: usage, tool calls, the error. Private to
// response.cpp.
//
// Each takes what a rule gave (null = absent) and makes its normal form in `out`, null when there is nothing.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/json/tree.hpp"
#include "core/json/view.hpp"
#include "core/mapping/budget.hpp"
#include "core/mapping/problem.hpp"

namespace llm_admin::mapping {

// {input_tokens, output_tokens, total_tokens, cached_tokens, cache_write_tokens, cache_write_1h_tokens,
// reasoning_tokens, service_tier}. Parts are also read under their OpenAI chat names (prompt_tokens,
// completion_tokens, prompt_tokens_details.cached_tokens, completion_tokens_details.reasoning_tokens), so
// that a rule may give a vendor's usage as it is. A part that is no whole number from 0 to 2^53 counts as not
// reported and is listed in `warnings`. Null when neither of the totals nor a part above 0 is reported.
json::item* usage_of(const json::node& raw, const std::string& rule, json::tree& out,
                     std::vector<finding>& warnings);

// [{id, name, arguments}] from an array of such or of OpenAI's nested {id, function: {name, arguments}};
// arguments that are JSON text are parsed, text that does not parse stays text. Elements without a name are
// left out. `nested` gets the form that a request takes: {id, type, function: {name, arguments as text}}.
// 54000 when arguments are longer than `most` allows as text, or their values take too much memory.
json::item* tool_calls_of(const json::node& raw, const limits& most, json::tree& out, json::item*& nested);

// {type, code, message, retryable} from what the rule `error` gave (an object of these, a text, a number), or
// from an HTTP status of 400 and more.
json::item* error_of(const json::node& raw, std::optional<int> http_status, const json::node& document,
                     json::tree& out);

}  // namespace llm_admin::mapping
