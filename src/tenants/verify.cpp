// verify_llm_configs: one call for what the runbook of the scripts before 0.1 did by hand.
#include <string>

#include "core/error.hpp"
#include "pg/entry.hpp"
#include "pg/result.hpp"
#include "pg/spi.hpp"
#include "store/entered_tenant.hpp"
#include "store/owner.hpp"
#include "store/schema_drift.hpp"

using namespace llm_admin;

namespace {

pg::statement select_columns{
    "SELECT pg_catalog.count(*), pg_catalog.string_agg(a.attname::pg_catalog.text, ', ' ORDER BY a.attnum), "
    "pg_catalog.string_agg(a.attname::pg_catalog.text OPERATOR(pg_catalog.||) ' ' OPERATOR(pg_catalog.||) "
    "pg_catalog.format_type(a.atttypid, a.atttypmod), ', ' ORDER BY a.attnum) "
    "FROM pg_catalog.pg_attribute a WHERE a.attrelid OPERATOR(pg_catalog.=) "
    "'llm_admin.llm_configs'::pg_catalog.regclass::pg_catalog.oid AND a.attnum OPERATOR(pg_catalog.>) "
    "0::pg_catalog.int2 AND NOT a.attisdropped",
    {}};
pg::statement select_indexes{
    "SELECT pg_catalog.count(*), pg_catalog.string_agg(c.relname::pg_catalog.text, ', ' ORDER BY c.relname), "
    "COALESCE(pg_catalog.bool_and(i.indisvalid AND i.indisunique), false) FROM pg_catalog.pg_index i "
    "JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) i.indexrelid "
    "WHERE i.indrelid OPERATOR(pg_catalog.=) 'llm_admin.llm_configs'::pg_catalog.regclass::pg_catalog.oid "
    "AND c.relname OPERATOR(pg_catalog.=) ANY "
    "('{llm_configs_pkey,llm_configs_tenant_id_key}'::pg_catalog.name[])",
    {}};
// Null stands for all tenants. By provider first, of which there are few.
pg::statement select_counts{
    "SELECT COALESCE(pg_catalog.sum(g.configurations), 0)::pg_catalog.int8, "
    "COALESCE(pg_catalog.sum(g.without_key), 0)::pg_catalog.int8, "
    "COALESCE(pg_catalog.sum(g.configurations) FILTER (WHERE k.name IS NULL), 0)::pg_catalog.int8 "
    "FROM (SELECT pg_catalog.lower(c.provider COLLATE pg_catalog.\"C\") AS name, "
    "pg_catalog.count(*) AS configurations, "
    "pg_catalog.count(*) FILTER (WHERE c.api_key_encrypted OPERATOR(pg_catalog.=) '') AS without_key "
    "FROM llm_admin.llm_configs c WHERE $1 IS NULL OR c.tenant_id OPERATOR(pg_catalog.=) $1 "
    "GROUP BY pg_catalog.lower(c.provider COLLATE pg_catalog.\"C\")) g LEFT JOIN "
    "(SELECT p.provider_name::pg_catalog.text AS name FROM llm_admin.llm_provider_configs p UNION "
    "SELECT a.alias FROM llm_admin.provider_aliases a JOIN llm_admin.llm_provider_configs p "
    "ON p.provider_name OPERATOR(pg_catalog.=) a.provider_name) k ON k.name OPERATOR(pg_catalog.=) g.name",
    {TEXTOID}};
pg::statement any_provider{"SELECT 1 FROM llm_admin.llm_provider_configs p LIMIT 1", {}};
pg::statement insert_probe{
    "INSERT INTO llm_admin.llm_configs (tenant_id, provider, api_key_encrypted) "
    "SELECT 'llm_admin verification ' OPERATOR(pg_catalog.||) pg_catalog.gen_random_uuid()::pg_catalog.text, "
    "p.provider_name::pg_catalog.text, $1 FROM llm_admin.llm_provider_configs p ORDER BY p.id LIMIT 1",
    {TEXTOID}};

// A pgcrypto value, which may stand in a key column whatever the settings say. Made up: it opens nothing.
constexpr std::string_view probe_key = "\\xc30d04070302111111111111111160d20101";

constexpr std::string_view seed_columns =
    "id, tenant_id, provider, api_key_encrypted, base_url, default_model, policy, last_tested_at, "
    "last_test_result, last_test_latency, created_at, updated_at";

class report {
 public:
  explicit report(FunctionCallInfo fcinfo) : rows_(fcinfo) {}

  void add(const char* item, bool good, const std::string& detail, const char* otherwise = "error") {
    pg::row_builder row;
    row.add_text(item).add_text(good ? "ok" : otherwise).add_text(detail);
    rows_.add(row);
  }

  void look() {
    const store::as_owner owner;
    pg::spi sql;
    sql.run(select_columns, {}, true);
    {
      const pg::row row = *sql.first();
      add("columns", row.bigint(1) == 12 && row.text(2) == seed_columns,
          std::to_string(row.bigint(1)) + ": " + row.text(3));
    }
    sql.run(select_indexes, {}, true);
    {
      const pg::row row = *sql.first();
      add("indexes", row.bigint(1) == 2 && row.boolean(3),
          std::to_string(row.bigint(1)) + ": " + row.maybe_text(2).value_or("none"));
    }
    add_guards();
    sql.run(select_counts, {pg::value(store::entered_tenant())}, true);
    const pg::row row = *sql.first();
    add("configurations", true, std::to_string(row.bigint(1)));
    add("without a key", true, std::to_string(row.bigint(2)));
    add("of unknown providers", row.bigint(3) == 0, std::to_string(row.bigint(3)), "warning");
  }

  // Row security and the triggers, by the comparison behind validate_schema(): no ok for what differs from
  // the install in anything, nor for what was not compared.
  void add_guards() {
    const store::drift drift = store::schema_drift();
    const auto say = [&](const char* item, bool (*concerns)(const schema::finding&), const char* as_made) {
      if (!drift.not_compared.empty()) return add(item, false, drift.not_compared, "not compared");
      std::string found;
      for (const schema::finding& one : drift.findings)
        if (one.verdict == "error" && concerns(one))
          found += (found.empty() ? "" : "; ") + one.kind + ' ' + one.object + ": " + one.detail;
      add(item, found.empty(), found.empty() ? as_made : found);
    };
    say(
        "row-level security",
        [](const schema::finding& one) {
          return (one.kind == "policy" && one.object.ends_with(" on llm_admin.llm_configs")) ||
                 (one.kind == "table" && one.object == "llm_admin.llm_configs") ||
                 (one.kind == "function" && one.object == "llm_admin.entered_tenant()");
        },
        "enabled, policy tenant_isolation");
    say(
        "triggers",
        [](const schema::finding& one) {
          return one.kind == "trigger" && one.object.ends_with(" on llm_admin.llm_configs");
        },
        "2 of 2 enabled");
  }

  // A row whose key needs no keyring; the subtransaction always takes it back.
  void write() {
    if (RecoveryInProgress() || XactReadOnly) return add("write", false, "skipped: read-only", "info");
    if (!has_provider()) return add("write", false, "skipped: there is no provider yet", "info");
    std::string why;
    try {
      const pg::subtransaction attempt;
      const store::as_owner owner;
      pg::spi sql;
      if (sql.run(insert_probe, {pg::value(probe_key)}) == 0)
        why = "no row was stored: another trigger suppressed it";
    } catch (const error& refused) {
      if (refused.is_fault()) throw;
      why = refused.message();
    } catch (const pg::error& refused) {
      if (refused.is_fault()) throw;
      why = refused.message();
    }
    add("write", why.empty(), why.empty() ? "a row was written and taken back" : why);
  }

 private:
  static bool has_provider() {
    const store::as_owner owner;
    pg::spi sql;
    return sql.run(any_provider, {}, true) > 0;
  }

  pg::row_set rows_;
};

}  // namespace

LLM_ADMIN_FUNCTION(llm_admin_verify_llm_configs)(FunctionCallInfo fcinfo) {
  report all(fcinfo);
  all.look();
  all.write();
  return Datum{0};
}
