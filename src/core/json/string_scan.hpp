// How far strings of JSON text reach, and texts that need no escape. Private to this folder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace llm_admin::json {

// Bytes from `at` on that are neither controls, quote nor backslash; with `ascii`, nor beyond ASCII. Eight at a
// time: each term sets the top bit of some byte when there is one of its kind among them.
template <bool ascii>
std::size_t run_without_escapes(std::string_view text, std::size_t at) noexcept {
  constexpr std::uint64_t ones = 0x0101010101010101, tops = ones * 0x80;
  const std::size_t from = at;
  for (; at + sizeof(std::uint64_t) <= text.size(); at += sizeof(std::uint64_t)) {
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, text.data() + at, sizeof bytes);
    const std::uint64_t quotes = bytes ^ (ones * '"'), slashes = bytes ^ (ones * '\\');
    const std::uint64_t controls = (bytes - ones * 0x20) & ~bytes, beyond = ascii ? bytes : 0;
    if (((beyond | controls | ((quotes - ones) & ~quotes) | ((slashes - ones) & ~slashes)) & tops) != 0)
      break;
  }
  while (at < text.size()) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte < 0x20 || (ascii && byte >= 0x80) || byte == '"' || byte == '\\') break;
    ++at;
  }
  return at - from;
}

// Bytes that stand for themselves in a string that is read: ASCII but controls, quote and backslash.
inline std::size_t plain_run(std::string_view text, std::size_t at) noexcept {
  return run_without_escapes<true>(text, at);
}
// Bytes that stand for themselves in a string that is written.
inline std::size_t unescaped_run(std::string_view text, std::size_t at) noexcept {
  return run_without_escapes<false>(text, at);
}

// The quote that ends a string whose text begins at `from`; npos when there is none.
inline std::size_t closing_quote(std::string_view text, std::size_t from) noexcept {
  for (std::size_t at = text.find('"', from); at != std::string_view::npos; at = text.find('"', at + 1)) {
    std::size_t first = at;
    while (first > from && text[first - 1] == '\\') --first;
    if ((at - first) % 2 == 0) return at;
  }
  return std::string_view::npos;
}

}  // namespace llm_admin::json
