// Exact helpers on the decimal text of JSON numbers: comparison and addition, and nothing more. No value ever
// passes through floating point.
//
// Input is a JSON number: -? digits (. digits)? ([eE] [+-]? digits)?. Anything else is "not a number": the
// functions then answer false or nothing, they never throw but std::bad_alloc. Exponents beyond max_exponent
// and texts beyond max_digits are not looked into (false or nothing), so the work is linear in the text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace llm_admin::json {

inline constexpr std::int64_t max_exponent = 100000;
inline constexpr std::size_t max_digits = 140000;      // the server's numeric holds at most 131072 + 16383
inline constexpr std::size_t max_integer_digits = 40;  // of the text that integer_text() writes

bool is_decimal(std::string_view text) noexcept;  // the whole text is one JSON number
// A number that the server's numeric surely takes: at most 10,000 characters, an exponent of at most 4,000.
bool fits_numeric(std::string_view text) noexcept;
bool is_integral(std::string_view text);                     // "5", "5.0", "1e3"; not "0.5"
bool equal_decimal(std::string_view a, std::string_view b);  // by value: 1 == 1.0 == 1e0, 0 == -0
// Below zero, zero, above zero as `a` is less than, equal to or more than `b`; nothing when either is no
// number or beyond the bounds.
std::optional<int> compare_decimal(std::string_view a, std::string_view b);
// One text for all the texts of a value, to hash it by; not for showing.
std::optional<std::string> decimal_key(std::string_view text);
// As the server's numeric shows it: no exponent, no sign before zero, the fraction's digits kept ("-0.5e2" ->
// "-50", "1.50e1" -> "15.0", "1e-2" -> "0.01"). Unchanged when it is so already, no number or beyond the
// bounds.
std::string plain_decimal(std::string_view text);
// "5.0" -> "5", "1e3" -> "1000", "-0" -> "0"; nothing when not integral or longer than max_integer_digits.
std::optional<std::string> integer_text(std::string_view text);
std::optional<std::int64_t> to_int64(std::string_view text);  // nothing when not integral or too large

// An exact sum. Adding a term is linear in the term's own digits whatever the sum has grown to: digits are
// kept in groups of nine that carry only when the sum is read. Starts at 0.
class decimal_sum {
 public:
  bool add(std::string_view number);  // false: no number or beyond the bounds; the sum is then as before
  // Plain decimal text, without an exponent and without zeros at the end of a fraction; nothing when it would
  // be longer than max_digits.
  std::optional<std::string> text() const;

 private:
  std::int64_t small_ = 0;          // what came as short integers
  std::deque<std::int64_t> limbs_;  // the rest: limb n counts 10^(9 * (low_ + n)), any sign and size
  std::int64_t low_ = 0;
};

}  // namespace llm_admin::json
