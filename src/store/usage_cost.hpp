// The names of a call's models and what it costs: where usage meets names and prices.
#pragma once

#include <optional>
#include <string>

#include "core/usage/call.hpp"
#include "pg/server.hpp"

namespace llm_admin::store {

struct call_names {
  std::string provider;   // its name where the call names it by an alias; as given where it is not known
  std::string served;     // canonical id of the model that served
  std::string requested;  // and of the one that was asked for
};
call_names names_of_call(const usage::call& call);

struct call_cost {
  std::optional<std::string> cost_usd, list_cost_usd;
  std::optional<std::int64_t> price_id;
  std::string status;
  std::string note;
};
// `by`: the price to take, where one is said.
call_cost cost_of_call(const usage::call& call, const call_names& names, TimestampTz at,
                       std::optional<std::int64_t> by = std::nullopt);

}  // namespace llm_admin::store
