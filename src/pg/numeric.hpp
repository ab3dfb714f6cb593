// numeric and decimal text, both ways; no value passes through floating point.
#pragma once

#include <string>
#include <string_view>

#include "pg/guard.hpp"

namespace llm_admin::pg {

// Of plain decimal text, in the current context. Raises what the server's numeric does not take.
Datum make_numeric(std::string_view decimal_text);
// As the server shows it: digits with a point, or NaN, Infinity.
std::string numeric_text(Datum value);
// True only of 0, told by its length: what most columns of figures hold. False says nothing.
bool is_zero(Datum value) noexcept;

}  // namespace llm_admin::pg
