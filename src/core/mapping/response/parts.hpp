// Lists in a result, of what a rule gave: tool calls, further choices, what came beside text. Private to
// response.cpp.
//
// Each takes an array (null = absent) and makes its normal form in `out`, null when there is nothing.
#pragma once

#include <string_view>
#include <vector>

#include "core/json/tree.hpp"
#include "core/json/view.hpp"
#include "core/mapping/budget.hpp"
#include "core/mapping/problem.hpp"

namespace llm_admin::mapping {

// [{id, name, arguments, kind?}] from an array of such or of OpenAI's nested {id, function: {name,
// arguments}}; arguments that are JSON text are parsed, text that does not parse stays text. Elements without
// a name are left out. `nested` gets the form that a request takes: {id, type, function: {name, arguments as
// text}}.
//
// `newer` (configs of 1.2): "" counts as absent; a call may have a `kind` that is not "function", and its name
// is then the kind where it has none. Of the kind custom, which OpenAI's nested {id, custom: {name, input}} is,
// too, the input is a text and is not parsed; nested it is {id, type: "custom", custom: {name, input}}. Other
// kinds (shell, apply_patch, mcp_approval, …) have a member `kind` beside the nested function.
// 54000 when arguments are longer than `most` allows as text, or their values take too much memory.
json::item* tool_calls_of(const json::node& raw, const limits& most, bool newer, json::tree& out,
                          json::item*& nested);

// One of stop, length, tool_calls, content_filter, other; null for an absent one. `newer`: a turn with calls
// waits for the client, so that stop and other become tool_calls; "", and what says that the vendor is still
// at work ("in_progress", "queued"), is null.
json::item* finish_reason_of(const json::node& text, bool newer, bool has_calls, json::tree& out);
bool at_work(const json::node& finish_reason) noexcept;

// [{text, tool_calls, finish_reason}] of the same; of 1.2 only. Elements that are no objects are left out.
json::item* choices_of(const json::node& raw, const limits& most, json::tree& out);

// [{kind, …}], members that are absent or "" left out. Elements without a text `kind` are left out with a
// warning.
json::item* parts_of(const json::node& raw, std::string_view rule, json::tree& out,
                     std::vector<finding>& warnings);

// What a request takes as the assistant's turn, without provider_state: role, content, and where there are some
// refusal (its text is also the content, if there is no other) and tool_calls. Null when there is nothing in it,
// unless `ended`: the vendor finished an answer, be it an empty one.
json::item* message_of(const json::item* text, const json::item* refusal, json::item* nested, bool ended,
                       json::tree& out);

bool empty_text(const json::node& value) noexcept;  // ""

}  // namespace llm_admin::mapping
