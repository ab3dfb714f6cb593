#include "core/json/quotient.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "core/json/decimal.hpp"

namespace llm_admin::json {

namespace {

// digits * 10^scale; no digits for zero.
struct scaled {
  bool negative = false;
  std::string digits;
  std::int64_t scale = 0;
};

std::optional<scaled> read(std::string_view text) {
  const auto key = decimal_key(text);  // [-]digits e scale, or 0
  if (!key) return std::nullopt;
  scaled made;
  if (*key == "0") return made;
  const std::size_t e = key->find('e');
  made.negative = key->starts_with('-');
  made.digits = key->substr(made.negative, e - made.negative);
  made.scale = to_int64(key->substr(e + 1)).value_or(0);
  if (made.digits.size() > quotient_digits) return std::nullopt;
  return made;
}

// Whole numbers as digits without zeros in front: is a < b?
bool less(const std::string& a, const std::string& b) noexcept {
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

// a -= b, where b is not more than a.
void subtract(std::string& a, const std::string& b) {
  int borrow = 0;
  for (std::size_t n = 0; n < a.size(); ++n) {
    char& digit = a[a.size() - 1 - n];
    const int minus = borrow + (n < b.size() ? b[b.size() - 1 - n] - '0' : 0);
    const int value = digit - '0' - minus;
    borrow = value < 0;
    digit = static_cast<char>('0' + value + 10 * borrow);
  }
  a.erase(0, std::min(a.find_first_not_of('0'), a.size()));
}

// above / below, rounded to a whole number, halves up. Long division, digit by digit.
std::string divide(const std::string& above, const std::string& below) {
  std::string result, rest;
  const auto digit_of = [&](char next) {
    if (!rest.empty() || next != '0') rest += next;
    char digit = '0';
    for (; !less(rest, below); ++digit) subtract(rest, below);
    return digit;
  };
  for (char next : above) result += digit_of(next);
  if (digit_of('0') >= '5') {
    std::size_t at = result.size();
    while (at > 0 && result[at - 1] == '9') result[--at] = '0';
    if (at == 0)
      result.insert(0, 1, '1');
    else
      ++result[at - 1];
  }
  result.erase(0, std::min(result.find_first_not_of('0'), result.size()));
  return result;
}

}  // namespace

std::optional<std::string> quotient(std::string_view above, std::string_view below, std::string& why) {
  auto a = read(above), b = read(below);
  if (!a || !b) {
    why = "a number of the quotient has too many digits";
    return std::nullopt;
  }
  if (b->digits.empty()) {
    why = "the quotient is by zero";
    return std::nullopt;
  }
  // a / b in units of the last place; a factor of ten on one side makes both whole.
  const std::int64_t shift = a->scale - b->scale + static_cast<std::int64_t>(quotient_places);
  const auto most = static_cast<std::int64_t>(2 * quotient_digits + quotient_places);
  if (a->digits.empty() || shift < -most) return "0";
  if (shift > most) {
    why = "the quotient has too many digits";
    return std::nullopt;
  }
  (shift > 0 ? a->digits : b->digits).append(static_cast<std::size_t>(std::abs(shift)), '0');
  std::string digits = divide(a->digits, b->digits);
  if (digits.empty()) return "0";
  if (digits.size() > quotient_digits + quotient_places) {
    why = "the quotient has too many digits";
    return std::nullopt;
  }
  if (digits.size() <= quotient_places) digits.insert(0, quotient_places + 1 - digits.size(), '0');
  std::string fraction = digits.substr(digits.size() - quotient_places);
  digits.resize(digits.size() - quotient_places);
  fraction.erase(fraction.find_last_not_of('0') + 1);
  if (!fraction.empty()) digits += "." + fraction;
  return (a->negative != b->negative ? "-" : "") + digits;
}

}  // namespace llm_admin::json
