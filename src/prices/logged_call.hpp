// A row of llm_usage_logs as a call that can be priced: what explain_cost() and reprice() read of the log.
#pragma once

#include <string>

#include "pg/spi.hpp"
#include "store/price.hpp"

// The columns that read_logged_call() reads, of rows l of the log, as the first ones of a statement.
#define LLM_ADMIN_LOGGED_CALL                                                                              \
  "l.id, l.\"timestamp\", l.provider, l.model_id, l.served_model, l.requested_model, l.prompt_tokens, "    \
  "l.completion_tokens, l.cached_tokens, l.cache_write_tokens, l.cache_write_1h_tokens, "                  \
  "l.reasoning_tokens, l.quantities, l.service_tier, l.server_id IS NOT NULL, l.key_source, l.estimated, " \
  "l.cost_status, l.cost_usd, l.list_cost_usd, l.price_id"

namespace llm_admin::prices {

inline constexpr int logged_call_columns = 21;

// Owns its texts.
struct logged_call {
  std::int64_t id = 0;
  TimestampTz at = 0;
  std::string provider, model_id, served_model, requested_model, key_source, cost_status;
  pricing::call call;
  std::optional<std::string> cost_usd, list_cost_usd;
  std::optional<std::int64_t> price_id;

  store::call_to_price to_price() const;
};

logged_call read_logged_call(const pg::row& row);

}  // namespace llm_admin::prices
