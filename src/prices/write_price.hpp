// How a price comes into the tables, whoever sets it: set_model_price(), an import, the seed prices.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/pricing/rates.hpp"
#include "pg/server.hpp"

namespace llm_admin::prices {

struct new_price {
  std::string_view model_id;
  const pricing::rate_table* rates = nullptr;  // null: withdrawn
  std::string_view currency = "USD";
  std::string_view source = "manual";
  std::optional<std::string_view> provider;
  std::optional<std::int32_t> max_input_tokens, max_output_tokens;
  std::optional<TimestampTz> deprecated_at;
  std::optional<TimestampTz> from;  // nothing: now
};

struct written_price {
  const char* change = "same";  // insert, update, withdraw, same
  std::optional<std::int64_t> price_id;
  std::optional<std::int64_t> price_before;            // that held until now from then on; nothing: none
  std::optional<TimestampTz> holds_from, holds_until;  // until: nothing for the price of now
};

// One after the other for each model: locks the model's row of model_pricing. Writes nothing but what the row says
// besides (source, limits) where the same price holds then already. The caller has looked at model and bounds.
written_price write_price(const new_price& what);

}  // namespace llm_admin::prices
