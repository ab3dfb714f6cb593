#include "core/mapping/response/error_kind.hpp"

#include <algorithm>
#include <array>

#include "core/mapping/response/error_words.hpp"

namespace llm_admin::mapping {

namespace {

using enum error_kind;
using namespace error_words;

constexpr std::size_t looked_at = 4000;  // bytes of a message

constexpr std::array<std::string_view, 16> names = {
    "unknown",        "rate_limit", "quota_exhausted", "auth",
    "permission",     "not_found",  "invalid_request", "context_too_long",
    "content_filter", "overloaded", "timeout",         "server",
    "network_cut",    "not_json",   "empty",           "stream_incomplete"};

char small(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

std::string small_text(std::string_view text) {
  std::string out(text.substr(0, looked_at));
  std::transform(out.begin(), out.end(), out.begin(), small);
  return out;
}

// "com.amazon.coral#ThrottlingException:http://…" is the name between the two marks.
std::string letters_of(std::string_view word) {
  std::string out;
  word = word.substr(0, word.find(':'));
  if (const std::size_t mark = word.rfind('#'); mark != std::string_view::npos) word.remove_prefix(mark + 1);
  for (char c : word.substr(0, 100)) {
    const char s = small(c);
    if ((s >= 'a' && s <= 'z') || (s >= '0' && s <= '9')) out += s;
  }
  return out;
}

error_kind meant(const std::vector<std::string>& words, const meaning* from, const meaning* end) {
  for (const std::string& word : words) {
    const std::string letters = letters_of(word);
    const meaning* found = std::find_if(from, end, [&](const meaning& one) { return one.text == letters; });
    if (found != end) return found->kind;
  }
  return unknown;
}

error_kind said(const std::string& message) noexcept {
  const auto found = std::find_if(phrases.begin(), phrases.end(), [&](const meaning& one) {
    return message.find(one.text) != std::string::npos;
  });
  return found == phrases.end() ? unknown : found->kind;
}

error_kind of_status(std::int64_t status) noexcept {
  switch (status) {
    case 401:
      return auth;
    case 402:
      return quota_exhausted;
    case 403:
    case 451:
      return permission;
    case 404:
    case 410:
      return not_found;
    case 408:
    case 504:
    case 522:
    case 524:
      return timeout;
    case 409:  // something else is going on at the vendor's
    case 425:
      return unknown;
    case 413:
      return context_too_long;
    case 424:  // of Bedrock: the model failed
      return server;
    case 429:
      return rate_limit;
    case 498:  // of Groq: no capacity in this tier
    case 503:
    case 529:
      return overloaded;
    case 499:
      return network_cut;
    default:
      return status >= 500 ? server : status >= 400 ? invalid_request : unknown;
  }
}

// What google.rpc.QuotaFailure names: generativelanguage's quotaId ends in PerDay… or PerMinute…. RetryInfo
// says of what a quota refused (429) that it passes; elsewhere (503) it says nothing about the kind.
error_kind of_quotas(const error_facts& facts) {
  const json::node& details = facts.details;
  const bool refused = facts.http_status == 429 || facts.code == 429;
  error_kind kind = unknown;
  for (std::uint32_t n = 0; details.is_array() && n < details.size && n < 100; ++n) {
    const json::node one = details.element(n), violations = one.member("violations"),
                     type = one.member("@type");
    if (refused && kind == unknown && type.is_string() && type.text().ends_with("google.rpc.RetryInfo"))
      kind = rate_limit;
    for (std::uint32_t v = 0; violations.is_array() && v < violations.size && v < 100; ++v) {
      for (std::string_view name : {"quotaId", "quotaMetric", "subject"}) {
        const json::node id = violations.element(v).member(name);
        if (!id.is_string()) continue;
        const std::string text = small_text(id.text());
        if (text.find("perday") != std::string::npos || text.find("per_day") != std::string::npos)
          return quota_exhausted;
        kind = rate_limit;
      }
    }
  }
  return kind;
}

bool by_the_day(const std::string& message) noexcept {
  return std::any_of(daily.begin(), daily.end(),
                     [&](std::string_view one) { return message.find(one) != std::string::npos; });
}

error_kind decide(const error_facts& facts, const std::string& message) {
  if (const error_kind kind = of_quotas(facts); kind != unknown) return kind;
  // Groq and OpenAI call it a rate limit, but waiting does not make the request any smaller.
  if (message.find("request too large") != std::string::npos) return context_too_long;
  if (const error_kind kind = meant(facts.words, exact.begin(), exact.end()); kind != unknown) return kind;
  if (facts.http_status != 401) {
    if (const error_kind kind = said(message); kind != unknown) return kind;
  }
  if (facts.http_status) {
    const error_kind kind = of_status(*facts.http_status);
    if (kind != unknown && kind != invalid_request) return kind;
  }
  if (facts.code && *facts.code >= 400 && *facts.code < 600) {
    if (const error_kind kind = of_status(*facts.code); kind != unknown) return kind;
  }
  if (const error_kind kind = meant(facts.words, vague.begin(), vague.end()); kind != unknown) return kind;
  return facts.http_status ? of_status(*facts.http_status) : unknown;
}

}  // namespace

std::string_view kind_name(error_kind kind) noexcept { return names[static_cast<std::size_t>(kind)]; }

std::optional<error_kind> find_kind(std::string_view name) noexcept {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<error_kind>(found - names.begin());
}

error_kind kind_of(const error_facts& facts) {
  const std::string message = small_text(facts.message);
  const error_kind kind = decide(facts, message);
  return kind == rate_limit && by_the_day(message) ? quota_exhausted : kind;
}

bool goes_away(error_kind kind) noexcept {
  return kind == rate_limit || kind == overloaded || kind == timeout || kind == server ||
         kind == network_cut || kind == empty || kind == stream_incomplete;
}

}  // namespace llm_admin::mapping
