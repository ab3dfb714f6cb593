// Whether rates are of this world: a price in the wrong unit is a thousand or a million times too high or too low,
// and trips every budget on the first call, or none ever.
#pragma once

#include <string>
#include <vector>

#include "core/money/decimal.hpp"
#include "core/pricing/rates.hpp"

namespace llm_admin::pricing {

// In US dollars. Token meters by the thousand lie between the first two, other meters below the third; 0 is
// within.
struct bounds {
  money::decimal least_per_1k, most_per_1k, most_per_unit;
};

// A rate beyond a bound: "input of 135 USD per 1,000 tokens is above 1", and the name of the bound as callers set it.
struct rate_beyond {
  std::string text;
  const char* bound;  // static
};

// What is out of bounds. `usd` is what a unit of the rates' currency is worth. x_ meters and multipliers are not
// looked at.
std::vector<rate_beyond> out_of_bounds(const rate_table& rates, const money::decimal& usd,
                                       const bounds& within);

}  // namespace llm_admin::pricing
