#include "core/json/decimal.hpp"

#include <algorithm>

namespace llm_admin::json {

namespace {

bool digit(char c) noexcept { return c >= '0' && c <= '9'; }

// A number as sign, significant digits (no zeros at either end) and the power of ten of the last of them.
struct parts {
  bool negative = false;
  std::string digits;  // empty for zero
  std::int64_t scale = 0;
};

struct span_of {
  std::string_view whole, fraction;
  bool negative = false;
  std::int64_t exponent = 0;
  bool bounded = true;
};

// RFC 8259's grammar; false when the text is anything else.
bool scan(std::string_view text, span_of& out) noexcept {
  std::size_t at = 0;
  auto run = [&] {
    const std::size_t from = at;
    while (at < text.size() && digit(text[at])) ++at;
    return text.substr(from, at - from);
  };
  if (at < text.size() && text[at] == '-') {
    out.negative = true;
    ++at;
  }
  out.whole = run();
  if (out.whole.empty() || (out.whole.size() > 1 && out.whole[0] == '0')) return false;
  if (at < text.size() && text[at] == '.') {
    ++at;
    out.fraction = run();
    if (out.fraction.empty()) return false;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    bool negative = false;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) negative = text[at++] == '-';
    const std::string_view digits = run();
    if (digits.empty()) return false;
    std::int64_t value = 0;
    for (char c : digits) value = std::min<std::int64_t>(value * 10 + (c - '0'), max_exponent + 1);
    if (value > max_exponent) out.bounded = false;
    out.exponent = negative ? -value : value;
  }
  return at == text.size();
}

std::optional<parts> split(std::string_view text) {
  span_of spans;
  if (text.size() > max_digits || !scan(text, spans) || !spans.bounded) return std::nullopt;
  parts result;
  result.negative = spans.negative;
  result.digits.reserve(spans.whole.size() + spans.fraction.size());
  result.digits.append(spans.whole).append(spans.fraction);
  result.scale = spans.exponent - static_cast<std::int64_t>(spans.fraction.size());
  const std::size_t last = result.digits.find_last_not_of('0');
  if (last == std::string::npos) return parts{};
  result.scale += static_cast<std::int64_t>(result.digits.size() - last - 1);
  result.digits.erase(last + 1);
  result.digits.erase(0, result.digits.find_first_not_of('0'));
  return result;
}

}  // namespace

bool is_decimal(std::string_view text) noexcept {
  span_of spans;
  return scan(text, spans);
}

bool is_integral(std::string_view text) {
  const auto value = split(text);
  return value && value->scale >= 0;
}

bool equal_decimal(std::string_view a, std::string_view b) {
  const auto left = split(a), right = split(b);
  return left && right && left->negative == right->negative && left->scale == right->scale &&
         left->digits == right->digits;
}

std::optional<std::string> integer_text(std::string_view text) {
  auto value = split(text);
  if (!value || value->scale < 0) return std::nullopt;
  if (value->digits.empty()) return "0";
  if (value->digits.size() + static_cast<std::size_t>(value->scale) > max_integer_digits) return std::nullopt;
  value->digits.append(static_cast<std::size_t>(value->scale), '0');
  return (value->negative ? "-" : "") + value->digits;
}

std::optional<std::int64_t> to_int64(std::string_view text) {
  const auto whole = integer_text(text);
  if (!whole) return std::nullopt;
  const bool negative = (*whole)[0] == '-';
  // Counted down from zero, because the negative range is the larger one.
  std::int64_t value = 0;
  for (char c : std::string_view(*whole).substr(negative ? 1 : 0)) {
    if (__builtin_mul_overflow(value, std::int64_t{10}, &value)) return std::nullopt;
    if (__builtin_sub_overflow(value, std::int64_t{c - '0'}, &value)) return std::nullopt;
  }
  if (!negative && __builtin_sub_overflow(std::int64_t{0}, value, &value)) return std::nullopt;
  return value;
}

}  // namespace llm_admin::json
