// Takes off what programs put around characters when they write text into URLs, JSON, HTML and source code.
//
// One layer at a time: %XX and %uXXXX; \uXXXX with surrogate pairs, \xXX and backslashes before any other
// character; &amp; and its like, &#N; and &#xN;. Of a text written twice, JSON within JSON, say, one layer
// leaves what was written once. What is no such escape stays. A '+' for a blank is left to whoever compares.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace llm_admin {

enum class escape_kind : std::uint8_t { url, code, html };  // begin with '%', a backslash, '&'

// What one escape stands for, up to four bytes, and how long it is written; length 0 for none.
struct escape {
  std::size_t length = 0;
  std::size_t size = 0;
  std::array<char, 4> bytes{};

  std::string_view text() const noexcept { return {bytes.data(), size}; }
};

// The escape of this kind that stands at the beginning of `text`.
escape escape_at(std::string_view text, escape_kind kind) noexcept;

// A text with the place in its source that each byte was written at.
struct placed_text {
  std::string text;
  std::vector<std::uint32_t> from;  // one more than text has bytes: the last is the source's length

  // `source` as it is; at most 4 GB. Throws std::bad_alloc only, as peel().
  explicit placed_text(std::string_view source);

  // Takes one layer off and says whether there was any.
  bool peel();
};

}  // namespace llm_admin
