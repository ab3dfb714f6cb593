// Bytes that should be UTF-8 text (RFC 3629), and what is made of those that are not.
#pragma once

#include <string>
#include <string_view>

namespace llm_admin {

// Well-formed throughout and without U+0000: what the server's text and jsonb can hold.
bool is_plain_utf8(std::string_view text) noexcept;

// The text with one U+FFFD for each U+0000 and for each ill-formed run: a byte that begins no character, with
// the continuation bytes behind it.
std::string repaired_utf8(std::string_view text);

}  // namespace llm_admin
