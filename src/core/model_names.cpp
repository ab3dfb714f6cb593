#include "core/model_names.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "core/glob.hpp"
#include "core/text.hpp"

namespace llm_admin {

namespace {

// As CHECK of llm_provider_configs has it, in either case.
bool is_provider_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    const char lower = ascii_lower(c);
    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

// Blanks of one byte to three, as UTF-8: U+0020, 0085, 00A0, 1680, 2000 to 200F, 2028 to 202F, 205F, 2060, 3000, FEFF.
bool is_blank(std::string_view character) noexcept {
  for (const std::string_view one : {" ", "\xC2\x85", "\xC2\xA0", "\xE1\x9A\x80", "\xE2\x81\x9F",
                                     "\xE2\x81\xA0", "\xE3\x80\x80", "\xEF\xBB\xBF"})
    if (character == one) return true;
  if (character.size() != 3 || !character.starts_with("\xE2\x80")) return false;
  const auto last = static_cast<unsigned char>(character[2]);
  return (last >= 0x80 && last <= 0x8F) || (last >= 0xA8 && last <= 0xAF);
}

}  // namespace

bool has_outer_blank(std::string_view model) noexcept {
  for (;;) {
    const std::size_t end = std::min(model.find('/'), model.size());
    const std::string_view part = model.substr(0, end);
    for (std::size_t length = 1; length <= 3 && length <= part.size(); ++length)
      if (is_blank(part.substr(0, length)) || is_blank(part.substr(part.size() - length))) return true;
    if (end == model.size()) return false;
    model.remove_prefix(end + 1);
  }
}

// What a call names: the provider and its vendor, and the model without and with the vendor in front.
struct model_names::parts {
  std::string provider, vendor;
  std::string_view rest;
  std::string full;
};

model_names::model_names(std::vector<provider_alias> providers, std::vector<model_alias> aliases)
    : aliases_(std::move(aliases)) {
  // Of several public ones the first in order of bytes.
  std::sort(providers.begin(), providers.end(), [](const auto& a, const auto& b) {
    return std::tie(a.alias, a.provider) < std::tie(b.alias, b.provider);
  });
  for (const provider_alias& one : providers) {
    providers_.emplace(one.alias, one.provider);
    const auto [known, is_new] = vendors_.emplace(one.provider, one.provider);
    if (one.is_public && (is_new || known->second == one.provider)) known->second = one.alias;
  }
  std::sort(aliases_.begin(), aliases_.end(), [](const model_alias& a, const model_alias& b) {
    const auto key = [](const model_alias& of) {
      const std::int64_t first = -static_cast<std::int64_t>(of.priority);
      return std::tuple<bool, std::int64_t, std::int64_t, std::int64_t, std::string_view, std::string_view>(
          !is_literal_glob(of.pattern), first, -static_cast<std::int64_t>(literals_in_glob(of.pattern)),
          -static_cast<std::int64_t>(literals_in_glob(of.provider)), of.pattern, of.provider);
    };
    return key(a) < key(b);
  });
  std::vector<std::string_view> patterns;
  for (const model_alias& one : aliases_) {
    if (!is_literal_glob(one.pattern)) break;
    patterns.emplace_back(one.pattern);
  }
  exact_ = patterns.size();
  exact_index_ = glob_index(patterns);
  patterns.clear();
  for (std::size_t n = exact_; n < aliases_.size(); ++n) patterns.emplace_back(aliases_[n].pattern);
  pattern_index_ = glob_index(patterns);
}

std::string model_names::provider_behind(std::string_view name) const {
  std::string lower = ascii_lower(name);
  const auto found = providers_.find(lower);
  return found == providers_.end() ? lower : found->second;
}

std::string model_names::vendor_of(std::string_view provider) const {
  std::string behind = provider_behind(provider);
  const auto found = vendors_.find(behind);
  return found == vendors_.end() ? behind : found->second;
}

model_names::parts model_names::parts_of(std::string_view provider, std::string_view model) const {
  parts made;
  made.rest = model;
  const std::size_t slash = model.find('/');
  const std::string in_front = slash != std::string_view::npos && is_provider_name(model.substr(0, slash))
                                   ? provider_behind(model.substr(0, slash))
                                   : std::string();
  made.provider = provider.empty() ? in_front : provider_behind(provider);
  if (made.provider.empty()) {
    made.full = model;
    return made;
  }
  made.vendor = vendor_of(made.provider);
  if (in_front == made.provider) made.rest = model.substr(slash + 1);
  made.full = made.vendor + '/';
  made.full += made.rest;
  return made;
}

const model_alias* model_names::find(const glob_index& index, std::size_t offset, const parts& of,
                                     std::string_view& matched) const {
  const auto accepts = [&](glob_index::number n) {
    const std::string& wanted = aliases_[offset + n].provider;
    return glob_matches(wanted, of.vendor) || (of.vendor != of.provider && glob_matches(wanted, of.provider));
  };
  const auto by_rest = index.first(of.rest, accepts);
  const auto by_full = of.full == of.rest ? by_rest : index.first(of.full, accepts);
  if (!by_rest && !by_full) return nullptr;
  const bool rest_wins = by_rest && (!by_full || *by_rest <= *by_full);
  matched = rest_wins ? of.rest : std::string_view(of.full);
  return &aliases_[offset + (rest_wins ? *by_rest : *by_full)];
}

model_named model_names::canonical(std::string_view provider, std::string_view model) const {
  parts of = parts_of(provider, model);
  std::string_view matched;
  if (const model_alias* exact = find(exact_index_, 0, of, matched)) return {exact->canonical, "alias"};
  const model_alias* by_pattern = find(pattern_index_, exact_, of, matched);
  if (by_pattern == nullptr) return {std::move(of.full), "given"};
  std::string canonical = by_pattern->canonical;
  if (const std::size_t star = canonical.find('*'); star != std::string::npos)
    canonical.replace(star, 1, star_in_glob(by_pattern->pattern, matched));
  return {std::move(canonical), "pattern"};
}

}  // namespace llm_admin
