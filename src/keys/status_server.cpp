// The part of key_status() that looks at the server: roles and settings.
#include <string>

#include "keys/status.hpp"
#include "pg/spi.hpp"

namespace llm_admin::keys {

namespace {

pg::statement select_superusers{
    "SELECT pg_catalog.string_agg(pg_catalog.quote_ident(r.rolname::pg_catalog.text), ', ' "
    "ORDER BY r.rolname::pg_catalog.text COLLATE pg_catalog.\"C\") FROM pg_catalog.pg_roles r WHERE "
    "r.rolsuper",
    {}};
pg::statement select_members{
    "SELECT pg_catalog.string_agg(pg_catalog.quote_ident(r.rolname::pg_catalog.text), ', ' "
    "ORDER BY r.rolname::pg_catalog.text COLLATE pg_catalog.\"C\"), "
    // To be taken from those that hold it themselves; the others have it through them.
    "pg_catalog.string_agg(pg_catalog.quote_ident(r.rolname::pg_catalog.text), ', ' "
    "ORDER BY r.rolname::pg_catalog.text COLLATE pg_catalog.\"C\") FILTER (WHERE EXISTS (SELECT 1 "
    "FROM pg_catalog.pg_auth_members m JOIN pg_catalog.pg_roles g ON g.oid OPERATOR(pg_catalog.=) m.roleid "
    "WHERE m.member OPERATOR(pg_catalog.=) r.oid "
    "AND g.rolname OPERATOR(pg_catalog.=) $1::pg_catalog.name)) FROM pg_catalog.pg_roles r "
    "WHERE NOT r.rolsuper AND r.rolname OPERATOR(pg_catalog.<>) $1::pg_catalog.name "
    "AND pg_catalog.pg_has_role(r.oid, $1::pg_catalog.name, 'MEMBER')",
    {TEXTOID}};
// The server checks no path for lo_import, only the right to execute it.
pg::statement select_importers{
    "SELECT pg_catalog.string_agg(pg_catalog.quote_ident(r.rolname::pg_catalog.text), ', ' "
    "ORDER BY r.rolname::pg_catalog.text COLLATE pg_catalog.\"C\"), "
    "(SELECT pg_catalog.string_agg(COALESCE(pg_catalog.quote_ident(g.rolname::pg_catalog.text), 'PUBLIC'), "
    "', ' "
    "ORDER BY g.rolname::pg_catalog.text COLLATE pg_catalog.\"C\") FROM pg_catalog.pg_proc f "
    "CROSS JOIN LATERAL pg_catalog.aclexplode(f.proacl) a "
    "LEFT JOIN pg_catalog.pg_roles g ON g.oid OPERATOR(pg_catalog.=) a.grantee "
    "WHERE f.oid OPERATOR(pg_catalog.=) 'pg_catalog.lo_import(pg_catalog.text)'::pg_catalog.regprocedure "
    "AND NOT COALESCE(g.rolsuper, false)) FROM pg_catalog.pg_roles r "
    "WHERE NOT r.rolsuper AND pg_catalog.has_function_privilege(r.oid, "
    "'pg_catalog.lo_import(pg_catalog.text)'::pg_catalog.regprocedure, 'EXECUTE')",
    {}};

std::string first_text(pg::spi& sql) {
  const auto row = sql.first();
  return row ? row->maybe_text(1).value_or(std::string()) : std::string();
}

// The roles in the first column, and in the second those that `revoke` takes it from.
void add_reach(status_rows& rows, const char* item, pg::spi& sql, const char* revoke) {
  const std::string roles = first_text(sql);
  if (roles.empty())
    rows.add(item, "none", verdict::ok);
  else
    rows.add(item, roles, verdict::warning, revoke + sql.first()->maybe_text(2).value_or("<role>"));
}

struct reach {
  const char* item;
  const char* role;
  const char* hint;
};

constexpr reach reaches[] = {
    {"roles that read the server's files", "pg_read_server_files", "REVOKE pg_read_server_files FROM "},
    {"roles that write the server's files", "pg_write_server_files", "REVOKE pg_write_server_files FROM "},
    {"roles that run the server's programs", "pg_execute_server_program",
     "REVOKE pg_execute_server_program FROM "},
};

enum class safe_when : std::uint8_t { off, minus_one, zero, none_or_empty, none_or_ddl, panic };

bool is_safe(safe_when rule, std::string_view value) {
  switch (rule) {
    case safe_when::off:
      return value == "off";
    case safe_when::minus_one:
      return value == "-1";
    case safe_when::zero:
      return value == "0";
    case safe_when::none_or_empty:
      return value.empty() || value == "none";
    case safe_when::none_or_ddl:
      return value == "none" || value == "ddl";
    case safe_when::panic:
      return value == "panic" || value == "fatal";
  }
  return false;
}

struct logging {
  const char* name;
  safe_when rule;
  const char* hint;
};

// Those that write whole statements to the log, literals included.
constexpr logging statement_logging[] = {
    {"log_statement", safe_when::none_or_ddl, "ALTER SYSTEM SET log_statement = 'none'"},
    {"log_min_duration_statement", safe_when::minus_one, "ALTER SYSTEM SET log_min_duration_statement = -1"},
    {"log_min_duration_sample", safe_when::minus_one, "ALTER SYSTEM SET log_min_duration_sample = -1"},
    {"log_transaction_sample_rate", safe_when::zero, "ALTER SYSTEM SET log_transaction_sample_rate = 0"},
    {"auto_explain.log_min_duration", safe_when::minus_one,
     "ALTER SYSTEM SET auto_explain.log_min_duration = -1"},
    {"pgaudit.log", safe_when::none_or_empty, "ALTER SYSTEM SET pgaudit.log = 'none'"},
    {"pgaudit.role", safe_when::none_or_empty, "ALTER SYSTEM RESET pgaudit.role"},
    {"debug_print_parse", safe_when::off, "ALTER SYSTEM SET debug_print_parse = off"},
    {"debug_print_rewritten", safe_when::off, "ALTER SYSTEM SET debug_print_rewritten = off"},
    {"debug_print_plan", safe_when::off, "ALTER SYSTEM SET debug_print_plan = off"},
};
// A key bound as a parameter is not in the statement, but some settings log parameters along with it.
constexpr logging parameter_logging[] = {
    {"log_parameter_max_length", safe_when::zero, "ALTER SYSTEM SET log_parameter_max_length = 0"},
    {"auto_explain.log_parameter_max_length", safe_when::zero,
     "ALTER SYSTEM SET auto_explain.log_parameter_max_length = 0"},
    // Verbose plans made for the bound values show them.
    {"auto_explain.log_verbose", safe_when::off,
     "ALTER SYSTEM SET auto_explain.log_verbose = off, or ALTER ROLE <role> SET plan_cache_mode = "
     "'force_generic_plan'"},
    {"pgaudit.log_parameter", safe_when::off, "ALTER SYSTEM SET pgaudit.log_parameter = off"},
};
constexpr logging on_error_logging[] = {
    {"log_min_error_statement", safe_when::panic,
     "the text of a failing statement is logged; bind keys as parameters, or ALTER ROLE <role> SET "
     "log_min_error_statement = 'panic'"},
    {"log_parameter_max_length_on_error", safe_when::zero,
     "ALTER SYSTEM SET log_parameter_max_length_on_error = 0"},
};

// The value that holds in this session; nothing when no such setting is known, as for a module that is not
// loaded.
std::optional<std::string> current(const char* name) {
  const char* value = pg::call([=] { return GetConfigOption(name, true, false); });
  if (value == nullptr) return std::nullopt;
  return std::string(value);
}

// Adds the setting's row and says whether it lets anything into the log.
bool add_setting(status_rows& rows, const logging& setting, const char* when_unsafe = verdict::warning) {
  const auto value = current(setting.name);
  if (!value) return false;
  const bool safe = is_safe(setting.rule, *value);
  rows.add(setting.name, *value, safe ? verdict::ok : when_unsafe, safe ? "" : setting.hint);
  return !safe;
}

}  // namespace

void add_roles(status_rows& rows) {
  pg::spi sql;
  sql.run(select_superusers, {}, true);
  rows.add("superusers, who reach everything", first_text(sql), verdict::info);
  for (const reach& r : reaches) {
    sql.run(select_members, {pg::value(r.role)}, true);
    add_reach(rows, r.item, sql, r.hint);
  }
  sql.run(select_importers, {}, true);
  add_reach(rows, "roles that import the server's files", sql,
            "REVOKE EXECUTE ON FUNCTION pg_catalog.lo_import(text) FROM ");
}

void add_logging(status_rows& rows) {
  bool statements_logged = false;
  for (const logging& setting : statement_logging)
    statements_logged = add_setting(rows, setting) || statements_logged;
  // Without a logged statement its parameters are not logged either.
  for (const logging& setting : parameter_logging)
    add_setting(rows, setting, statements_logged ? verdict::warning : verdict::info);
  for (const logging& setting : on_error_logging) add_setting(rows, setting);
}

}  // namespace llm_admin::keys
