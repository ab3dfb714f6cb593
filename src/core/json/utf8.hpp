// UTF-8 (RFC 3629), and halves of surrogate pairs that stand alone.
//
// JSON can write one half of a pair by an escape, and a vendor that cuts a text between the two halves sends
// one at the end of this event and the other at the beginning of the next. A lenient parse keeps such a half
// as the three bytes that UTF-8 would have for it (ED A0..BF xx), which no UTF-8 text holds, so that the two
// can be joined. Before a text leaves us the halves that are left become U+FFFD: see sanitize().
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/json/tree.hpp"

namespace llm_admin::json {

inline constexpr std::string_view replacement_character = "\xEF\xBF\xBD";  // U+FFFD
inline constexpr std::size_t half_bytes = 3;

// Bytes of the well-formed sequence that `text`, which is not empty, begins with; 0 when it is ill-formed.
std::size_t sequence(std::string_view text) noexcept;
// Writes a code point, a lone half too, and moves `out` behind it: up to 4 bytes.
void write_utf8(char*& out, std::uint32_t point) noexcept;

bool has_half(std::string_view text) noexcept;
bool ends_in_high_half(std::string_view text) noexcept;
bool begins_with_low_half(std::string_view text) noexcept;
// Puts `more` behind `to`; two halves that meet become their character.
void append_text(std::string& to, std::string_view more);
// The same text with U+FFFD for each half, which has as many bytes; `count` grows by the halves.
void replace_halves(std::string& text, std::size_t& count);

// What was changed so that jsonb can hold a value.
struct replaced {
  std::size_t nulls = 0;       // \u0000
  std::size_t surrogates = 0;  // halves that stood alone
  std::size_t numbers = 0;     // that the server's numeric cannot hold
  bool any() const noexcept { return nulls + surrogates + numbers > 0; }
};

// Replaces the halves in all texts and names of `value` by U+FFFD, in place. `for_jsonb`: numbers that the
// server's numeric cannot hold become their text, too. Slices of the source (tree.hpp) stay. Borrowed values
// are not looked into. Iterative; linear in the value.
void sanitize(tree& out, item* value, bool for_jsonb, replaced& counts);

}  // namespace llm_admin::json
