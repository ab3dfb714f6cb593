// The quotient of two JSON numbers as plain decimal text: exact where it has at most quotient_places digits
// behind the point, else rounded there, halves away from zero.
//
// Nothing, with the reason in `why`, when the divisor is zero, when either is no number, or when the numbers
// or the quotient have more than quotient_digits digits; so the work is bounded.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace llm_admin::json {

inline constexpr std::size_t quotient_places = 20;
inline constexpr std::size_t quotient_digits = 100;

std::optional<std::string> quotient(std::string_view above, std::string_view below, std::string& why);

}  // namespace llm_admin::json
