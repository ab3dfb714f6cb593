// The secret that a webhook is signed with: from 8 to 255 characters of UTF-8 without control characters.
//
// `whsec_` and base64 with its padding (Standard Webhooks 1.0.0, "Signature scheme") stands for the decoded bytes, of
// which there must be 8, too; any other text signs with its UTF-8 bytes. Kept as the text it was given in. It is shown
// to people as mask_key() (core/keys/redact.hpp) shows keys.
#pragma once

#include <cstddef>
#include <string_view>

#include "core/secret_bytes.hpp"

namespace llm_admin::webhooks {

inline constexpr std::size_t shortest_secret = 8;  // characters, and bytes behind whsec_
inline constexpr std::size_t longest_secret = 255;
inline constexpr std::string_view secret_prefix = "whsec_";

// What is wrong with `text`, which may be anything, as a phrase without full stop ("has fewer than 8 characters"), or
// null. Says nothing of its content. Throws std::bad_alloc only.
const char* secret_problem(std::string_view text);
// Throws error{invalid_parameter} when secret_problem() finds something; `what` is the field it stands in.
void require_secret(std::string_view text, std::string_view what);

// The key of the HMAC. Throws error{not_in_state} for a text that is no secret: one that was stored was looked at.
secret_bytes signing_key(std::string_view text);

}  // namespace llm_admin::webhooks
