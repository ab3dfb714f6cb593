// validate_schema()'s look at triggers: those of the install, enabled as it left them. `pg_restore
// --disable-triggers` and DISABLE/ENABLE TRIGGER ALL leave those that are always on merely enabled.
#include <iterator>
#include <string>
#include <string_view>

#include "core/error.hpp"
#include "ledger/schema_report.hpp"
#include "pg/cursor.hpp"
#include "pg/damage.hpp"
#include "pg/role.hpp"
#include "pg/scratch.hpp"

namespace llm_admin::ledger {

namespace {

struct installed_trigger {
  const char* table;
  const char* name;
  char enabled;  // as pg_trigger has it: A is also on under session_replication_role = replica, R there alone
  const char* event;
  const char* function;
};

constexpr installed_trigger installed[] = {
    {"llm_provider_configs", "trg_lock_provider_configs", 'O',
     "BEFORE INSERT OR UPDATE OF is_active OR DELETE OR TRUNCATE ON llm_admin.llm_provider_configs FOR EACH "
     "STATEMENT",
     "lock_provider_configs"},
    {"llm_provider_configs", "trg_ensure_single_active_provider", 'O',
     "BEFORE INSERT OR UPDATE OF is_active ON llm_admin.llm_provider_configs FOR EACH ROW WHEN "
     "(NEW.is_active)",
     "ensure_single_active_provider"},
    {"llm_provider_configs", "trg_prevent_active_provider_deletion", 'O',
     "BEFORE DELETE ON llm_admin.llm_provider_configs FOR EACH ROW", "prevent_active_provider_deletion"},
    {"llm_provider_configs", "trg_validate_provider_config", 'O',
     "BEFORE INSERT OR UPDATE ON llm_admin.llm_provider_configs FOR EACH ROW", "validate_provider_config"},
    {"llm_provider_configs", "trg_log_provider_config_change", 'O',
     "AFTER INSERT OR UPDATE OR DELETE ON llm_admin.llm_provider_configs FOR EACH ROW",
     "log_provider_config_change"},
    {"llm_provider_config_history", "trg_refuse_history_change", 'A',
     "BEFORE UPDATE OR DELETE ON llm_admin.llm_provider_config_history FOR EACH ROW",
     "refuse_history_change"},
    {"llm_provider_config_history", "trg_refuse_history_truncate", 'A',
     "BEFORE TRUNCATE ON llm_admin.llm_provider_config_history FOR EACH STATEMENT", "refuse_history_change"},
    {"llm_configs", "trg_lock_llm_configs", 'O',
     "BEFORE INSERT OR UPDATE OR DELETE ON llm_admin.llm_configs FOR EACH STATEMENT", "lock_llm_configs"},
    {"llm_configs", "trg_validate_llm_config", 'O',
     "BEFORE INSERT OR UPDATE ON llm_admin.llm_configs FOR EACH ROW", "validate_llm_config"},
    {"data_keys", "trg_data_keys_changed", 'A',
     "AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON llm_admin.data_keys FOR EACH STATEMENT",
     "data_keys_changed"},
    {"data_keys", "trg_lock_data_keys", 'A',
     "BEFORE UPDATE OR DELETE OR TRUNCATE ON llm_admin.data_keys FOR EACH STATEMENT", "data_keys_changed"},
    {"data_keys", "trg_data_key_replicated", 'R',
     "AFTER INSERT OR UPDATE OR DELETE ON llm_admin.data_keys FOR EACH ROW", "data_keys_changed"},
    {"llm_provider_config_history", "trg_check_row", 'O',
     "BEFORE INSERT ON llm_admin.llm_provider_config_history FOR EACH ROW", "check_row"},
    {"provider_tests", "trg_check_row", 'O',
     "BEFORE INSERT OR UPDATE ON llm_admin.provider_tests FOR EACH ROW", "check_row"},
    {"root_keys", "trg_check_row", 'O', "BEFORE INSERT OR UPDATE ON llm_admin.root_keys FOR EACH ROW",
     "check_row"},
    {"data_keys", "trg_check_row", 'O', "BEFORE INSERT OR UPDATE ON llm_admin.data_keys FOR EACH ROW",
     "check_row"},
    {"provider_aliases", "trg_check_row", 'O',
     "BEFORE INSERT OR UPDATE ON llm_admin.provider_aliases FOR EACH ROW", "check_row"},
    {"access_grants", "trg_check_row", 'O', "BEFORE INSERT OR UPDATE ON llm_admin.access_grants FOR EACH ROW",
     "check_row"},
    {"schema_migrations", "trg_check_row", 'O',
     "BEFORE INSERT OR UPDATE ON llm_admin.schema_migrations FOR EACH ROW", "check_row"},
};

pg::statement find_trigger{
    "SELECT t.tgenabled::pg_catalog.text, t.tgfoid OPERATOR(pg_catalog.=) pg_catalog.to_regprocedure("
    "pg_catalog.concat('llm_admin.', $3, '()'))::pg_catalog.oid FROM pg_catalog.pg_trigger t "
    "WHERE t.tgrelid OPERATOR(pg_catalog.=) pg_catalog.to_regclass(pg_catalog.concat('llm_admin.', $1))::"
    "pg_catalog.oid AND t.tgname OPERATOR(pg_catalog.=) $2::pg_catalog.name AND NOT t.tgisinternal",
    {TEXTOID, TEXTOID, TEXTOID}};
pg::statement triggers_of_tables{
    "SELECT t.tgname::pg_catalog.text, c.relname::pg_catalog.text FROM pg_catalog.pg_trigger t "
    "JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) t.tgrelid "
    "JOIN pg_catalog.pg_depend d ON d.classid OPERATOR(pg_catalog.=) "
    "'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid AND d.objid OPERATOR(pg_catalog.=) c.oid "
    "AND d.deptype OPERATOR(pg_catalog.=) 'e'::pg_catalog.\"char\" "
    "JOIN pg_catalog.pg_extension e ON e.oid OPERATOR(pg_catalog.=) d.refobjid AND e.extname "
    "OPERATOR(pg_catalog.=) 'llm_admin'::pg_catalog.name WHERE NOT t.tgisinternal "
    "ORDER BY c.relname, t.tgname",
    {}};

pg::statement find_table{
    "SELECT 1 FROM pg_catalog.pg_class c WHERE c.oid OPERATOR(pg_catalog.=) "
    "pg_catalog.to_regclass(pg_catalog.concat('llm_admin.', $1))::pg_catalog.oid",
    {TEXTOID}};

// As ALTER TABLE says it.
const char* state_of(char enabled) {
  switch (enabled) {
    case 'A':
      return "always on";
    case 'O':
      return "on, but not for replicas";
    case 'R':
      return "on for replicas only";
    default:
      return "off";
  }
}

const char* enabling(char enabled) {
  return enabled == 'A'   ? " ENABLE ALWAYS TRIGGER "
         : enabled == 'R' ? " ENABLE REPLICA TRIGGER "
                          : " ENABLE TRIGGER ";
}

void check_trigger(schema_report& report, const installed_trigger& trigger) {
  const std::string object = std::string(trigger.table) + "." + trigger.name;
  const std::string table = std::string("ALTER TABLE llm_admin.") + trigger.table;
  const std::string enable = table + enabling(trigger.enabled) + trigger.name;
  const std::string make = std::string("CREATE TRIGGER ") + trigger.name + " " + trigger.event +
                           " EXECUTE FUNCTION llm_admin." + trigger.function + "()";
  pg::spi sql;
  if (sql.run(find_trigger, {pg::value(trigger.table), pg::value(trigger.name), pg::value(trigger.function)},
              true) == 0)
    return report.fault("trigger", object, "is missing",
                        make + (trigger.enabled != 'O' ? "; " + enable : ""));
  const pg::row row = *sql.first();
  if (row.is_null(2) || !row.boolean(2))
    return report.fault("trigger", object, "calls another function than the install made it call",
                        "DROP TRIGGER " + std::string(trigger.name) + " ON llm_admin." + trigger.table +
                            "; " + make + (trigger.enabled != 'O' ? "; " + enable : ""));
  const char enabled = row.text(1)[0];
  if (enabled == trigger.enabled) return;
  report.fault("trigger", object,
               std::string("is ") + state_of(enabled) + "; the install left it " + state_of(trigger.enabled),
               enable);
}

bool is_there(std::string_view table) {
  pg::spi sql;
  return sql.run(find_table, {pg::value(table)}, true) > 0;
}

bool is_installed(const std::string& name, const std::string& table) {
  for (const installed_trigger& one : installed)
    if (name == one.name && table == one.table) return true;
  return false;
}

}  // namespace

void check_triggers(schema_report& report) {
  const std::int64_t before = report.faults();
  const pg::as_owner owner;
  std::string_view gone;  // a table whose triggers cannot be made before it is back
  for (const installed_trigger& one : installed) {
    if (gone == one.table) continue;
    if (is_there(one.table)) {
      check_trigger(report, one);
      continue;
    }
    gone = one.table;
    const error what = pg::damage::of_relation(gone);
    report.fault("trigger", gone,
                 "its table: " + what.message() + (what.detail().empty() ? "" : ": " + what.detail()),
                 what.hint());
  }
  {
    pg::cursor rows(triggers_of_tables, {});
    pg::scratch memory;
    while (const auto row = rows.next()) {
      memory.reset();
      const std::string name = row->text(1);
      const std::string table = row->text(2);
      if (!is_installed(name, table))
        report.add("trigger", table + "." + name, verdict::yours,
                   "not of the install; dumps do not carry it");
    }
  }
  add_if_clean(report, before, "trigger", "triggers", std::ssize(installed));
}

}  // namespace llm_admin::ledger
