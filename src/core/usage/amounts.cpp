// Amounts of money in a row of the log.
#include <algorithm>

#include "core/json/decimal.hpp"
#include "core/money/decimal.hpp"
#include "core/usage/call.hpp"

namespace llm_admin::usage {

std::optional<std::string> read_cost(std::string_view text) {
  const auto cost = money::decimal::from_text(text);
  const money::decimal most(most_dollars);
  if (!cost || *cost > most || *cost < -most) return std::nullopt;
  return json::plain_decimal(text);
}

bool is_currency(std::string_view text) noexcept {
  return text.size() == 3 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

}  // namespace llm_admin::usage
