#include "core/json/plain_utf8.hpp"

#include "core/json/utf8.hpp"

namespace llm_admin {

namespace {

// Of the character that the text begins with; 0: none that may stay.
std::size_t character(std::string_view text) noexcept { return text[0] == '\0' ? 0 : json::sequence(text); }

}  // namespace

bool is_plain_utf8(std::string_view text) noexcept {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t size = character(text.substr(at));
    if (size == 0) return false;
    at += size;
  }
  return true;
}

std::string repaired_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t size = character(text.substr(at));
    out += size > 0 ? text.substr(at, size) : json::replacement_character;
    at += size > 0 ? size : 1;
    while (size == 0 && at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) ++at;
  }
  return out;
}

}  // namespace llm_admin
