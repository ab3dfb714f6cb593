#include "prices/logged_call.hpp"

#include "pg/jsonb.hpp"
#include "pg/numeric.hpp"

namespace llm_admin::prices {

namespace {

std::optional<std::string> money_in(const pg::row& row, int column) {
  if (row.is_null(column)) return std::nullopt;
  return pg::numeric_text(row.raw(column, NUMERICOID));
}

}  // namespace

store::call_to_price logged_call::to_price() const {
  return {provider, served_model, model_id, requested_model, at, call};
}

logged_call read_logged_call(const pg::row& row) {
  logged_call made;
  made.id = row.bigint(1);
  made.at = DatumGetTimestampTz(row.raw(2, TIMESTAMPTZOID));
  made.provider = row.text(3);
  made.model_id = row.text(4);
  made.served_model = row.text(5);
  made.requested_model = row.text(6);
  pricing::usage& usage = made.call.usage;
  usage.prompt_tokens = row.integer(7);
  usage.completion_tokens = row.integer(8);
  usage.cached_tokens = row.integer(9);
  usage.cache_write_tokens = row.integer(10);
  usage.cache_write_1h_tokens = row.integer(11);
  usage.reasoning_tokens = row.integer(12);
  usage.quantities = pricing::read_quantities(pg::jsonb_view(row.raw(13, JSONBOID)));
  made.call.service_tier = row.text(14);
  made.call.local_server = row.boolean(15);
  made.key_source = row.text(16);
  if (made.key_source == "byollm") made.call.key_source = pricing::key_source::byollm;
  made.call.estimated = row.boolean(17);
  made.cost_status = row.text(18);
  made.call.from_cache = made.cost_status == "cached";
  made.cost_usd = money_in(row, 19);
  made.list_cost_usd = money_in(row, 20);
  if (!row.is_null(21)) made.price_id = row.bigint(21);
  if (made.cost_status == "reported" && made.cost_usd)
    made.call.reported_usd = money::decimal::from_text(*made.cost_usd);
  return made;
}

}  // namespace llm_admin::prices
