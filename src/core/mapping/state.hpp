// Kept state: the vendor's own form of an answer, carried by the message that was made of it, so that the same
// dialect can send it back as it came.
//
// A message holds it as provider_state.<dialect> = {"v": 1, "content": "<JSON text of an array>",
// "digest": "<32 hex>"}. The digest is of the message as it was handed out: of its content and tool calls.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/json/tree.hpp"
#include "core/json/view.hpp"

namespace llm_admin::mapping {

// The first 16 bytes of SHA-256, in hex, over fields that each stand behind their length (64 bits, big
// endian): the message's content (a text as it is, null or nothing as "", else its compact JSON), then of each
// of its tool_calls id, name and arguments (of a custom one its input).
std::string state_digest(const json::node& message);

// The array that an assistant's message keeps for the dialect, parsed into `out` with its source, which is
// kept in `out` too. Nothing when the message keeps none; and, with the reason in `why`, when what it keeps is
// broken or the message is no longer the one that it was kept for. `why` is empty otherwise.
std::optional<json::node> kept_array(const json::node& message, std::string_view dialect, json::tree& out,
                                     std::string& why);

}  // namespace llm_admin::mapping
