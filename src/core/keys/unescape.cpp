#include "core/keys/unescape.hpp"

#include <cstddef>
#include <numeric>
#include <utility>

namespace llm_admin {

namespace {

int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// The number that `digits` hexadecimal digits at the beginning of `text` make, or -1.
int hex_number(std::string_view text, std::size_t digits) noexcept {
  if (text.size() < digits) return -1;
  int value = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    const int digit = hex_digit(text[i]);
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

void add(escape& to, int byte) noexcept { to.bytes[to.size++] = static_cast<char>(byte); }

escape of_byte(std::size_t length, int byte) noexcept {
  escape made;
  made.length = length;
  add(made, byte);
  return made;
}

escape of_code_point(std::size_t length, int code) noexcept {
  if (code < 0x80) return of_byte(length, code);
  escape made;
  made.length = length;
  if (code < 0x800) {
    add(made, 0xC0 | (code >> 6));
  } else {
    if (code < 0x10000) {
      add(made, 0xE0 | (code >> 12));
    } else {
      add(made, 0xF0 | (code >> 18));
      add(made, 0x80 | ((code >> 12) & 0x3F));
    }
    add(made, 0x80 | ((code >> 6) & 0x3F));
  }
  add(made, 0x80 | (code & 0x3F));
  return made;
}

// `prefix` (one byte and 'u') and four digits, twice for a surrogate pair.
escape of_utf_16(std::string_view text) noexcept {
  const int first = text.size() >= 6 ? hex_number(text.substr(2), 4) : -1;
  if (first < 0) return {};
  if (first < 0xD800 || first > 0xDFFF) return of_code_point(6, first);
  const bool pair = text.size() >= 12 && text[6] == text[0] && text[7] == 'u';
  const int second = pair ? hex_number(text.substr(8), 4) : -1;
  if (first > 0xDBFF || second < 0xDC00 || second > 0xDFFF) return {};
  return of_code_point(12, 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00));
}

escape of_percent(std::string_view text) noexcept {
  if (text.size() > 1 && text[1] == 'u') return of_utf_16(text);
  const int byte = hex_number(text.substr(1), 2);
  return byte < 0 ? escape{} : of_byte(3, byte);
}

escape of_backslash(std::string_view text) noexcept {
  if (text.size() < 2) return {};
  constexpr std::pair<char, char> letters[] = {
      {'b', '\b'}, {'f', '\f'}, {'n', '\n'}, {'r', '\r'}, {'t', '\t'}};
  if (text[1] == 'u') return of_utf_16(text);
  if (text[1] == 'x') {
    const int byte = hex_number(text.substr(2), 2);
    return byte < 0 ? escape{} : of_byte(4, byte);
  }
  for (const auto& [letter, control] : letters)
    if (text[1] == letter) return of_byte(2, control);
  return of_byte(2, text[1]);
}

escape of_ampersand(std::string_view text) noexcept {
  constexpr std::pair<std::string_view, char> names[] = {
      {"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}};
  for (const auto& [name, c] : names)
    if (text.starts_with(name)) return of_byte(name.size(), c);
  if (!text.starts_with("&#")) return {};
  const bool hex = text.size() > 2 && (text[2] == 'x' || text[2] == 'X');
  int code = 0;
  for (std::size_t at = hex ? 3 : 2; at < text.size() && at < 12; ++at) {
    if (text[at] == ';') return at > (hex ? 3u : 2u) && code > 0 ? of_code_point(at + 1, code) : escape{};
    const int digit = hex_digit(text[at]);
    if (digit < 0 || (!hex && digit > 9)) return {};
    code = code * (hex ? 16 : 10) + digit;
    if (code > 0x10FFFF) return {};
  }
  return {};
}

escape any_escape_at(std::string_view text) noexcept {
  switch (text[0]) {
    case '%':
      return of_percent(text);
    case '\\':
      return of_backslash(text);
    case '&':
      return of_ampersand(text);
    default:
      return {};
  }
}

}  // namespace

escape escape_at(std::string_view text, escape_kind kind) noexcept {
  constexpr char begins[] = {'%', '\\', '&'};
  if (text.empty() || text[0] != begins[static_cast<std::size_t>(kind)]) return {};
  return any_escape_at(text);
}

placed_text::placed_text(std::string_view source) : text(source), from(source.size() + 1) {
  std::iota(from.begin(), from.end(), 0U);
}

bool placed_text::peel() {
  const std::string_view source = text;
  std::size_t to = 0;  // never past what is read, so that it is done in place
  bool any = false;
  for (std::size_t at = 0; at < source.size();) {
    const escape found = any_escape_at(source.substr(at));
    const std::uint32_t place = from[at];
    if (found.length == 0) {
      text[to] = source[at++];
      from[to++] = place;
      continue;
    }
    for (std::size_t n = 0; n < found.size; ++n) {
      text[to] = found.bytes[n];
      from[to++] = place;
    }
    at += found.length;
    any = true;
  }
  from[to] = from[source.size()];
  text.resize(to);
  from.resize(to + 1);
  return any;
}

}  // namespace llm_admin
