#include "core/keys/stored_key.hpp"

#include <algorithm>
#include <iterator>

#include "core/crypto/envelope.hpp"
#include "core/keys/openpgp.hpp"

namespace llm_admin {

namespace {

constexpr std::string_view stub_scheme = "kms-stub";

bool is_scheme_character(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

std::string_view without_blanks(std::string_view text) noexcept {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

bool is_listed(std::string_view scheme, std::string_view list) noexcept {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    if (without_blanks(list.substr(0, comma)) == scheme) return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

// The scheme of a text that has the form of a foreign value; empty when it has not.
std::string_view scheme_of(std::string_view text) noexcept {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == text.size()) return {};
  const std::string_view scheme = text.substr(0, colon);
  if (!std::all_of(scheme.begin(), scheme.end(), is_scheme_character)) return {};
  const auto hidden = [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f; };
  if (std::any_of(text.begin(), text.end(), hidden)) return {};
  return scheme;
}

bool is_foreign(std::string_view text, std::string_view schemes, bool allow_stub) noexcept {
  const std::string_view scheme = scheme_of(text);
  if (scheme.empty()) return false;
  return scheme == stub_scheme ? allow_stub : is_listed(scheme, schemes);
}

constexpr std::size_t longest_scheme = 32;  // a UUID, which begins some vendors' raw keys, has 36
constexpr std::string_view beginnings_of_raw_keys[] = {"sk-", "pk-", "key-"};

bool may_be_scheme(std::string_view scheme) noexcept {
  if (scheme.empty() || scheme.size() > longest_scheme || scheme[0] < 'a' || scheme[0] > 'z') return false;
  return std::none_of(std::begin(beginnings_of_raw_keys), std::end(beginnings_of_raw_keys),
                      [&](std::string_view beginning) { return scheme.starts_with(beginning); });
}

}  // namespace

stored_key classify(std::string_view text, std::string_view foreign_schemes, bool allow_stub) {
  if (text.empty()) return stored_key::none;
  if (envelope::has_prefix(text)) {
    const auto sealed = envelope::parse(text);
    if (!sealed) return stored_key::refused;
    return sealed->kind == envelope::kind::bound ? stored_key::bound_envelope : stored_key::unbound_envelope;
  }
  if (is_foreign(text, foreign_schemes, allow_stub)) return stored_key::foreign;
  if (decode_openpgp(text)) return stored_key::openpgp;
  return stored_key::refused;
}

bool has_sealed_form(std::string_view text) {
  if (envelope::has_prefix(text)) return envelope::parse(text).has_value();
  return may_be_scheme(scheme_of(text)) || decode_openpgp(text).has_value();
}

}  // namespace llm_admin
