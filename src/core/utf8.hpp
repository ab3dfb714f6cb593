// Bytes that should be UTF-8 text (RFC 3629), and what is made of those that are not.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace llm_admin {

// Bytes of the well-formed sequence that `text` begins with; 0 when it is ill-formed. `text` is not empty.
std::size_t utf8_sequence(std::string_view text) noexcept;

// Well-formed throughout and without U+0000: what the server's text and jsonb can hold.
bool is_plain_utf8(std::string_view text) noexcept;

// The text with U+FFFD for each U+0000, for each half of a surrogate pair written as three bytes, and for
// each other ill-formed run: as much of it as begins a sequence, else one byte. `replaced` counts them.
std::string utf8_repaired(std::string_view text, std::size_t& replaced);

}  // namespace llm_admin
