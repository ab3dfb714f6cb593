#include "core/uuid.hpp"

#include <cstddef>

namespace llm_admin {

namespace {

constexpr std::size_t uuid_characters = 36;

constexpr bool is_uuid_dash(std::size_t at) noexcept { return at == 8 || at == 13 || at == 18 || at == 23; }

int uuid_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

}  // namespace

std::optional<uuid_bytes> read_uuid(std::string_view text) noexcept {
  if (text.size() != uuid_characters) return std::nullopt;
  uuid_bytes read{};
  std::size_t at = 0;
  for (std::size_t n = 0; n < text.size(); ++n) {
    if (is_uuid_dash(n)) {
      if (text[n] != '-') return std::nullopt;
      continue;
    }
    const int digit = uuid_digit(text[n]);
    if (digit < 0) return std::nullopt;
    read[at / 2] = static_cast<std::uint8_t>(at % 2 == 0 ? digit << 4 : read[at / 2] | digit);
    ++at;
  }
  return read;
}

std::string uuid_string(const uuid_bytes& id) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(uuid_characters);
  for (const std::uint8_t byte : id) {
    if (is_uuid_dash(text.size())) text += '-';
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

}  // namespace llm_admin
