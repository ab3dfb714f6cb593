#include "core/given_name.hpp"

#include <algorithm>
#include <cstddef>

#include "core/json/text.hpp"
#include "core/keys/redact.hpp"
#include "core/similar.hpp"
#include "core/text.hpp"

namespace llm_admin {

namespace {

constexpr std::size_t longest_name = 24;
constexpr std::size_t longest_literal = 200;
constexpr std::size_t longest_header = 40;
constexpr std::size_t shortest_key = 16;

bool is_control(char c) noexcept { return static_cast<unsigned char>(c) < ' ' || c == 0x7F; }

bool has_the_form_of_a_name(std::string_view text) noexcept {
  return !text.empty() && text.size() <= longest_name && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

bool is_letter(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool is_plain_word(std::string_view text, std::size_t most) noexcept {
  return !text.empty() && text.size() <= most &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_letter(c) || c == '-' || c == '_'; });
}

bool is_told(std::string_view member) noexcept {
  return member.size() <= shortest_key || is_plain_word(member, longest_name) ||
         has_the_form_of_a_name(member);
}

// A long text is never near: a third of it may differ.
bool is_near(std::string_view given, std::span<const std::string_view> known) {
  return !given.empty() && given.size() <= 2 * longest_name &&
         std::none_of(given.begin(), given.end(), is_control) && !nearest(given, known, 1).empty();
}

std::string length_of(std::string_view given) {
  const std::size_t count = characters_in(given);
  return "(a text of " + std::to_string(count) + (count == 1 ? " character)" : " characters)");
}

}  // namespace

std::string named_or_length(std::string_view given, std::span<const std::string_view> known) {
  if (has_the_form_of_a_name(given) || is_near(given, known)) return std::string(given);
  return length_of(given);
}

std::string quoted_or_length(std::string_view given, std::span<const std::string_view> known) {
  if (has_the_form_of_a_name(given) || is_near(given, known)) return '"' + std::string(given) + '"';
  return length_of(given);
}

std::string quoted_member(std::string_view given, std::span<const std::string_view> known) {
  return is_told(given) || is_near(given, known) ? json::quoted(given) : length_of(given);
}

std::string member_named(std::string_view given) {
  return is_told(given) ? std::string(given) : length_of(given);
}

std::string nameable(std::string pointer) {
  bool header = false;
  for (std::size_t at = 0; at < pointer.size();) {
    const std::size_t end = std::min(pointer.find('/', at + 1), pointer.size());
    const std::string_view token = std::string_view(pointer).substr(at + 1, end - at - 1);
    if (!is_told(token) && !(header && is_plain_word(token, longest_header))) {
      pointer.resize(at);
      pointer.shrink_to_fit();
      break;
    }
    header = token == "headers";
    at = end;
  }
  return pointer;
}

std::string header_named(std::string_view name) {
  return is_plain_word(name, longest_header) ? std::string(name) : named_or_length(name);
}

std::string value_or_size(const json::node& value) {
  std::string whole = json::excerpt(value, value.is_number() ? 40 : shortest_key + 2);
  if (value.is_number() || !whole.ends_with("...")) return whole;
  if (value.is_string()) return quoted_or_length(value.text());
  return "of " + std::to_string(value.size) + (value.is_array() ? " elements" : " members");
}

std::string tenant_named(std::string_view id, bool stored) {
  return "tenant " + (stored ? std::string(shortened(id, longest_literal)) : named_or_length(id));
}

std::string tenant_literal(std::string_view id, bool stored) {
  constexpr std::string_view otherwise = "'<tenant>'";
  return stored || has_the_form_of_a_name(id) ? sql_literal(id, otherwise) : std::string(otherwise);
}

std::string sql_literal(std::string_view text, std::string_view otherwise) {
  if (text.empty() || text.size() > longest_literal || std::any_of(text.begin(), text.end(), is_control))
    return std::string(otherwise);
  std::string made = text.find('\\') == std::string_view::npos ? "'" : "E'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') made += c;
    made += c;
  }
  return made += '\'';
}

}  // namespace llm_admin
