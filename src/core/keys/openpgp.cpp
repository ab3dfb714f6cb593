#include "core/keys/openpgp.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "core/encoding.hpp"

namespace llm_admin {

namespace {

using octet_string = std::vector<std::uint8_t>;

constexpr std::string_view armor_begin = "-----BEGIN PGP MESSAGE-----";
constexpr std::string_view armor_end = "-----END PGP MESSAGE-----";

enum tag : unsigned { public_key_session = 1, symmetric_key_session = 3, encrypted = 9, encrypted_mdc = 18 };

std::string_view trimmed(std::string_view text) noexcept {
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

// Cuts the next line, without its end and trailing blanks, off `text`.
std::string_view take_line(std::string_view& text) noexcept {
  const std::size_t end = std::min(text.find('\n'), text.size());
  std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == '\t'))
    line.remove_suffix(1);
  return line;
}

// Standard base64 with its padding, read through the strict base64url decoder.
std::optional<octet_string> base64_decode(std::string text) {
  if (text.size() % 4 != 0) return std::nullopt;
  for (int padding = 0; padding < 2 && !text.empty() && text.back() == '='; ++padding) text.pop_back();
  for (char& c : text) {
    if (c == '-' || c == '_') return std::nullopt;
    if (c == '+') c = '-';
    if (c == '/') c = '_';
  }
  octet_string decoded(base64url_decoded_size(text.size()));
  if (!base64url_decode(text, decoded)) return std::nullopt;
  return decoded;
}

// RFC 4880 section 6.1: generator 0x864CFB, initial value 0xB704CE.
std::uint32_t crc24(byte_view data) noexcept {
  std::uint32_t crc = 0xb704ce;
  for (const std::uint8_t byte : data) {
    crc ^= std::uint32_t{byte} << 16;
    for (int bit = 0; bit < 8; ++bit) {
      crc <<= 1;
      if ((crc & 0x1000000) != 0) crc ^= 0x1864cfb;
    }
  }
  return crc & 0xffffff;
}

std::optional<octet_string> armor_decode(std::string_view text) {
  if (take_line(text) != armor_begin) return std::nullopt;
  for (;;) {  // headers, ended by an empty line
    if (text.empty()) return std::nullopt;
    const std::string_view line = take_line(text);
    if (line.empty()) break;
    if (line.find(": ") == std::string_view::npos && line.back() != ':') return std::nullopt;
  }
  std::string body;
  std::string_view checksum;
  for (;;) {
    if (text.empty()) return std::nullopt;
    const std::string_view line = take_line(text);
    if (line == armor_end) break;
    if (!checksum.empty()) return std::nullopt;
    if (line.size() == 5 && line.front() == '=') {
      checksum = line.substr(1);
    } else {
      body += line;
    }
  }
  if (!text.empty()) return std::nullopt;
  auto decoded = base64_decode(std::move(body));
  if (decoded && !checksum.empty()) {
    const auto stated = base64_decode(std::string(checksum));
    if (!stated || stated->size() != 3) return std::nullopt;
    const std::uint32_t expected =
        std::uint32_t{(*stated)[0]} << 16 | std::uint32_t{(*stated)[1]} << 8 | (*stated)[2];
    if (crc24(*decoded) != expected) return std::nullopt;
  }
  return decoded;
}

struct packet {
  unsigned tag = 0;
  byte_view body;
  byte_view rest;
};

// The packet that begins `data`, section 4.2. Partial and indeterminate lengths are not for session keys:
// nothing.
std::optional<packet> first_packet(byte_view data) noexcept {
  if (data.size() < 2 || (data[0] & 0x80) == 0) return std::nullopt;
  packet found;
  std::size_t header = 2;
  std::size_t length = data[1];
  const auto number = [data](std::size_t from, std::size_t octets) {
    std::size_t value = 0;
    for (std::size_t i = from; i < from + octets; ++i) value = value << 8 | data[i];
    return value;
  };
  if ((data[0] & 0x40) != 0) {
    found.tag = data[0] & 63;
    if (length >= 224 && length < 255) return std::nullopt;
    if (length >= 192) header = length == 255 ? 6 : 3;
    if (data.size() < header) return std::nullopt;
    if (header == 3) length = ((length - 192) << 8) + data[2] + 192;
    if (header == 6) length = number(2, 4);
  } else {
    found.tag = data[0] >> 2 & 15;
    const unsigned type = data[0] & 3;
    if (type == 3) return std::nullopt;
    header = std::size_t{1} + (std::size_t{1} << type);
    if (data.size() < header) return std::nullopt;
    length = number(1, header - 1);
  }
  if (length > data.size() - header) return std::nullopt;
  found.body = data.subspan(header, length);
  found.rest = data.subspan(header + length);
  return found;
}

template <std::size_t N>
bool one_of(unsigned value, const std::array<unsigned, N>& known) noexcept {
  return std::find(known.begin(), known.end(), value) != known.end();
}

bool is_session_key(byte_view body) noexcept {
  constexpr std::array ciphers{1U, 2U,  3U,  4U,  7U, 8U,
                               9U, 10U, 11U, 12U, 13U};       // section 9.2, Camellia RFC 5581
  constexpr std::array hashes{1U, 2U, 3U, 8U, 9U, 10U, 11U};  // section 9.4
  if (body.size() < 4 || body[0] != 4 || !one_of(body[1], ciphers) || !one_of(body[3], hashes)) return false;
  std::size_t size = 0;
  switch (body[2]) {  // section 3.7.1, the type octet included
    case 0:
      size = 2;
      break;
    case 1:
      size = 10;
      break;
    case 3:
      size = 11;
      break;
    default:
      return false;
  }
  // What follows the S2K is an encrypted session key, with its algorithm octet at most 33 bytes.
  return body.size() >= 2 + size && body.size() <= 2 + size + 33;
}

bool is_symmetric_message(byte_view data) noexcept {
  const auto first = first_packet(data);
  if (!first || first->tag != symmetric_key_session || !is_session_key(first->body)) return false;
  if (first->rest.empty() || (first->rest[0] & 0x80) == 0) return false;
  const unsigned next = first->rest[0] & 0x40 ? first->rest[0] & 63 : first->rest[0] >> 2 & 15;
  return one_of(next,
                std::array<unsigned, 4>{public_key_session, symmetric_key_session, encrypted, encrypted_mdc});
}

}  // namespace

std::optional<std::vector<std::uint8_t>> decode_openpgp(std::string_view text) {
  text = trimmed(text);
  std::optional<octet_string> message;
  if (text.starts_with(armor_begin)) {
    message = armor_decode(text);
  } else {
    if (text.starts_with("\\x")) text.remove_prefix(2);
    message = hex_decode(text);
  }
  if (message && !is_symmetric_message(*message)) message.reset();
  return message;
}

}  // namespace llm_admin
