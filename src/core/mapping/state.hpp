// Kept state: a vendor's own content array within a normalised message, so that it can go back as it came.
//
// A message of the role assistant holds it as provider_state, under the name of the dialect that made it:
//   {"<dialect>": {"v": 1, "content": "<JSON text of the array>", "digest": "<32 hexadecimal digits>"}}
// It is text because jsonb sorts members and folds numbers. The digest is that of the message's content and
// tool calls: of a message that its caller changed the state says something else than the message does, and
// is not used.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "core/json/tree.hpp"
#include "core/json/view.hpp"

namespace llm_admin::mapping {

// Of a message in the form a request takes: content, and of each of tool_calls id, name and arguments. Null
// content counts as "". Arguments, and content that is no text, count by their value: neither white space nor
// the order of members matters, nor whether arguments are JSON or its text. The first half of SHA-256 over
// the SHA-256 of each field, in hexadecimal. Memory is charged to what `bound` is, null: to nobody.
std::string state_digest(const json::node& message, memory_bound* bound = nullptr);

// The value of provider_state for `message`. Null when it cannot be kept; `why` then says so: `content` is no
// array, nests deeper than can be read again, or is longer than `max_bytes` as text.
json::item* made_state(const json::node& content, std::string_view dialect, const json::node& message,
                       std::size_t max_bytes, json::tree& out, std::string& why);

// The array that `message` keeps for this dialect, parsed into `out` with its source, so that write_text()
// gives it back as it came; the message's holder must outlive it.
// Nothing when it keeps none, and `why` is then empty; or when it is broken or the message was edited, which
// `why` says.
std::optional<json::node> kept_array(const json::node& message, std::string_view dialect, json::tree& out,
                                     std::string& why);

}  // namespace llm_admin::mapping
