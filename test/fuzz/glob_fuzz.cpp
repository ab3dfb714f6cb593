// Lines as globs, other names of models, and the texts they are held against: a glob and the index of many agree with
// a matcher that tries everything, and a canonical name stays what it is when it is asked for again.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "core/glob.hpp"
#include "core/glob_index.hpp"
#include "core/model_names.hpp"
#include "core/tier_rules.hpp"

using namespace llm_admin;

namespace {

constexpr std::size_t most_lines = 24, longest_line = 96;

void require(bool condition) {
  if (!condition) std::abort();
}

// The characters as core/glob.hpp has them: a byte and up to three that continue it.
std::vector<std::string_view> characters(std::string_view text) {
  std::vector<std::string_view> all;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at + 1;
    while (end < text.size() && end < at + 4 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) ++end;
    all.push_back(text.substr(at, end - at));
    at = end;
  }
  return all;
}

// Row by row: which beginnings of the text the pattern so far matches.
bool matches_by_trying(std::string_view pattern, std::string_view text) {
  const std::vector<std::string_view> of = characters(text);
  std::vector<bool> reached(of.size() + 1);
  reached[0] = true;
  for (const std::string_view one : characters(pattern)) {
    if (one == "*") {
      for (std::size_t n = 1; n <= of.size(); ++n) reached[n] = reached[n] || reached[n - 1];
      continue;
    }
    for (std::size_t n = of.size(); n > 0; --n)
      reached[n] = reached[n - 1] && (one == "?" || one == of[n - 1]);
    reached[0] = false;
  }
  return reached[of.size()];
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> all;
  while (!text.empty() && all.size() < most_lines) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    all.push_back(text.substr(0, std::min(end, longest_line)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return all;
}

// Whether the bytes are whole characters, as the server hands them over; `*` and `?` stand alone then.
bool is_whole(std::string_view text) {
  for (const std::string_view one : characters(text)) {
    const auto first = static_cast<unsigned char>(one.front());
    const std::size_t length = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (one.size() != length || (first & 0xC0) == 0x80) return false;
  }
  return true;
}

void match(const std::vector<std::string_view>& patterns, std::string_view text) {
  std::optional<glob_index::number> first;
  for (std::size_t n = 0; n < patterns.size(); ++n) {
    const bool found = glob_matches(patterns[n], text);
    require(found == matches_by_trying(patterns[n], text));
    if (found && !first) first = static_cast<glob_index::number>(n);
    if (!found || std::count(patterns[n].begin(), patterns[n].end(), '*') != 1) continue;
    const std::string_view star = star_in_glob(patterns[n], text);
    std::string filled(patterns[n]);
    filled.replace(filled.find('*'), 1, star);
    require(filled.find('?') != std::string::npos || filled == text);
  }
  const glob_index index(patterns);
  require(index.first(text) == first);
  if (first) require(index.first(text, [&](auto n) { return n != *first; }) != first);
}

// Of the rules of a tier none that matches goes before the one that decides.
void decide(const std::vector<std::string_view>& patterns, std::string_view text) {
  std::vector<tier_rule> rules;
  for (std::size_t n = 0; n < patterns.size(); ++n)
    rules.push_back({{}, std::string(patterns[n]), n % 3 != 0, {}, {}, static_cast<std::int32_t>(n % 4)});
  const tier_rules of(std::move(rules));
  const tier_rule* found = of.find(text);
  for (const tier_rule& rule : of.in_order()) {
    if (!matches_by_trying(rule.pattern, text)) continue;
    require(found != nullptr && found->priority >= rule.priority);
    if (found->priority != rule.priority) continue;
    const std::size_t mine = literals_in_glob(found->pattern), others = literals_in_glob(rule.pattern);
    require(mine >= others && (mine > others || !found->allowed || rule.allowed));
  }
}

void name(const std::vector<std::string_view>& lines) {
  const std::vector<provider_alias> providers = {
      {"openai", "chatgpt", true}, {"gpt", "chatgpt", false}, {"google", "google_ai", true}};
  const model_names plain(providers, {});
  std::vector<model_alias> aliases;
  for (std::size_t n = 0; n + 1 < lines.size(); n += 2)
    if (!lines[n].empty() && !lines[n + 1].empty() &&
        std::count(lines[n].begin(), lines[n].end(), '*') <= 1 &&
        std::count(lines[n + 1].begin(), lines[n + 1].end(), '*') <=
            std::count(lines[n].begin(), lines[n].end(), '*'))
      aliases.push_back({n % 4 == 0 ? "*" : "openai", std::string(lines[n]), std::string(lines[n + 1]),
                         static_cast<std::int32_t>(n % 3)});
  const model_names aliased(providers, aliases);
  for (const std::string_view model : lines) {
    if (model.empty()) continue;
    for (const std::string_view provider : {"", "chatgpt", "GPT", "openai", "openrouter"}) {
      const model_named given = plain.canonical(provider, model);
      require(given.matched_by == std::string_view("given") && given.canonical.size() >= model.size() / 2);
      require(provider.empty() || given.canonical.starts_with(plain.vendor_of(provider) + '/'));
      require(plain.canonical("", given.canonical).canonical == given.canonical);
      require(plain.canonical(provider, given.canonical).canonical == given.canonical);
      const model_named found = aliased.canonical(provider, model);
      if (found.matched_by == std::string_view("given")) require(found.canonical == given.canonical);
      // All names of a provider lead to the same name of a model.
      if (provider == "GPT") require(found.canonical == aliased.canonical("openai", model).canonical);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::string_view> lines = lines_of(std::string_view(reinterpret_cast<const char*>(data), size));
  std::erase_if(lines, [](std::string_view one) { return !is_whole(one); });
  if (lines.empty()) return 0;
  const std::vector<std::string_view> patterns(lines.begin(), lines.end() - 1);
  for (const std::string_view text : lines) match(patterns, text);
  decide(patterns, lines.back());
  name(lines);
  return 0;
}
