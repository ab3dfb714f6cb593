#include "core/redact.hpp"

#include <algorithm>
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

int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

enum class escapes { none, url, json };

// Bytes at the beginning of `text` that stand for `c`, escaped or not; 0 when they do not.
std::size_t written_length(std::string_view text, char c, escapes with) noexcept {
  if (with == escapes::url && text.size() >= 3 && text[0] == '%') {
    const int high = hex_digit(text[1]), low = hex_digit(text[2]);
    if (high >= 0 && low >= 0 && high * 16 + low == static_cast<unsigned char>(c)) return 3;
  }
  if (with == escapes::json && text.size() >= 2 && text[0] == '\\' && text[1] == c) return 2;
  return !text.empty() && text[0] == c ? 1 : 0;
}

// Where mask_key() stops and goes on showing `key`, in bytes; nothing when it shows none of it.
struct shown_parts {
  std::size_t head_end;
  std::size_t tail_start;
};

std::optional<shown_parts> shown_of(std::string_view key) noexcept {
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
  return shown_parts{head_end, starts[characters % tail]};  // the oldest in the ring
}

// Where the word that goes on at `from` ends, in a sentence, a URL or JSON: at punctuation that is none of
// the secret's own.
std::size_t word_end(std::string_view text, std::size_t from, std::string_view secret) noexcept {
  constexpr std::string_view ends = " \"'`<>()[]{},;&", marks = ".:!?";
  const auto ends_word = [=](char c) {
    if (static_cast<unsigned char>(c) < 0x20) return true;
    return ends.find(c) != ends.npos && secret.find(c) == secret.npos;
  };
  std::size_t at = from;
  while (at < text.size() && !ends_word(text[at])) ++at;
  while (at > from && marks.find(text[at - 1]) != marks.npos) --at;
  return at;
}

// Bytes of `secret` at the beginning of `text`, else of a word that begins with `head_size` bytes of it; 0
// when there is neither. What follows these must not matter, or a key could be guessed letter by letter.
std::size_t quoted_length(std::string_view text, std::string_view secret, std::size_t head_size) noexcept {
  std::size_t whole = 0, word = 0;
  for (const escapes with : {escapes::none, escapes::url, escapes::json}) {
    std::size_t at = 0;
    std::size_t matched = 0;
    while (matched < secret.size()) {
      const std::size_t length = written_length(text.substr(at), secret[matched], with);
      if (length == 0) break;
      at += length;
      if (++matched == head_size) word = std::max(word, word_end(text, at, secret));
    }
    if (matched == secret.size()) whole = std::max(whole, at);
  }
  return whole > 0 ? whole : word;
}

}  // namespace

std::string mask_key(std::string_view key) {
  const auto shown = shown_of(key);
  if (!shown) return "***";
  std::string masked(key.substr(0, shown->head_end));
  masked += "***";
  masked += key.substr(shown->tail_start);
  return masked;
}

std::string scrub(std::string text, std::string_view secret) {
  if (secret.empty()) return text;
  const auto shown = shown_of(secret);
  const std::size_t head_size = shown ? shown->head_end : 0;
  std::string clean;
  std::size_t kept = 0;  // up to here the text is in `clean`
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = quoted_length(std::string_view(text).substr(at), secret, head_size);
    if (length == 0) {
      ++at;
      continue;
    }
    clean.append(text, kept, at - kept) += "***";
    kept = at += length;
  }
  if (kept == 0) return text;
  return clean.append(text, kept);
}

std::string_view shortened(std::string_view text, std::size_t max_bytes) noexcept {
  if (text.size() <= max_bytes) return text;
  while (max_bytes > 0 && (static_cast<unsigned char>(text[max_bytes]) & 0xc0U) == 0x80U) --max_bytes;
  return text.substr(0, max_bytes);
}

}  // namespace llm_admin
