// Globs: `*` stands for any run of characters, of none and with `/` in it too, `?` for one character, and every
// other character for itself. Case counts, and nothing escapes a wildcard.
//
// The work is in proportion to the text and a 64th of the pattern, whatever stands in the pattern. Throws
// std::bad_alloc only.
#pragma once

#include <cstddef>
#include <string_view>

namespace llm_admin {

bool glob_matches(std::string_view pattern, std::string_view text);

// Characters that stand for themselves: what makes one pattern more exact than another.
std::size_t literals_in_glob(std::string_view pattern) noexcept;

inline bool is_literal_glob(std::string_view pattern) noexcept {
  return pattern.find_first_of("*?") == std::string_view::npos;
}

// What the one `*` of a pattern stands for in a text that matches it; empty where the pattern has none.
std::string_view star_in_glob(std::string_view pattern, std::string_view text) noexcept;

}  // namespace llm_admin
