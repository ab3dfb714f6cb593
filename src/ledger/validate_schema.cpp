// validate_schema(): the catalog compared with the reference that ships, and what a load takes unchecked,
// checked: rows are validated again one by one. repair_schema() runs what the first half tells.
#include <string>

#include "core/error.hpp"
#include "ledger/schema_report.hpp"
#include "pg/entry.hpp"
#include "pg/spi.hpp"

namespace llm_admin::ledger {

void schema_report::add(std::string_view kind, std::string_view object, const char* verdict,
                        std::string_view detail, std::string_view statement) {
  sink_({std::string(kind), std::string(object), verdict, std::string(detail), std::string(statement)});
}

void schema_report::fault(std::string_view kind, std::string_view object, std::string_view detail,
                          std::string_view statement) {
  ++faults_;
  add(kind, object, verdict::error, detail, statement);
}

void schema_report::tell(const schema::finding& found) {
  if (found.verdict == verdict::error) ++faults_;
  sink_(found);
}

void schema_report::run(const char* kind, const char* object, void (*check)(schema_report&)) {
  std::string why;
  std::string mend;
  {
    pg::subtransaction block;
    try {
      check(*this);
      block.release();
      return;
    } catch (const error& e) {
      if (e.is_fault()) throw;
      why = e.message() + (e.detail().empty() ? "" : ": " + e.detail());
      mend = e.hint();
    } catch (const pg::error& e) {
      // Cancelled, out of memory, shut down: no verdict on the schema.
      const std::string_view state = e.sqlstate();
      if (state.starts_with("57") || state.starts_with("53") || state.starts_with("XX")) throw;
      why = std::string(e.message()) +
            (e.reworded_detail().empty() ? "" : ": " + std::string(e.reworded_detail()));
      mend = e.reworded_hint();
    }
  }
  fault(kind, object, std::string(not_looked_at) + why, mend);
}

void add_if_clean(schema_report& report, std::int64_t before, const char* kind, const char* object,
                  std::int64_t rows) {
  if (report.faults() == before)
    report.add(kind, object, verdict::ok, std::to_string(rows) + (rows == 1 ? " row" : " rows"));
}

}  // namespace llm_admin::ledger

using namespace llm_admin;

LLM_ADMIN_FUNCTION(llm_admin_validate_schema)(FunctionCallInfo fcinfo) {
  pg::row_set rows(fcinfo);
  ledger::schema_report report([&](const schema::finding& found) {
    pg::row_builder row;
    row.add_text(found.kind).add_text(found.object).add_text(found.verdict);
    for (const std::string* value : {&found.detail, &found.statement}) {
      if (value->empty())
        row.add_null();
      else
        row.add_text(*value);
    }
    rows.add(row);
  });
  report.run("extension", "llm_admin", ledger::check_extension);
  report.run("catalog", "llm_admin", ledger::check_catalog);
  report.run("month", "logs", ledger::check_months);
  report.run("owner", "llm_admin", ledger::check_owners);
  report.run("grant", "llm_admin", ledger::check_grants);
  report.run("access", "access_grants", ledger::check_access);
  report.run("row security", "llm_configs", ledger::check_row_security);
  report.run("provider", "llm_provider_configs", ledger::check_providers);
  report.run("active provider", "llm_provider_configs", ledger::check_active_provider);
  report.run("provider test", "provider_tests", ledger::check_provider_tests);
  report.run("alias", "provider_aliases", ledger::check_aliases);
  report.run("account", "llm_providers", ledger::check_accounts);
  report.run("reference", "models and tiers", ledger::check_references);
  report.run("price", "model_pricing", ledger::check_prices);
  report.run("tenant", "llm_configs", ledger::check_tenants);
  report.run("data key", "data_keys", ledger::check_data_keys);
  report.run("sequence", "sequences", ledger::check_sequences);
  report.run("level", "access_grants", ledger::check_levels);
  report.run("migration", "schema_migrations", ledger::check_migrations);
  report.add("key", "stored keys", ledger::verdict::not_tried,
             "no key was opened: their forms and data keys alone were looked at",
             "SELECT * FROM llm_admin.verify_keys()");
  report.run("history", "llm_provider_config_history", ledger::check_history);
  return Datum{0};
}
