// validate_schema()'s look at prices: a load takes rates unread, and a call of such a model cannot be priced.
#include <string>

#include "core/error.hpp"
#include "core/pricing/rates.hpp"
#include "ledger/schema_report.hpp"
#include "pg/cursor.hpp"
#include "pg/jsonb.hpp"
#include "pg/scratch.hpp"
#include "store/owner.hpp"
#include "store/tables.hpp"

namespace llm_admin::ledger {

namespace {

// Name, rates, what takes the row away.
pg::statement all_prices{
    "SELECT p.model_id::pg_catalog.text, p.rates, pg_catalog.format("
    "'DELETE FROM llm_admin.model_pricing WHERE model_id = %L', p.model_id) "
    "FROM llm_admin.model_pricing p ORDER BY p.model_id",
    {}};
// Rows of the history stay, so its trigger is off meanwhile.
pg::statement all_former_prices{
    "SELECT pg_catalog.concat(h.model_id, ' ', h.price_id), h.rates, pg_catalog.format("
    "'ALTER TABLE llm_admin.model_price_history DISABLE TRIGGER trg_refuse_price_change; "
    "DELETE FROM llm_admin.model_price_history WHERE price_id = %s; "
    "ALTER TABLE llm_admin.model_price_history ENABLE ALWAYS TRIGGER trg_refuse_price_change', h.price_id) "
    "FROM llm_admin.model_price_history h WHERE h.rates IS NOT NULL ORDER BY h.model_id, h.valid_from",
    {}};

// What is wrong with rates; empty: nothing.
std::string problem_of(const json::node& rates) {
  try {
    (void)pricing::rate_table::read(rates);
    return {};
  } catch (const error& refused) {  // passes no connection to the server
    if (refused.is_fault()) throw;
    return refused.detail().empty() ? refused.message() : refused.detail();
  }
}

std::int64_t check_rates(schema_report& report, const char* kind, pg::statement& of) {
  std::int64_t count = 0;
  pg::cursor rows(of, {});
  pg::scratch memory;
  while (const auto row = rows.next()) {
    memory.reset();
    ++count;
    const std::string problem = problem_of(pg::jsonb_view(row->raw(2, JSONBOID)));
    if (!problem.empty())
      report.fault(kind, row->text(1), "no call can be priced by its rates: " + problem, row->text(3));
  }
  return count;
}

}  // namespace

void check_prices(schema_report& report) {
  const store::as_owner owner;
  if (!store::exists(store::table::model_pricing)) return;  // what 0.6 brings
  std::int64_t before = report.faults();
  add_if_clean(report, before, "price", "model_pricing", check_rates(report, "price", all_prices));
  before = report.faults();
  add_if_clean(report, before, "former price", "model_price_history",
               check_rates(report, "former price", all_former_prices));
}

}  // namespace llm_admin::ledger
