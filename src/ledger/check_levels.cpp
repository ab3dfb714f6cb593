// validate_schema()'s look at who was given levels, at the ledger and at the sequences.
#include <string>

#include "core/error.hpp"
#include "core/script_name.hpp"
#include "ledger/schema_report.hpp"
#include "pg/cursor.hpp"
#include "pg/scratch.hpp"
#include "store/owner.hpp"
#include "store/tables.hpp"

namespace llm_admin::ledger {

namespace {

// As json, so that a table without the OID, which is 0.3's, can be read. Null: nothing to compare.
pg::statement all_levels{
    "SELECT g.role_name, g.level, pg_catalog.quote_literal(g.role_name), pg_catalog.quote_literal(g.level), "
    "r.oid IS NOT NULL, r.rolname OPERATOR(pg_catalog.~) '^pg_', "
    "r.oid::pg_catalog.text OPERATOR(pg_catalog.=) (pg_catalog.to_jsonb(g) OPERATOR(pg_catalog.->>) "
    "'role_oid'), (SELECT o.rolname::pg_catalog.text FROM pg_catalog.pg_roles o WHERE o.oid::pg_catalog.text "
    "OPERATOR(pg_catalog.=) (pg_catalog.to_jsonb(g) OPERATOR(pg_catalog.->>) 'role_oid')) "
    "FROM llm_admin.access_grants g LEFT JOIN pg_catalog.pg_roles r "
    "ON r.rolname::pg_catalog.text OPERATOR(pg_catalog.=) g.role_name "
    "ORDER BY g.role_name COLLATE pg_catalog.\"C\", g.level COLLATE pg_catalog.\"C\"",
    {}};
pg::statement all_migrations{
    "SELECT m.name, m.version, m.direction, m.id::pg_catalog.text, v.version IS NOT NULL "
    "FROM llm_admin.schema_migrations m LEFT JOIN (SELECT DISTINCT a.version "
    "FROM pg_catalog.pg_available_extension_versions() a WHERE a.name::pg_catalog.text "
    "OPERATOR(pg_catalog.=) 'llm_admin') AS v ON v.version OPERATOR(pg_catalog.=) m.version "
    "ORDER BY m.applied_at, m.id",
    {}};
// What a sequence must have passed: the ids of rows, and of those that history knows.
pg::statement provider_ids{
    "SELECT s.last_value, (SELECT pg_catalog.max(i.id) FROM (SELECT p.id FROM llm_admin.llm_provider_configs "
    "p UNION ALL SELECT h.provider_id FROM llm_admin.llm_provider_config_history h) AS i)::pg_catalog.int8 "
    "FROM llm_admin.llm_provider_configs_id_seq s",
    {}};
// A data key that was made since begins with the block after the last one that was taken.
pg::statement key_uses{
    "SELECT COALESCE(pg_catalog.pg_sequence_last_value('llm_admin.key_use_blocks'::pg_catalog.regclass), 0), "
    "(SELECT pg_catalog.max(k.first_use_block) OPERATOR(pg_catalog.-) 1 FROM llm_admin.data_keys k)",
    {}};

// Ids of the audit log are those of the providers' history, too.
pg::statement audit_ids{
    "SELECT COALESCE(pg_catalog.pg_sequence_last_value('llm_admin.audit_log_id_seq'::pg_catalog.regclass), "
    "0), "
    "GREATEST((SELECT pg_catalog.max(l.id) FROM llm_admin.audit_log l), "
    "(SELECT pg_catalog.max(h.audit_id) FROM llm_admin.provider_history_leaves h))",
    {}};
pg::statement usage_ids{
    "SELECT "
    "COALESCE(pg_catalog.pg_sequence_last_value('llm_admin.llm_usage_logs_id_seq'::pg_catalog.regclass), "
    "0), (SELECT pg_catalog.max(l.id) FROM llm_admin.llm_usage_logs l)",
    {}};
pg::statement price_ids{
    "SELECT COALESCE(pg_catalog.pg_sequence_last_value("
    "'llm_admin.model_price_history_price_id_seq'::pg_catalog.regclass), 0), "
    "(SELECT pg_catalog.max(h.price_id) FROM llm_admin.model_price_history h)",
    {}};

void check_level(schema_report& report, const pg::row& row) {
  const std::string role = row.text(1);
  const std::string object = role + " " + row.text(2);
  const std::string forget =
      "DELETE FROM llm_admin.access_grants WHERE role_name = " + row.text(3) + " AND level = " + row.text(4);
  if (role == "public") return report.fault("level", object, "PUBLIC is no role and gets no level", forget);
  if (!row.boolean(5) && row.is_null(8))
    return report.fault("level", object, "a role of this name does not exist", forget);
  if (!row.boolean(5))
    return report.fault(
        "level", object,
        "a role of this name does not exist; the one it was given to may be called " + row.text(8) + " now",
        "SELECT * FROM llm_admin.refresh_access()");
  if (row.boolean(6))
    return report.fault("level", object, "a predefined role stands for whoever is its member", forget);
  if (!row.is_null(7) && !row.boolean(7))
    report.fault("level", object,
                 "the role of this name has another OID than the one it was given to: so it is after a "
                 "restore on another server, and where a role took over the name",
                 "SELECT * FROM llm_admin.refresh_access_by_name()");
}

bool is_script_of(const std::string& name, const std::string& version, const std::string& direction) {
  try {
    const script_name script = parse_script_name(name);
    return script.version == version && direction == script.direction;
  } catch (const error& e) {
    if (e.is_fault()) throw;
    return false;
  }
}

void check_sequence(schema_report& report, pg::statement& select, const std::string& sequence,
                    const char* what) {
  pg::spi sql;
  sql.run(select, {}, true);
  const pg::row row = *sql.first();
  if (row.is_null(2) || row.bigint(2) <= row.bigint(1))
    return report.add("sequence", sequence, verdict::ok, "");
  report.fault(
      "sequence", sequence,
      "stands at " + std::to_string(row.bigint(1)) + ", and " + what + " go up to " +
          std::to_string(row.bigint(2)),
      "SELECT pg_catalog.setval('llm_admin." + sequence + "', " + std::to_string(row.bigint(2)) + ")");
}

}  // namespace

void check_levels(schema_report& report) {
  const std::int64_t before = report.faults();
  std::int64_t count = 0;
  const store::as_owner owner;
  {
    pg::cursor rows(all_levels, {});
    pg::scratch memory;
    while (const auto row = rows.next()) {
      memory.reset();
      ++count;
      check_level(report, *row);
    }
  }
  add_if_clean(report, before, "level", "access_grants", count);
}

void check_migrations(schema_report& report) {
  const std::int64_t before = report.faults();
  std::int64_t count = 0;
  const store::as_owner owner;
  {
    pg::cursor rows(all_migrations, {});
    pg::scratch memory;
    while (const auto row = rows.next()) {
      memory.reset();
      ++count;
      const std::string name = row->text(1);
      const std::string version = row->text(2);
      const std::string forget = "DELETE FROM llm_admin.schema_migrations WHERE id = '" + row->text(4) + "'";
      if (!row->boolean(5))
        report.fault("migration", name, "no version " + version + " of the extension is installed here",
                     forget);
      else if (!is_script_of(name, version, row->text(3)))
        report.fault("migration", name,
                     "no script of that name leads " + row->text(3) + " to version " + version, forget);
    }
  }
  add_if_clean(report, before, "migration", "schema_migrations", count);
}

void check_sequences(schema_report& report) {
  const store::as_owner owner;
  check_sequence(report, provider_ids, "llm_provider_configs_id_seq", "ids of providers");
  check_sequence(report, key_uses, "key_use_blocks", "data keys");
  if (!store::exists(store::table::audit_log)) return;  // what 0.6 brings
  check_sequence(report, audit_ids, "audit_log_id_seq", "ids of the audit log");
  check_sequence(report, usage_ids, "llm_usage_logs_id_seq", "ids of usage");
  check_sequence(report, price_ids, "model_price_history_price_id_seq", "ids of prices");
}

}  // namespace llm_admin::ledger
