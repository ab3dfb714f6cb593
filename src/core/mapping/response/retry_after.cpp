#include "core/mapping/response/retry_after.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "core/http/date.hpp"
#include "core/json/decimal.hpp"

namespace llm_admin::mapping {

namespace {

constexpr std::size_t longest_text = 2000;       // of a message, that is looked at
constexpr std::int64_t nanoseconds = 1'000'000;  // of a millisecond

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

bool same_name(std::string_view a, std::string_view b) noexcept {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

bool digit(char c) noexcept { return c >= '0' && c <= '9'; }

std::string_view trimmed(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// A number without sign or exponent at the beginning of `text`, which loses it, in units of 10^-9.
std::optional<std::int64_t> take_number(std::string_view& text) noexcept {
  constexpr std::int64_t most = 4'000'000'000'000;  // above all points in time in milliseconds
  std::int64_t whole = 0, part = 0, scale = 1'000'000'000;
  std::size_t at = 0;
  for (; at < text.size() && digit(text[at]); ++at) {
    whole = 10 * whole + (text[at] - '0');
    if (whole > most) return std::nullopt;
  }
  if (at == 0) return std::nullopt;
  if (at + 1 < text.size() && text[at] == '.' && digit(text[at + 1])) {
    for (++at; at < text.size() && digit(text[at]); ++at) {
      scale /= 10;
      part += (text[at] - '0') * scale;
    }
  }
  text.remove_prefix(at);
  // Beyond a hundred years in seconds fractions do not matter, and the product would not fit.
  return whole > 4'000'000'000 ? std::nullopt : std::optional(whole * 1'000'000'000 + part);
}

struct unit {
  std::string_view name;
  std::int64_t milliseconds, divisor;
};
// Longer names first.
constexpr std::array<unit, 13> units = {{{"milliseconds", 1, 1},
                                         {"seconds", 1000, 1},
                                         {"second", 1000, 1},
                                         {"minutes", 60'000, 1},
                                         {"minute", 60'000, 1},
                                         {"hours", 3'600'000, 1},
                                         {"hour", 3'600'000, 1},
                                         {"ms", 1, 1},
                                         {"us", 1, 1000},
                                         {"d", 86'400'000, 1},
                                         {"h", 3'600'000, 1},
                                         {"m", 60'000, 1},
                                         {"s", 1000, 1}}};

// Number and unit, as many as there are, at the beginning of `text`, which loses them.
std::optional<std::int64_t> take_duration(std::string_view& text) noexcept {
  std::int64_t total = 0;  // in milliseconds * nanoseconds
  bool any = false;
  for (std::string_view rest = text; !rest.empty();) {
    const auto number = take_number(rest);
    if (!number) break;
    while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
    const auto found = std::find_if(units.begin(), units.end(), [&](const unit& one) {
      return rest.starts_with(one.name) &&
             (rest.size() == one.name.size() || lower(rest[one.name.size()]) < 'a' ||
              lower(rest[one.name.size()]) > 'z');
    });
    if (found == units.end()) break;
    const std::int64_t most = longest_wait_ms / found->milliseconds;  // of this unit
    if (*number / 1'000'000'000 > most) return std::nullopt;
    const std::int64_t whole = *number / 1'000'000'000, part = *number % 1'000'000'000;
    total += (whole * found->milliseconds * nanoseconds + part / 1000 * found->milliseconds) / found->divisor;
    if (total / nanoseconds > longest_wait_ms) return std::nullopt;
    rest.remove_prefix(found->name.size());
    text = rest;
    any = true;
    while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
  }
  if (!any) return std::nullopt;
  return (total + nanoseconds - 1) / nanoseconds;
}

std::string text_of(const json::node& value) {
  if (value.is_string()) return std::string(trimmed(value.text().substr(0, 100)));
  return value.is_number() ? value.number_text() : std::string();
}

std::optional<std::int64_t> whole_ms(std::string_view text, std::int64_t unit_ms) {
  std::string_view rest = text;
  const auto number = take_number(rest);
  if (!number || !rest.empty()) return std::nullopt;
  const std::int64_t whole = *number / 1'000'000'000, part = *number % 1'000'000'000;
  return whole * unit_ms + (part * unit_ms + 999'999'999) / 1'000'000'000;
}

class reader {
 public:
  explicit reader(const retry_hints& from)
      : from_(from), nested_(from.error.member("metadata").member("headers")) {
    base_ = http_date_ms(header("date"));
    if (!base_) base_ = from.now_ms;
  }

  std::optional<std::int64_t> read() const {
    if (const auto given = sensible(whole_ms(header("retry-after-ms"), 1))) return given;
    if (const std::string given = header("retry-after"); !given.empty()) {
      if (const auto seconds = sensible(whole_ms(given, 1000))) return seconds;
      if (const auto wait = sensible(until(http_date_ms(given)))) return wait;
    }
    if (from_.headers_only) return std::nullopt;
    if (const auto wait = sensible(retry_info())) return wait;
    if (!from_.limited) return std::nullopt;
    if (const auto wait = sensible(resets())) return wait;
    return sensible(message());
  }

 private:
  // A wait that makes no sense says nothing, and the next place is looked at.
  static std::optional<std::int64_t> sensible(std::optional<std::int64_t> wait) noexcept {
    return wait && *wait >= 0 && *wait <= longest_wait_ms ? wait : std::nullopt;
  }

  std::string header(std::string_view name) const {
    const std::string given = text_of(header_value(from_.headers, name));
    return given.empty() ? text_of(header_value(nested_, name)) : given;
  }

  std::optional<std::int64_t> until(std::optional<std::int64_t> point) const noexcept {
    if (!point || !base_) return std::nullopt;
    return std::max<std::int64_t>(*point - *base_, 0);
  }

  std::optional<std::int64_t> retry_info() const {
    const json::node details = from_.error.member("details");
    for (std::uint32_t n = 0; details.is_array() && n < details.size; ++n) {
      const json::node one = details.element(n), type = one.member("@type"), delay = one.member("retryDelay");
      if (!type.is_string() || !type.text().ends_with("google.rpc.RetryInfo")) continue;
      if (delay.is_string()) return duration_ms(delay.text());
      // The form that JSON of older clients has.
      if (const auto seconds = whole_ms(text_of(delay.member("seconds")), 1000)) return seconds;
    }
    return std::nullopt;
  }

  // A reset is a duration, a point in time, or a number: of seconds, or since 1970 in seconds or milliseconds.
  std::optional<std::int64_t> reset(const std::string& text) const {
    if (const auto point = http_date_ms(text)) return until(point);
    if (const auto wait = duration_ms(text)) return wait;
    const auto number = json::to_int64(text);
    if (!number) return whole_ms(text, 1000);
    if (*number > 100'000'000'000) return until(number);
    if (*number > 1'000'000'000) return until(*number * 1000);
    return *number < 0 ? std::nullopt : std::optional(*number * 1000);
  }

  // The longest of those limits that are used up or do not say what remains; else that of tokens, of which
  // there may be some left but too few.
  std::optional<std::int64_t> resets() const {
    struct limit {
      std::string_view reset, remaining;
      bool tokens;
    };
    static constexpr std::array<limit, 7> limits = {
        {{"x-ratelimit-reset-requests", "x-ratelimit-remaining-requests", false},
         {"x-ratelimit-reset-tokens", "x-ratelimit-remaining-tokens", true},
         {"anthropic-ratelimit-requests-reset", "anthropic-ratelimit-requests-remaining", false},
         {"anthropic-ratelimit-input-tokens-reset", "anthropic-ratelimit-input-tokens-remaining", true},
         {"anthropic-ratelimit-output-tokens-reset", "anthropic-ratelimit-output-tokens-remaining", true},
         {"anthropic-ratelimit-tokens-reset", "anthropic-ratelimit-tokens-remaining", true},
         {"x-ratelimit-reset", "x-ratelimit-remaining", false}}};
    std::optional<std::int64_t> used_up, of_tokens;
    for (const limit& one : limits) {
      const std::string text = header(one.reset);
      const auto wait = text.empty() ? std::nullopt : sensible(reset(text));
      if (!wait) continue;
      const std::string remaining = header(one.remaining);
      if (remaining.empty() || remaining == "0") {
        used_up = std::max(used_up.value_or(0), *wait);
      } else if (one.tokens) {
        of_tokens = std::max(of_tokens.value_or(0), *wait);
      }
    }
    return used_up ? used_up : of_tokens;
  }

  std::optional<std::int64_t> message() const {
    static constexpr std::array<std::string_view, 3> before = {"try again in ", "retry in ", "retry after "};
    std::string text(from_.message.substr(0, longest_text));
    std::transform(text.begin(), text.end(), text.begin(), lower);
    for (std::string_view words : before) {
      const std::size_t at = text.find(words);
      if (at == std::string::npos) continue;
      std::string_view rest = std::string_view(text).substr(at + words.size());
      if (const auto wait = take_duration(rest)) return wait;
    }
    return std::nullopt;
  }

  const retry_hints& from_;
  json::node nested_;
  std::optional<std::int64_t> base_;
};

}  // namespace

json::node header_value(const json::node& headers, std::string_view name) noexcept {
  for (std::uint32_t n = 0; headers.is_object() && n < headers.size; ++n) {
    std::string_view key;
    const json::node value = headers.member_at(n, key);
    if (same_name(key, name)) return value.is_array() ? value.element(0) : value;
  }
  return {};
}

std::optional<std::int64_t> duration_ms(std::string_view text) noexcept {
  std::string_view rest = trimmed(text);
  const auto wait = take_duration(rest);
  return rest.empty() ? wait : std::nullopt;
}

std::optional<std::int64_t> retry_after_ms(const retry_hints& from) { return reader(from).read(); }

}  // namespace llm_admin::mapping
