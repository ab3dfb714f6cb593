#include "pg/kept_grants.hpp"

#include "pg/spi.hpp"

namespace llm_admin::pg {

namespace {

// Of each grant: what takes it away and what gives it again. Columns have ACLs of their own.
statement select_grants{
    "WITH object AS (SELECT CASE WHEN p.prokind OPERATOR(pg_catalog.=) 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' "
    "END AS "
    "kind, pg_catalog.format('%I.%I(%s)', n.nspname, p.proname, "
    "pg_catalog.pg_get_function_identity_arguments(p.oid)) AS name, '' AS columns, p.proowner AS owner, "
    "p.proacl AS acl FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n "
    "ON n.oid OPERATOR(pg_catalog.=) p.pronamespace "
    "UNION ALL SELECT CASE WHEN c.relkind OPERATOR(pg_catalog.=) 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, "
    "pg_catalog.format('%I.%I', n.nspname, c.relname), '', c.relowner, c.relacl FROM pg_catalog.pg_class c "
    "JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace "
    "UNION ALL SELECT 'TABLE', pg_catalog.format('%I.%I', n.nspname, c.relname), "
    "pg_catalog.format(' (%I)', a.attname), c.relowner, a.attacl FROM pg_catalog.pg_class c "
    "JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace "
    "JOIN pg_catalog.pg_attribute a ON a.attrelid OPERATOR(pg_catalog.=) c.oid AND NOT a.attisdropped), "
    "held AS (SELECT o.kind, o.name, o.columns, g.privilege_type, g.is_grantable, "
    "CASE WHEN g.grantee OPERATOR(pg_catalog.=) 0::pg_catalog.oid THEN 'PUBLIC' "
    "ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(g.grantee)) END AS grantee "
    "FROM object o, pg_catalog.aclexplode(o.acl) g "
    "WHERE o.name OPERATOR(pg_catalog.=) $1 AND g.grantee OPERATOR(pg_catalog.<>) o.owner) "
    "SELECT pg_catalog.string_agg(DISTINCT pg_catalog.format('REVOKE ALL%s ON %s %s FROM %s', h.columns, "
    "h.kind, "
    "h.name, h.grantee), '; '), "
    "pg_catalog.string_agg(pg_catalog.format('GRANT %s%s ON %s %s TO %s%s', h.privilege_type, h.columns, "
    "h.kind, "
    "h.name, h.grantee, CASE WHEN h.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END), '; ') FROM held h",
    {TEXTOID}};

}  // namespace

std::string keeping_grants(const std::string& name, const std::string& statement) {
  spi sql;
  sql.run(select_grants, {value(name)}, true);
  const auto found = sql.first();
  if (!found || found->is_null(1)) return statement;
  return found->text(1) + "; " + statement + "; " + found->text(2);
}

}  // namespace llm_admin::pg
