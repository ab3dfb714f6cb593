#include "core/keys/random_token.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "core/crypto/primitives.hpp"

namespace llm_admin {

namespace {

// The character of RFC 4648's table 2 for six bits, by arithmetic: a shift of a negative number is -1, all bits.
std::uint8_t base64url_character(int bits) noexcept {
  int character = 'A' + bits;
  character += ((25 - bits) >> 8) & ('a' - 'A' - 26);
  character -= ((51 - bits) >> 8) & ('a' + 26 - '0');
  character -= ((61 - bits) >> 8) & ('0' + 10 - '-');
  character += ((62 - bits) >> 8) & ('_' - '-' - 1);
  return static_cast<std::uint8_t>(character);
}

bool is_base64url(char c) noexcept {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

// Those that end 256 bits: the last character holds four of them and two zeros.
constexpr std::string_view last_characters = "AEIMQUYcgkosw048";

}  // namespace

secret_bytes make_random_token(std::string_view beginning) {
  secret_bytes bits(random_token_bytes);
  crypto::random_bytes(bits.span());
  secret_bytes text(beginning.size() + random_token_characters);
  std::copy(beginning.begin(), beginning.end(), text.data());
  std::uint8_t* out = text.data() + beginning.size();
  for (std::size_t n = 0; n < random_token_characters; ++n) {
    // Character n holds the bits from 6n on, of two bytes at most; behind the last byte there are zeros.
    const std::size_t at = n * 6 / 8, shift = n * 6 % 8;
    const unsigned next = at + 1 < bits.size() ? bits.data()[at + 1] : 0;
    const unsigned two = unsigned{bits.data()[at]} << 8 | next;
    out[n] = base64url_character(static_cast<int>(two >> (10 - shift) & 63));
  }
  return text;
}

bool has_random_token_form(std::string_view text, std::string_view beginning) noexcept {
  if (text.size() != beginning.size() + random_token_characters || !text.starts_with(beginning)) return false;
  return std::all_of(text.begin() + static_cast<std::ptrdiff_t>(beginning.size()), text.end(),
                     is_base64url) &&
         last_characters.find(text.back()) != std::string_view::npos;
}

}  // namespace llm_admin
