#include "core/json/decimal.hpp"

#include <algorithm>
#include <charconv>
#include <vector>

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

bool fits_numeric(std::string_view text) noexcept {
  constexpr std::int64_t largest_exponent = 4000;
  constexpr std::size_t most_characters = 10000;
  span_of spans;
  return text.size() <= most_characters && scan(text, spans) && spans.bounded &&
         spans.exponent <= largest_exponent && spans.exponent >= -largest_exponent;
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

namespace {

// Of plain text without an exponent: an integer of at most 18 digits and how many of them stand behind the point.
struct short_decimal {
  std::int64_t value = 0;
  int scale = 0;
};

std::optional<short_decimal> short_of(std::string_view text) noexcept {
  constexpr std::size_t most_characters = 18;
  span_of spans;
  if (text.size() > most_characters || !scan(text, spans) || spans.exponent != 0) return std::nullopt;
  short_decimal made;
  for (const std::string_view digits : {spans.whole, spans.fraction})
    for (const char c : digits) made.value = made.value * 10 + (c - '0');
  if (spans.negative) made.value = -made.value;
  made.scale = static_cast<int>(spans.fraction.size());
  return made;
}

// Brings both to one scale; false when that takes too many digits.
bool same_scale(short_decimal& a, short_decimal& b) noexcept {
  for (; a.scale < b.scale; ++a.scale)
    if (__builtin_mul_overflow(a.value, std::int64_t{10}, &a.value)) return false;
  for (; b.scale < a.scale; ++b.scale)
    if (__builtin_mul_overflow(b.value, std::int64_t{10}, &b.value)) return false;
  return true;
}

}  // namespace

std::optional<int> compare_decimal(std::string_view a, std::string_view b) {
  auto one = short_of(a), other = short_of(b);
  if (one && other && same_scale(*one, *other))
    return (one->value > other->value) - (one->value < other->value);
  const auto left = split(a), right = split(b);
  if (!left || !right) return std::nullopt;
  const auto sign = [](const parts& of) { return of.digits.empty() ? 0 : of.negative ? -1 : 1; };
  if (sign(*left) != sign(*right)) return sign(*left) < sign(*right) ? -1 : 1;
  if (sign(*left) == 0) return 0;
  // Of the same length before the point, digits compare like text: there are no zeros at their end.
  const auto length = [](const parts& of) { return of.scale + static_cast<std::int64_t>(of.digits.size()); };
  int result = left->digits.compare(right->digits);
  if (length(*left) != length(*right)) result = length(*left) < length(*right) ? -1 : 1;
  return (result > 0 ? 1 : result < 0 ? -1 : 0) * sign(*left);
}

std::optional<std::string> decimal_key(std::string_view text) {
  auto value = split(text);
  if (!value) return std::nullopt;
  if (value->digits.empty()) return "0";
  return (value->negative ? "-" : "") + value->digits + "e" + std::to_string(value->scale);
}

std::string plain_decimal(std::string_view text) {
  if (text.find_first_of("eE") == std::string_view::npos && !text.starts_with("-0")) return std::string(text);
  span_of spans;
  if (!scan(text, spans) || !spans.bounded) return std::string(text);
  std::string digits(spans.whole);
  digits += spans.fraction;
  // How many of the digits stand before the point.
  std::int64_t whole = static_cast<std::int64_t>(spans.whole.size()) + spans.exponent;
  if (whole < 1) {
    digits.insert(0, static_cast<std::size_t>(1 - whole), '0');
    whole = 1;
  }
  const auto point = static_cast<std::size_t>(whole);
  if (digits.size() < point) digits.append(point - digits.size(), '0');
  const std::size_t nonzero = digits.find_first_not_of('0');
  if (digits.size() > point) digits.insert(point, 1, '.');
  digits.erase(0, std::min(nonzero, point - 1));
  return (spans.negative && nonzero != std::string::npos ? "-" : "") + digits;
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
  constexpr std::size_t short_digits = 18;
  const std::size_t sign = text.starts_with('-') ? 1 : 0;
  if (text.size() > sign && text.size() <= short_digits && (text[sign] != '0' || text.size() == sign + 1)) {
    std::int64_t value = 0;
    const auto [end, why] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (why == std::errc() && end == text.data() + text.size()) return value;
  }
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

namespace {

constexpr std::int64_t group = 9;  // digits of a limb
constexpr std::int64_t base = 1'000'000'000;

std::int64_t floor_div(std::int64_t value, std::int64_t by) noexcept {
  return value / by - (value % by < 0 ? 1 : 0);
}

// Brings every limb into [0, base); what is left over goes on top. False when the sum is negative.
bool carry(std::vector<std::int64_t>& limbs) {
  std::int64_t over = 0;
  for (std::int64_t& limb : limbs) {
    const std::int64_t value = limb + over;
    over = floor_div(value, base);
    limb = value - over * base;
  }
  if (over < 0) return false;
  for (; over > 0; over /= base) limbs.push_back(over % base);
  return true;
}

}  // namespace

bool decimal_sum::add(std::string_view number) {
  constexpr std::size_t short_digits = 17;
  if (number.size() <= short_digits) {
    std::int64_t value = 0, sum = 0;
    const auto [end, why] = std::from_chars(number.data(), number.data() + number.size(), value);
    const bool whole = why == std::errc() && end == number.data() + number.size() && is_decimal(number);
    if (whole && !__builtin_add_overflow(small_, value, &sum)) {
      small_ = sum;
      return true;
    }
  }
  const auto term = split(number);
  if (!term) return false;
  if (term->digits.empty()) return true;
  std::string digits = term->digits;
  std::int64_t at = floor_div(term->scale, group);
  digits.append(static_cast<std::size_t>(term->scale - at * group), '0');
  const std::int64_t count = (static_cast<std::int64_t>(digits.size()) + group - 1) / group;
  if (limbs_.empty()) low_ = at;
  for (; low_ > at; --low_) limbs_.push_front(0);
  while (low_ + static_cast<std::int64_t>(limbs_.size()) < at + count) limbs_.push_back(0);
  for (std::size_t end = digits.size(); end > 0; ++at) {
    const std::size_t from = end < group ? 0 : end - group;
    std::int64_t value = 0;
    std::from_chars(digits.data() + from, digits.data() + end, value);
    limbs_[static_cast<std::size_t>(at - low_)] += term->negative ? -value : value;
    end = from;
  }
  return true;
}

std::optional<std::string> decimal_sum::text() const {
  if (limbs_.empty()) return std::to_string(small_);
  decimal_sum all = *this;
  for (; all.low_ > 0; --all.low_) all.limbs_.push_front(0);
  while (all.low_ + static_cast<std::int64_t>(all.limbs_.size()) <= 2) all.limbs_.push_back(0);
  std::int64_t rest = small_;
  for (std::int64_t at = 0; rest != 0; ++at, rest /= base) {
    all.limbs_[static_cast<std::size_t>(at - all.low_)] += rest % base;
  }
  std::vector<std::int64_t> limbs(all.limbs_.begin(), all.limbs_.end());
  const bool negative = !carry(limbs);
  if (negative) {
    limbs.assign(all.limbs_.begin(), all.limbs_.end());
    for (std::int64_t& limb : limbs) limb = -limb;
    carry(limbs);
  }
  std::string digits;
  digits.reserve(limbs.size() * group);
  for (std::size_t n = limbs.size(); n-- > 0;) {
    const std::string limb = std::to_string(limbs[n]);
    digits.append(static_cast<std::size_t>(group) - limb.size(), '0').append(limb);
  }
  const std::size_t fraction = static_cast<std::size_t>(-all.low_ * group);
  std::string whole = digits.substr(0, digits.size() - fraction),
              part = digits.substr(digits.size() - fraction);
  whole.erase(0, std::min(whole.find_first_not_of('0'), whole.size()));
  part.erase(part.find_last_not_of('0') + 1);
  if (whole.empty()) whole = "0";
  if (whole.size() + part.size() > max_digits) return std::nullopt;
  if (!part.empty()) whole += "." + part;
  return (negative ? "-" : "") + whole;
}

}  // namespace llm_admin::json
