#include "core/encoding.hpp"

#include <algorithm>
#include <array>

namespace llm_admin {

namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t invalid = 0xff;

constexpr std::array<std::uint8_t, 256> values = [] {
  std::array<std::uint8_t, 256> table{};
  table.fill(invalid);
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return table;
}();

// All ones when low <= c <= high, else zero; no branch, so that the time tells nothing about c.
constexpr std::int32_t in_range(std::int32_t c, std::int32_t low, std::int32_t high) noexcept {
  return ((low - 1 - c) & (c - high - 1)) >> 31;
}

// The value of a hex digit, -1 for any other byte.
constexpr std::int32_t hex_value(char digit) noexcept {
  const std::int32_t c = static_cast<unsigned char>(digit);
  return -1 + (in_range(c, '0', '9') & (c - '0' + 1)) + (in_range(c, 'a', 'f') & (c - 'a' + 11)) +
         (in_range(c, 'A', 'F') & (c - 'A' + 11));
}

// The value of a digit of base64, -1 for any other byte.
constexpr std::int32_t base64_value(char digit) noexcept {
  const std::int32_t c = static_cast<unsigned char>(digit);
  return -1 + (in_range(c, 'A', 'Z') & (c - 'A' + 1)) + (in_range(c, 'a', 'z') & (c - 'a' + 27)) +
         (in_range(c, '0', '9') & (c - '0' + 53)) + (in_range(c, '+', '+') & 63) +
         (in_range(c, '/', '/') & 64);
}

}  // namespace

void base64url_append(std::string& text, byte_view bytes) {
  const std::size_t start = text.size();
  text.resize(start + base64url_encoded_size(bytes.size()));
  char* out = text.data() + start;
  std::size_t i = 0;
  for (; i + 3 <= bytes.size(); i += 3) {
    const std::uint32_t group =
        std::uint32_t{bytes[i]} << 16 | std::uint32_t{bytes[i + 1]} << 8 | bytes[i + 2];
    *out++ = alphabet[group >> 18];
    *out++ = alphabet[group >> 12 & 63];
    *out++ = alphabet[group >> 6 & 63];
    *out++ = alphabet[group & 63];
  }
  const std::size_t rest = bytes.size() - i;
  if (rest == 0) return;
  const std::uint32_t group =
      std::uint32_t{bytes[i]} << 16 | (rest == 2 ? std::uint32_t{bytes[i + 1]} << 8 : 0);
  *out++ = alphabet[group >> 18];
  *out++ = alphabet[group >> 12 & 63];
  if (rest == 2) *out = alphabet[group >> 6 & 63];
}

std::string base64url_encode(byte_view bytes) {
  std::string text;
  base64url_append(text, bytes);
  return text;
}

std::optional<std::size_t> base64url_decode(std::string_view text, std::span<std::uint8_t> out) noexcept {
  const std::size_t rest = text.size() % 4;
  const std::size_t size = base64url_decoded_size(text.size());
  if (rest == 1 || out.size() < size) return std::nullopt;

  const auto value = [text](std::size_t i) -> std::uint32_t {
    return values[static_cast<unsigned char>(text[i])];
  };
  std::uint8_t* to = out.data();
  std::uint32_t seen = 0;  // every value so far, or-ed: bit 7 is set only by an invalid one
  std::size_t i = 0;
  for (; i + 4 <= text.size(); i += 4) {
    const std::uint32_t a = value(i), b = value(i + 1), c = value(i + 2), d = value(i + 3);
    seen |= a | b | c | d;
    *to++ = static_cast<std::uint8_t>(a << 2 | b >> 4);
    *to++ = static_cast<std::uint8_t>(b << 4 | c >> 2);
    *to++ = static_cast<std::uint8_t>(c << 6 | d);
  }
  std::uint32_t unused = 0;
  if (rest != 0) {
    const std::uint32_t a = value(i), b = value(i + 1);
    seen |= a | b;
    *to++ = static_cast<std::uint8_t>(a << 2 | b >> 4);
    unused = b & 15;
    if (rest == 3) {
      const std::uint32_t c = value(i + 2);
      seen |= c;
      *to++ = static_cast<std::uint8_t>(b << 4 | c >> 2);
      unused = c & 3;
    }
  }
  if ((seen & 0x80) != 0 || unused != 0) return std::nullopt;
  return size;
}

std::string base64_encode(byte_view bytes) {
  std::string text = base64url_encode(bytes);
  std::replace(text.begin(), text.end(), '-', '+');
  std::replace(text.begin(), text.end(), '_', '/');
  return text.append((4 - text.size() % 4) % 4, '=');
}

std::optional<secret_bytes> base64_decode_secret(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  for (int padding = 0; padding < 2 && text.ends_with('='); ++padding) text.remove_suffix(1);
  std::optional<secret_bytes> bytes(std::in_place, base64url_decoded_size(text.size()));
  std::int32_t seen = 0;  // negative once a byte was no digit
  std::uint32_t bits = 0;
  std::size_t held = 0, written = 0;
  for (const char c : text) {
    const std::int32_t value = base64_value(c);
    seen |= value;
    bits = bits << 6 | (static_cast<std::uint32_t>(value) & 63);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes->data()[written++] = static_cast<std::uint8_t>(bits >> held);
  }
  const std::uint32_t unused = bits & ((1U << held) - 1);
  if (seen < 0 || held == 6 || unused != 0) return std::nullopt;
  return bytes;
}

std::string hex_encode(byte_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) {
    text.push_back(digits[byte >> 4]);
    text.push_back(digits[byte & 15]);
  }
  return text;
}

bool hex_decode(std::string_view text, std::span<std::uint8_t> out) noexcept {
  if (text.size() % 2 != 0 || out.size() != text.size() / 2) return false;
  std::int32_t seen = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::int32_t high = hex_value(text[2 * i]);
    const std::int32_t low = hex_value(text[2 * i + 1]);
    seen |= high | low;
    out[i] =
        static_cast<std::uint8_t>(static_cast<std::uint32_t>(high) << 4 | static_cast<std::uint32_t>(low));
  }
  return seen >= 0;
}

std::optional<std::vector<std::uint8_t>> hex_decode(std::string_view text) {
  std::vector<std::uint8_t> bytes(text.size() / 2);
  if (!hex_decode(text, std::span<std::uint8_t>(bytes))) return std::nullopt;
  return bytes;
}

std::optional<secret_bytes> hex_decode_secret(std::string_view text) {
  std::optional<secret_bytes> bytes(std::in_place, text.size() / 2);
  if (!hex_decode(text, bytes->span())) return std::nullopt;
  return bytes;
}

}  // namespace llm_admin
