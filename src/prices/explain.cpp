// explain_cost: what a row of the log was charged for, meter by meter.
#include "core/error.hpp"
#include "pg/args.hpp"
#include "pg/entry.hpp"
#include "pg/numeric.hpp"
#include "pg/result.hpp"
#include "prices/logged_call.hpp"

using namespace llm_admin;

namespace {

// With the caller's rights: row-level security shows the rows of the tenant entered.
pg::statement find_logged_call{
    "SELECT " LLM_ADMIN_LOGGED_CALL
    " FROM llm_admin.llm_usage_logs l WHERE l.id OPERATOR(pg_catalog.=) $1 LIMIT 1",
    {INT8OID}};

std::string missing_of(const pricing::cost_line& line) {
  if (line.by == nullptr) return "no price";
  std::string all;
  for (const std::string& key : line.missing) all.append(all.empty() ? "no " : ", no ").append(key);
  return all;
}

void add_money(pg::row_builder& row, const std::optional<std::string>& amount) {
  if (amount)
    row.add(pg::make_numeric(*amount), NUMERICOID);
  else
    row.add_null();
}

void add_line(pg::row_set& out, const pricing::cost_line& line, const store::priced_call& priced) {
  pg::row_builder row;
  row.add_text(line.meter);
  add_money(row, line.quantity.text());
  if (line.by != nullptr)
    row.add_text(line.by->key).add(pg::make_numeric(line.by->value.text()), NUMERICOID);
  else
    row.add_null().add_null();
  constexpr int thousand = 1000;
  row.add_integer(line.by_thousand ? thousand : 1);
  add_money(row, priced.cost.multiplier.text());
  row.add_text(priced.price->currency);
  if (line.by != nullptr)
    add_money(row, line.cost.text());
  else
    row.add_null();
  row.add_text(missing_of(line));
  out.add(row);
}

std::string total_note(const prices::logged_call& logged, const store::priced_call& priced) {
  std::string note = logged.cost_status;
  if (logged.price_id) {
    note += ", price " + std::to_string(*logged.price_id);
    if (priced.price != nullptr) note += " of " + priced.price->model_id;
  }
  if (logged.list_cost_usd && logged.list_cost_usd != logged.cost_usd)
    note += ", by the list " + *logged.list_cost_usd + " USD";
  for (const std::string& one : priced.cost.notes) note += ", " + one;
  return note;
}

}  // namespace

LLM_ADMIN_FUNCTION(llm_admin_explain_cost)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  if (in.is_null(0)) throw error(sqlstate::null_not_allowed, "argument usage_id must not be null");
  const std::int64_t id = DatumGetInt64(in.raw(0, INT8OID));
  prices::logged_call logged;
  {
    pg::spi sql;
    sql.run(find_logged_call, {pg::value(id)}, true);
    const auto row = sql.first();
    if (!row)
      throw error(
          sqlstate::undefined_object, "there is no row " + std::to_string(id) + " in llm_usage_logs", "",
          "SELECT id, \"timestamp\", model_id FROM llm_admin.llm_usage_logs ORDER BY id DESC LIMIT 10");
    logged = prices::read_logged_call(*row);
  }
  const store::priced_call priced = store::price_call(logged.to_price(), logged.price_id);
  pg::row_set rows(fcinfo);
  for (const pricing::cost_line& line : priced.cost.lines) add_line(rows, line, priced);
  // The sum is what the row says: an exchange rate that was entered later changes no row.
  pg::row_builder total;
  total.add_text("total").add_null().add_null().add_null().add_null().add_null().add_text("USD");
  add_money(total, logged.cost_usd);
  total.add_text(total_note(logged, priced));
  rows.add(total);
  return Datum{0};
}
