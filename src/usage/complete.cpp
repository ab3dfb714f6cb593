// The triggers of llm_usage_logs: a row that is inserted by hand is dated, named and priced like any other, and no row that
// breaks a rule is shown; the log is not truncated.
#include "core/error.hpp"
#include "core/pricing/cost.hpp"
#include "pg/args.hpp"
#include "pg/entry.hpp"
#include "pg/jsonb.hpp"
#include "pg/numeric.hpp"
#include "pg/row_rules.hpp"
#include "store/load.hpp"
#include "store/own_update.hpp"
#include "store/owner.hpp"
#include "store/trigger.hpp"
#include "store/usage_cost.hpp"
#include "store/usage_log.hpp"

using namespace llm_admin;

namespace {

// A cost of a row; one that sums could not hold is refused.
std::optional<std::string> cost_in(const pg::tuple_image& row, const char* column) {
  if (row.is_null(column)) return std::nullopt;
  auto cost = usage::read_cost(pg::numeric_text(row.value(column).value));
  if (!cost)
    throw error(sqlstate::request_invalid,
                std::string(column) +
                    " must be a number of US dollars of at most 10^12, with at most 60 digits "
                    "behind the point");
  return cost;
}

// What a row says of its call.
usage::call call_of(const pg::tuple_image& row) {
  usage::call call;
  call.provider = row.text("provider");
  call.model = row.text("model_id");
  call.requested_model = row.text("requested_model");
  call.served_model = row.text("served_model");
  call.service_tier = row.text("service_tier");
  call.key_source = row.text("key_source");
  call.estimated = row.boolean("estimated");
  call.counted.input = row.integer("prompt_tokens").value_or(0);
  call.counted.output = row.integer("completion_tokens").value_or(0);
  call.counted.cached = row.integer("cached_tokens").value_or(0);
  call.counted.cache_write = row.integer("cache_write_tokens").value_or(0);
  call.counted.cache_write_1h = row.integer("cache_write_1h_tokens").value_or(0);
  call.counted.reasoning = row.integer("reasoning_tokens").value_or(0);
  call.quantities = row.jsonb("quantities");
  return call;
}

void require_sizes(const pg::tuple_image& row) {
  for (const char* column :
       {"user_id", "model_id", "provider", "source", "tenant_id", "service_tier", "requested_model",
        "served_model", "operation", "team_id", "currency", "request_id"})
    row.require_size(column, pg::most::name, nullptr);
  row.require_size("error_message", pg::most::message, nullptr);
  for (const char* column : {"metadata", "quantities", "limits", "tags"})
    row.require_size(column, pg::most::settings, nullptr);
}

TimestampTz time_of(const pg::tuple_image& row) {
  return row.is_null("timestamp") ? 0 : DatumGetTimestampTz(row.value("timestamp").value);
}

void set_money(pg::tuple_changes& changes, const char* column, const std::optional<std::string>& value) {
  if (!value) return;
  const char* text = value->c_str();
  changes.set(column, pg::call([=] {
                return DirectFunctionCall3(numeric_in, CStringGetDatum(text), ObjectIdGetDatum(InvalidOid),
                                           Int32GetDatum(-1));
              }),
              NUMERICOID);
}

// What record_usage() asks of its arguments besides the table's own rules.
void require_values(const pg::tuple_image& row, const usage::call& call) {
  if (!usage::is_currency(row.text("currency")))
    throw error(sqlstate::request_invalid, "currency must be three capitals, such as EUR");
  if (row.integer("status_code").value_or(0) < 0)
    throw error(sqlstate::request_invalid, "status_code must not be negative");
  (void)pricing::read_quantities(call.quantities);
}

// What was reported: the platform owes nothing of it where the tenant's own key paid.
void take_cost(const pg::tuple_image& row, const std::string& cost, pg::tuple_changes& changes) {
  changes.set_text("cost_status", "reported");
  if (!cost_in(row, "list_cost_usd")) set_money(changes, "list_cost_usd", cost);
  if (row.text("key_source") == "byollm") set_money(changes, "cost_usd", "0");
  changes.set_null("price_id");
}

// The names of a row may be given as the vendor has them.
void complete(const pg::tuple_image& row, pg::tuple_changes& changes) {
  const usage::call call = call_of(row);
  require_values(row, call);
  const store::call_names names = store::names_of_call(call);
  store::require_book_key(row.text("tenant_id"), row.text("user_id"), names.provider, names.served);
  if (names.provider != call.provider) changes.set_text("provider", names.provider);
  if (names.served != call.model) changes.set_text("model_id", names.served);
  if (names.requested != call.requested_model) changes.set_text("requested_model", names.requested);
  const std::int64_t sum = std::int64_t{call.counted.input} + call.counted.output;
  if (sum > usage::most_tokens || sum < -usage::most_tokens)
    throw error(sqlstate::request_invalid, "the sum of input and output tokens must be at most 2147483647");
  const auto total = row.integer("total_tokens");
  if (!total || (*total < sum && row.text("kind") != "correction"))
    changes.set("total_tokens", Int32GetDatum(static_cast<std::int32_t>(sum)), INT4OID);
  if (const auto reported = cost_in(row, "cost_usd")) return take_cost(row, *reported, changes);
  (void)cost_in(row, "list_cost_usd");
  const store::call_cost cost = store::cost_of_call(call, names, time_of(row));
  set_money(changes, "cost_usd", cost.cost_usd);
  set_money(changes, "list_cost_usd", cost.list_cost_usd);
  if (cost.price_id) changes.set("price_id", Int64GetDatum(*cost.price_id), INT8OID);
  changes.set_text("cost_status", cost.status);
}

void note_job(const pg::tuple_image& row) {
  if (row.is_null("job_id") || row.is_null("id")) return;
  const Datum job = row.value("job_id").value;
  const std::int64_t id = DatumGetInt64(row.value("id").value);
  const store::as_owner owner;
  pg::spi sql;
  store::insert_job_usage(sql, job, id, time_of(row));
}

}  // namespace

LLM_ADMIN_FUNCTION(llm_admin_complete_usage)(FunctionCallInfo fcinfo) {
  const store::trigger_call trigger(fcinfo, store::table::usage_log,
                                    {{true, true, {TRIGGER_EVENT_INSERT, TRIGGER_EVENT_UPDATE}}});
  // What record_usage() writes is whole, and the server asks the table's rules of it.
  if (store::own_update::current() == store::own_change::recording) return trigger.unchanged();
  const pg::tuple_image row = trigger.new_row();
  // What a subscription brings is whole; and while rows are loaded the session's role is replica (load_in_any_order).
  const bool as_it_is = SessionReplicationRole == SESSION_REPLICATION_ROLE_REPLICA;
  if (trigger.updates() || store::loading(trigger) || as_it_is) {
    pg::require_row_rules(fcinfo, trigger.table(), row.tuple(),
                          trigger.updates() ? trigger.old_row().tuple() : nullptr);
    return trigger.unchanged();
  }
  require_sizes(row);
  if (!row.is_null("timestamp")) store::require_usage_time(time_of(row));
  pg::require_row_rules(fcinfo, trigger.table(), row.tuple());
  pg::tuple_changes changes(row);
  complete(row, changes);
  const HeapTuple made = changes.apply();
  pg::require_row_rules(fcinfo, trigger.table(), made);
  note_job(row);
  return pg::trigger_call::replaced(made);
}

LLM_ADMIN_FUNCTION(llm_admin_refuse_usage_truncate)(FunctionCallInfo fcinfo) {
  const store::trigger_call trigger(fcinfo, store::table::usage_log,
                                    {{true, false, {TRIGGER_EVENT_TRUNCATE}}});
  throw error(sqlstate::append_only, "llm_usage_logs is append-only", "TRUNCATE was refused",
              "SELECT * FROM llm_admin.apply_retention() drops months that are no more kept");
}
