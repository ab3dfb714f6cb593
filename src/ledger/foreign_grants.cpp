#include "ledger/foreign_grants.hpp"

#include <algorithm>

namespace llm_admin::ledger {

namespace {

pg::statement select_defaults{
    "SELECT pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(d.defaclrole)::pg_catalog.text), "
    "pg_catalog.quote_ident(n.nspname::pg_catalog.text), "
    "CASE WHEN d.defaclobjtype OPERATOR(pg_catalog.=) 'r' THEN 'TABLES' "
    "WHEN d.defaclobjtype OPERATOR(pg_catalog.=) 'S' THEN 'SEQUENCES' "
    "WHEN d.defaclobjtype OPERATOR(pg_catalog.=) 'f' THEN 'FUNCTIONS' "
    "WHEN d.defaclobjtype OPERATOR(pg_catalog.=) 'T' THEN 'TYPES' "
    "WHEN d.defaclobjtype OPERATOR(pg_catalog.=) 'n' THEN 'SCHEMAS' ELSE '' END, "
    "CASE WHEN e.grantee OPERATOR(pg_catalog.=) 0::pg_catalog.oid THEN 'PUBLIC' "
    "ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(e.grantee)::pg_catalog.text) END, "
    "e.privilege_type, d.defaclrole, e.grantee "
    "FROM pg_catalog.pg_default_acl d "
    "LEFT JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) d.defaclnamespace, "
    "pg_catalog.aclexplode(d.defaclacl) e "
    "WHERE (n.oid IS NULL OR n.nspname OPERATOR(pg_catalog.=) 'llm_admin') "
    "AND e.grantee OPERATOR(pg_catalog.<>) d.defaclrole "
    "ORDER BY d.defaclrole, d.defaclnamespace, d.defaclobjtype, e.grantee, "
    "e.privilege_type COLLATE pg_catalog.\"C\"",
    {}};

// Those that may grant in the middle of a script: its statements end before the script does.
pg::statement select_event_triggers{
    "SELECT pg_catalog.quote_ident(t.evtname::pg_catalog.text) COLLATE pg_catalog.\"C\" "
    "FROM pg_catalog.pg_event_trigger t WHERE t.evtevent OPERATOR(pg_catalog.=) 'ddl_command_end' "
    "AND t.evtenabled OPERATOR(pg_catalog.<>) 'D' ORDER BY 1",
    {}};

struct default_privilege {
  std::string role, schema, kind, grantee;
  std::string privileges;  // comma list
  bool is_for(const default_privilege& other) const {
    return role == other.role && schema == other.schema && kind == other.kind && grantee == other.grantee;
  }
  std::string statement() const {
    return "ALTER DEFAULT PRIVILEGES FOR ROLE " + role + (schema.empty() ? "" : " IN SCHEMA " + schema) +
           " REVOKE " + privileges + " ON " + kind + " FROM " + grantee;
  }
};

void append(std::string& list, const std::string& item) { list += (list.empty() ? "" : "; ") + item; }

}  // namespace

std::string mending_statements(pg::spi& spi, const std::vector<foreign_grant>& grants) {
  std::vector<default_privilege> defaults;
  std::vector<bool> explained(grants.size());
  spi.run(select_defaults, {});
  for (std::uint64_t i = 0; i < spi.rows(); ++i) {
    const pg::row row = spi.at(i);
    default_privilege one{row.text(1), row.maybe_text(2).value_or(""), row.text(3), row.text(4), row.text(5)};
    bool used = false;
    for (std::size_t n = 0; n < grants.size(); ++n) {
      const foreign_grant& grant = grants[n];
      if (grant.owner != DatumGetObjectId(row.raw(6, OIDOID)) ||
          grant.grantee_oid != DatumGetObjectId(row.raw(7, OIDOID)) || grant.kind != one.kind ||
          grant.privilege != one.privileges)
        continue;
      explained[n] = used = true;
    }
    if (!used) continue;
    if (!defaults.empty() && defaults.back().is_for(one))
      defaults.back().privileges += ", " + one.privileges;
    else
      defaults.push_back(std::move(one));
  }
  std::string statements;
  for (const default_privilege& one : defaults) append(statements, one.statement());
  if (std::find(explained.begin(), explained.end(), false) == explained.end()) return statements;
  spi.run(select_event_triggers, {});
  for (std::uint64_t i = 0; i < spi.rows(); ++i)
    append(statements, "ALTER EVENT TRIGGER " + spi.at(i).text(1) + " DISABLE");
  return statements;
}

}  // namespace llm_admin::ledger
