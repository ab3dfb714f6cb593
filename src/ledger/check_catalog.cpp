// validate_schema()'s look at the catalog: objects, owners, the extension itself, and what roles lack.
#include <string>

#include "core/script_name.hpp"
#include "ledger/schema_report.hpp"
#include "pg/spi.hpp"
#include "store/owner.hpp"
#include "store/schema_drift.hpp"

namespace llm_admin::ledger {

namespace {

pg::statement select_owner{
    "SELECT e.extowner, pg_catalog.quote_ident(r.rolname), r.rolsuper FROM pg_catalog.pg_extension e "
    "JOIN pg_catalog.pg_roles r ON r.oid OPERATOR(pg_catalog.=) e.extowner "
    "WHERE e.extname OPERATOR(pg_catalog.=) 'llm_admin'",
    {}};

// Members of another owner: kind, name, that owner, the extension's. A sequence that belongs to a column goes
// with its table, and a schema may be any superuser's, who made it before.
pg::statement select_foreign_members{
    "WITH own AS (SELECT e.oid, e.extowner, e.extnamespace FROM pg_catalog.pg_extension e "
    "WHERE e.extname OPERATOR(pg_catalog.=) 'llm_admin'), "
    "member AS (SELECT d.classid, d.objid, own.extowner FROM pg_catalog.pg_depend d JOIN own "
    "ON d.refobjid OPERATOR(pg_catalog.=) own.oid WHERE d.refclassid OPERATOR(pg_catalog.=) "
    "'pg_catalog.pg_extension'::pg_catalog.regclass::pg_catalog.oid AND d.deptype OPERATOR(pg_catalog.=) "
    "'e'), "
    "object AS (SELECT CASE WHEN c.relkind OPERATOR(pg_catalog.=) 'v' THEN 'view' "
    "WHEN c.relkind OPERATOR(pg_catalog.=) 'S' THEN 'sequence' ELSE 'table' END AS kind, "
    "pg_catalog.format('%I.%I', n.nspname, c.relname) AS name, c.relowner AS owner, m.extowner "
    "FROM member m JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) m.objid "
    "AND m.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid "
    "JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace "
    "WHERE NOT (c.relkind OPERATOR(pg_catalog.=) 'S' AND EXISTS (SELECT FROM pg_catalog.pg_depend a "
    "WHERE a.classid OPERATOR(pg_catalog.=) m.classid AND a.objid OPERATOR(pg_catalog.=) c.oid "
    "AND a.refclassid OPERATOR(pg_catalog.=) m.classid AND a.refobjsubid OPERATOR(pg_catalog.>) 0 "
    "AND (a.deptype OPERATOR(pg_catalog.=) 'a' OR a.deptype OPERATOR(pg_catalog.=) 'i'))) "
    "UNION ALL SELECT CASE WHEN p.prokind OPERATOR(pg_catalog.=) 'p' THEN 'procedure' ELSE 'function' END, "
    "pg_catalog.format('%I.%I(%s)', n.nspname, p.proname, "
    "pg_catalog.pg_get_function_identity_arguments(p.oid)), p.proowner, m.extowner "
    "FROM member m JOIN pg_catalog.pg_proc p ON p.oid OPERATOR(pg_catalog.=) m.objid "
    "AND m.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_proc'::pg_catalog.regclass::pg_catalog.oid "
    "JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) p.pronamespace "
    "UNION ALL SELECT 'type', pg_catalog.format('%I.%I', n.nspname, t.typname), t.typowner, m.extowner "
    "FROM member m JOIN pg_catalog.pg_type t ON t.oid OPERATOR(pg_catalog.=) m.objid "
    "AND m.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_type'::pg_catalog.regclass::pg_catalog.oid "
    "AND t.typelem OPERATOR(pg_catalog.=) 0::pg_catalog.oid "
    "LEFT JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) t.typrelid "
    "JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) t.typnamespace "
    "WHERE c.oid IS NULL OR c.relkind OPERATOR(pg_catalog.=) 'c' "
    "UNION ALL SELECT 'schema', pg_catalog.quote_ident(n.nspname), n.nspowner, own.extowner FROM own "
    "JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) own.extnamespace "
    "JOIN pg_catalog.pg_roles r ON r.oid OPERATOR(pg_catalog.=) n.nspowner AND NOT r.rolsuper) "
    "SELECT o.kind, o.name, pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(o.owner)), "
    "pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(o.extowner)) FROM object o "
    "WHERE o.owner OPERATOR(pg_catalog.<>) o.extowner ORDER BY o.kind, o.name",
    {}};

// Roles that are gone, another or renamed are told by check_levels().
pg::statement select_lacking{
    "SELECT m.role_name, m.level, m.missing, m.statement FROM llm_admin.missing_access() m "
    "WHERE m.missing OPERATOR(pg_catalog.<>) ALL "
    "(ARRAY['the role itself', 'a level of this name']::pg_catalog.text[]) "
    "AND NOT pg_catalog.starts_with(m.role_name, 'pg_') "
    "AND NOT pg_catalog.starts_with(m.statement, 'SELECT * FROM llm_admin.refresh_access_by_name()')",
    {}};

std::string in_capitals(const std::string& kind) {
  std::string upper;
  for (const char c : kind) upper += static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  return upper;
}

}  // namespace

void check_extension(schema_report& report) {
  const std::int64_t before = report.faults();
  {
    pg::spi sql;
    sql.run(select_owner, {}, true);
    if (const auto row = sql.first(); row && !row->boolean(3))
      report.fault("extension owner", row->text(2),
                   "it is no superuser, so functions in C cannot be made; the statement hands over whatever "
                   "else the role owns in this database, too",
                   "REASSIGN OWNED BY " + row->text(2) + " TO CURRENT_USER");
  }
  const std::string version = store::installed_version();
  const int order = version.empty() ? 1 : compare_versions(LLM_ADMIN_VERSION, version);
  if (order < 0)
    report.fault("library", "llm_admin",
                 "this session has loaded that of version " LLM_ADMIN_VERSION ", older than the extension, " +
                     version + ": open a new session; if it is the same there, install the newer library");
  else if (order > 0)
    report.fault("library", "llm_admin",
                 "it is of version " LLM_ADMIN_VERSION ", and the extension is at " + version,
                 "ALTER EXTENSION llm_admin UPDATE");
  if (report.faults() == before)
    report.add("extension", "llm_admin", verdict::ok,
               "version " LLM_ADMIN_VERSION " as the library, of a superuser");
}

void check_catalog(schema_report& report) {
  const std::int64_t before = report.faults();
  const store::drift drift = store::schema_drift();
  if (!drift.not_compared.empty())
    return report.add("catalog", "llm_admin", verdict::not_compared, drift.not_compared, drift.statement);
  for (const schema::finding& one : drift.findings) report.tell(one);
  if (report.faults() == before)
    report.add("catalog", "llm_admin", verdict::ok,
               std::to_string(drift.compared) + " objects are as version " LLM_ADMIN_VERSION " made them");
}

void check_owners(schema_report& report) {
  const std::int64_t before = report.faults();
  {
    pg::spi sql;
    sql.run(select_owner, {}, true);
    // To give such a role what superusers own would give it the functions in C.
    if (const auto row = sql.first(); row && !row->boolean(3))
      return report.add("owner", "llm_admin", verdict::not_compared,
                        "the extension's owner is no superuser: owners are judged when it is one");
    sql.run(select_foreign_members, {}, true);
    for (std::uint64_t n = 0; n < sql.rows(); ++n) {
      const pg::row row = sql.at(n);
      report.fault("owner", row.text(1) + ' ' + row.text(2),
                   "it belongs to " + row.text(3) + ", not to the extension's owner",
                   "ALTER " + in_capitals(row.text(1)) + ' ' + row.text(2) + " OWNER TO " + row.text(4));
    }
  }
  if (report.faults() == before)
    report.add("owner", "llm_admin", verdict::ok, "all objects are the extension owner's");
}

void check_access(schema_report& report) {
  const std::int64_t before = report.faults();
  std::uint64_t count = 0;
  {
    const store::as_owner owner;
    pg::spi sql;
    count = sql.run(select_lacking, {}, true);
    for (std::uint64_t n = 0; n < count; ++n) {
      const pg::row row = sql.at(n);
      report.fault("access", row.text(1) + ' ' + row.text(2), "the role lacks " + row.text(3), row.text(4));
    }
  }
  if (report.faults() == before)
    report.add("access", "access_grants", verdict::ok, "no role lacks anything of its levels");
}

}  // namespace llm_admin::ledger
