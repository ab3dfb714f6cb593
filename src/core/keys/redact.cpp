#include "core/keys/redact.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace llm_admin {

namespace {

constexpr std::size_t head = 5;
constexpr std::size_t tail = 3;
constexpr std::size_t shortest_shown = 20;

// Bytes of the well-formed UTF-8 sequence that begins `text` (Unicode standard, table 3-7); 0 when there is
// none.
std::size_t sequence_length(std::string_view text) noexcept {
  const auto byte = [text](std::size_t i) -> unsigned {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const auto continues = [byte](std::size_t i) { return (byte(i) & 0xc0U) == 0x80U; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return continues(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    const unsigned low = first == 0xe0 ? 0xa0 : 0x80;
    const unsigned high = first == 0xed ? 0x9f : 0xbf;
    return byte(1) >= low && byte(1) <= high && continues(2) ? 3 : 0;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    const unsigned low = first == 0xf0 ? 0x90 : 0x80;
    const unsigned high = first == 0xf4 ? 0x8f : 0xbf;
    return byte(1) >= low && byte(1) <= high && continues(2) && continues(3) ? 4 : 0;
  }
  return 0;
}

}  // namespace

std::optional<mask_parts> mask_parts_of(std::string_view key) noexcept {
  std::size_t characters = 0;
  std::size_t head_end = 0;
  std::size_t starts[tail] = {};  // where the last characters begin, as a ring
  for (std::size_t at = 0; at < key.size();) {
    const std::size_t length = sequence_length(key.substr(at));
    if (length == 0) return std::nullopt;
    starts[characters % tail] = at;
    at += length;
    if (++characters == head) head_end = at;
  }
  if (characters < shortest_shown) return std::nullopt;
  return mask_parts{head_end, starts[characters % tail]};  // the oldest in the ring
}

std::string mask_key(std::string_view key) {
  const auto shown = mask_parts_of(key);
  if (!shown) return "***";
  std::string masked(key.substr(0, shown->head_end));
  masked += "***";
  masked += key.substr(shown->tail_start);
  return masked;
}

std::string_view shortened(std::string_view text, std::size_t max_bytes) noexcept {
  if (text.size() <= max_bytes) return text;
  while (max_bytes > 0 && (static_cast<unsigned char>(text[max_bytes]) & 0xc0U) == 0x80U) --max_bytes;
  return text.substr(0, max_bytes);
}

}  // namespace llm_admin
