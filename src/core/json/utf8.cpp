#include "core/json/utf8.hpp"

#include <algorithm>
#include <vector>

#include "core/json/decimal.hpp"

namespace llm_admin::json {

namespace {

constexpr char half_lead = '\xED';

unsigned char byte_of(char c) noexcept { return static_cast<unsigned char>(c); }

// A half of one kind has its second byte in a range of sixteen.
bool half_at(std::string_view text, std::size_t at, unsigned char from, unsigned char to) noexcept {
  if (text.size() < at + half_bytes || text[at] != half_lead) return false;
  const unsigned char second = byte_of(text[at + 1]);
  return second >= from && second <= to && (byte_of(text[at + 2]) & 0xC0) == 0x80;
}

std::size_t next_half(std::string_view text, std::size_t from) noexcept {
  for (std::size_t at = text.find(half_lead, from); at != std::string_view::npos;
       at = text.find(half_lead, at + 1)) {
    if (half_at(text, at, 0xA0, 0xBF)) return at;
  }
  return std::string_view::npos;
}

std::uint32_t low_bits(std::string_view half) noexcept {
  return (std::uint32_t{byte_of(half[1])} & 0x0F) << 6 | (std::uint32_t{byte_of(half[2])} & 0x3F);
}

}  // namespace

std::size_t sequence(std::string_view text) noexcept {
  auto byte = [&](std::size_t n) { return byte_of(text[n]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < size) return 0;
  const unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  if (byte(1) < low || byte(1) > high) return 0;
  for (std::size_t n = 2; n < size; ++n) {
    if ((byte(n) & 0xC0) != 0x80) return 0;
  }
  return size;
}

void write_utf8(char*& out, std::uint32_t point) noexcept {
  auto tail = [&](unsigned shift) { *out++ = static_cast<char>(0x80 | ((point >> shift) & 0x3F)); };
  if (point < 0x80) {
    *out++ = static_cast<char>(point);
  } else if (point < 0x800) {
    *out++ = static_cast<char>(0xC0 | (point >> 6));
    tail(0);
  } else if (point < 0x10000) {
    *out++ = static_cast<char>(0xE0 | (point >> 12));
    tail(6);
    tail(0);
  } else {
    *out++ = static_cast<char>(0xF0 | (point >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

bool has_half(std::string_view text) noexcept { return next_half(text, 0) != std::string_view::npos; }

bool ends_in_high_half(std::string_view text) noexcept {
  return text.size() >= half_bytes && half_at(text, text.size() - half_bytes, 0xA0, 0xAF);
}

bool begins_with_low_half(std::string_view text) noexcept { return half_at(text, 0, 0xB0, 0xBF); }

void append_text(std::string& to, std::string_view more) {
  if (!begins_with_low_half(more) || !ends_in_high_half(to)) {
    to += more;
    return;
  }
  const std::uint32_t high = low_bits(std::string_view(to).substr(to.size() - half_bytes));
  char character[4];
  char* end = character;
  write_utf8(end, 0x10000 + (high << 10) + low_bits(more));
  to.resize(to.size() - half_bytes);
  to.append(character, end);
  to += more.substr(half_bytes);
}

void replace_halves(std::string& text, std::size_t& count) {
  for (std::size_t at = next_half(text, 0); at != std::string::npos; at = next_half(text, at + half_bytes)) {
    text.replace(at, half_bytes, replacement_character);
    ++count;
  }
}

void sanitize(tree& out, item* value, bool for_jsonb, replaced& counts) {
  const auto clean = [&](std::string_view text) {
    std::string made(text);
    replace_halves(made, counts.surrogates);
    return out.keep(made);
  };
  std::vector<item*> open{value};
  while (!open.empty()) {
    item* here = open.back();
    open.pop_back();
    if (here->is_borrowed) continue;
    if (here->type == kind::string && has_half(here->text)) here->text = clean(here->text);
    if (for_jsonb && here->type == kind::number && !fits_numeric(here->text)) {
      here->type = kind::string;
      ++counts.numbers;
    }
    bool renamed = false;
    for (item* child : here->children()) {
      if (here->type == kind::object && has_half(child->key)) {
        child->key = clean(child->key);
        renamed = true;
      }
      open.push_back(child);
    }
    if (!renamed) continue;
    const std::string_view source = here->text;
    out.unify(here);
    here->text = source;
  }
}

}  // namespace llm_admin::json
