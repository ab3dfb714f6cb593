#include "core/utf8.hpp"

#include <algorithm>

namespace llm_admin {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

// What a lead byte asks for: the sequence's length, 0 for no lead byte, and the range of the second byte.
struct lead_of {
  std::size_t size;
  unsigned char low, high;
};

lead_of read_lead(unsigned char lead) noexcept {
  if (lead < 0x80) return {1, 0, 0};
  if (lead < 0xC2 || lead > 0xF4) return {0, 0, 0};
  const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  const unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  return {size, low, high};
}

unsigned char byte_at(std::string_view text, std::size_t n) noexcept {
  return static_cast<unsigned char>(text[n]);
}

// How many bytes from the beginning belong to the sequence that its lead byte asks for; at least 1.
std::size_t matching(std::string_view text, const lead_of& lead) noexcept {
  if (lead.size < 2 || text.size() < 2) return 1;
  if (byte_at(text, 1) < lead.low || byte_at(text, 1) > lead.high) return 1;
  std::size_t size = 2;
  while (size < std::min(lead.size, text.size()) && (byte_at(text, size) & 0xC0) == 0x80) ++size;
  return size;
}

bool half_of_pair(std::string_view text) noexcept {
  return text.size() >= 3 && byte_at(text, 0) == 0xED && byte_at(text, 1) >= 0xA0 &&
         byte_at(text, 1) <= 0xBF && (byte_at(text, 2) & 0xC0) == 0x80;
}

}  // namespace

std::size_t utf8_sequence(std::string_view text) noexcept {
  const lead_of lead = read_lead(byte_at(text, 0));
  return lead.size != 0 && matching(text, lead) == lead.size ? lead.size : 0;
}

bool is_plain_utf8(std::string_view text) noexcept {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t size = text[at] == '\0' ? 0 : utf8_sequence(text.substr(at));
    if (size == 0) return false;
    at += size;
  }
  return true;
}

std::string utf8_repaired(std::string_view text, std::size_t& replaced) {
  std::string out;
  out.reserve(text.size());
  replaced = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view rest = text.substr(at);
    const std::size_t size = rest[0] == '\0' ? 0 : utf8_sequence(rest);
    if (size > 0) {
      out += rest.substr(0, size);
      at += size;
      continue;
    }
    out += replacement;
    ++replaced;
    at += half_of_pair(rest) ? 3 : matching(rest, read_lead(byte_at(rest, 0)));
  }
  return out;
}

}  // namespace llm_admin
