// The price of a model at a time, and what a call costs by it.
//
// Prices are rows of model_price_history, which never change: a session keeps those it has read by their
// price_id. A call costs what held at its time; see core/pricing for how.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/pricing/cost.hpp"
#include "core/pricing/rates.hpp"
#include "pg/server.hpp"

namespace llm_admin::store {

struct price {
  std::int64_t id;  // price_id
  std::string model_id;
  std::string currency;
  pricing::rate_table rates;
};

// The price that holds at `at`; null when there is none, or it was withdrawn. By what is committed and what
// this transaction has done.
std::shared_ptr<const price> price_at(std::string_view model_id, TimestampTz at);
std::shared_ptr<const price> price_by_id(std::int64_t price_id);
// What a unit of the currency was worth in US dollars at `at`; 1 for USD, nothing where no rate holds.
std::optional<money::decimal> usd_at(std::string_view currency, TimestampTz at);

struct call_to_price {
  std::string_view provider;         // as the call names it
  std::string_view served_model;     // as the vendor wrote it; may be empty
  std::string_view model_id;         // canonical id of the served one
  std::string_view requested_model;  // canonical id of the requested one
  TimestampTz at = 0;
  pricing::call call;
};

struct priced_call {
  std::shared_ptr<const store::price> price;  // null: none
  pricing::cost cost;                         // its lines point into the price
  // For columns: decimal text, nothing for NULL.
  std::optional<std::string> cost_usd() const;
  std::optional<std::string> list_cost_usd() const;
  std::string_view status() const noexcept { return pricing::name_of(cost.status); }
};

// The one way that a call is priced: record_usage(), direct INSERTs into the log, reprice(). Does not throw for
// what is not known: the status and the notes say so. `by` instead of looking for a price (explain_cost()).
priced_call price_call(const call_to_price& what, std::optional<std::int64_t> by = std::nullopt);

}  // namespace llm_admin::store
