// Exact arithmetic-free helpers on the decimal text of JSON numbers. No value ever passes through floating
// point.
//
// Input is a JSON number: -? digits (. digits)? ([eE] [+-]? digits)?. Anything else is "not a number": the
// functions then answer false or nothing, they never throw but std::bad_alloc. Exponents beyond max_exponent
// and texts beyond max_digits are not looked into (false or nothing), so the work is linear in the text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace llm_admin::json {

inline constexpr std::int64_t max_exponent = 100000;
inline constexpr std::size_t max_digits = 140000;      // the server's numeric holds at most 131072 + 16383
inline constexpr std::size_t max_integer_digits = 40;  // of the text that integer_text() writes

bool is_decimal(std::string_view text) noexcept;             // the whole text is one JSON number
bool is_integral(std::string_view text);                     // "5", "5.0", "1e3"; not "0.5"
bool equal_decimal(std::string_view a, std::string_view b);  // by value: 1 == 1.0 == 1e0, 0 == -0
// "5.0" -> "5", "1e3" -> "1000", "-0" -> "0"; nothing when not integral or longer than max_integer_digits.
std::optional<std::string> integer_text(std::string_view text);
std::optional<std::int64_t> to_int64(std::string_view text);  // nothing when not integral or too large

}  // namespace llm_admin::json
