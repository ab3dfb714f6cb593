// Bytes as text: base64 and base64url (RFC 4648 sections 4 and 5), and hexadecimal.
//
// base64url here is canonical: no padding, no white space, unused bits of the last character zero, so that
// exactly one text stands for a run of bytes. Decoders reject everything else and never throw but
// std::bad_alloc. Lookups are by table and fast; they are meant for ciphertext, not for plaintext secrets
// (hex of root keys and base64 of signing secrets are decoded without a table).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/secret_bytes.hpp"

namespace llm_admin {

using byte_view = std::span<const std::uint8_t>;

inline byte_view as_bytes(std::string_view text) noexcept {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(byte_view bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Characters for `bytes` bytes, and bytes for `characters` characters (rounded down; 4n+1 is never valid).
constexpr std::size_t base64url_encoded_size(std::size_t bytes) noexcept {
  return bytes / 3 * 4 + (bytes % 3 == 0 ? 0 : bytes % 3 + 1);
}
constexpr std::size_t base64url_decoded_size(std::size_t characters) noexcept {
  return characters / 4 * 3 + characters % 4 * 3 / 4;
}

std::string base64url_encode(byte_view bytes);
void base64url_append(std::string& text, byte_view bytes);

// Decodes into `out` and gives the number of bytes written. Nothing when the text is not canonical or `out`
// is smaller than base64url_decoded_size(text.size()); what `out` then holds is unspecified.
std::optional<std::size_t> base64url_decode(std::string_view text, std::span<std::uint8_t> out) noexcept;

// With '+', '/' and padding.
std::string base64_encode(byte_view bytes);
// Of base64 with its padding and without anything else, canonical as above. Runs without branches or lookups that
// depend on the secret, but for the length and whether it is base64 at all.
std::optional<secret_bytes> base64_decode_secret(std::string_view text);

// Lower-case hex.
std::string hex_encode(byte_view bytes);

// Both cases accepted, an even number of digits and nothing else. The first form runs without
// secret-dependent branches or lookups, writes text.size() / 2 bytes and is false when `out` has another
// size.
bool hex_decode(std::string_view text, std::span<std::uint8_t> out) noexcept;
std::optional<std::vector<std::uint8_t>> hex_decode(std::string_view text);
std::optional<secret_bytes> hex_decode_secret(std::string_view text);

}  // namespace llm_admin
