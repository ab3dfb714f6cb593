// validate_schema()'s look at grants: each right that somebody else than the owner holds on a member of the
// extension is one that a level of that role gives, or is told.
#include <map>
#include <string>

#include "core/access_list.hpp"
#include "ledger/schema_report.hpp"
#include "pg/spi.hpp"
#include "store/owner.hpp"
#include "store/schema_drift.hpp"

namespace llm_admin::ledger {

namespace {

// By the name, and by what the role of that OID is called now.
pg::statement select_levels{
    "SELECT g.role_name, g.level FROM llm_admin.access_grants g UNION ALL "
    "SELECT r.rolname::pg_catalog.text, g.level FROM llm_admin.access_grants g JOIN pg_catalog.pg_roles r "
    "ON r.oid::pg_catalog.text OPERATOR(pg_catalog.=) (pg_catalog.to_jsonb(g) OPERATOR(pg_catalog.->>) "
    "'role_oid')",
    {}};

// Kind, simple name, whole name, column (null: all), grantee (null: PUBLIC), privilege, whether it may be
// passed on, grantee as statements say it. Of types USAGE for PUBLIC is the server's default and gives
// nothing.
pg::statement select_grants{
    "WITH own AS (SELECT e.oid, e.extnamespace FROM pg_catalog.pg_extension e "
    "WHERE e.extname OPERATOR(pg_catalog.=) 'llm_admin'), "
    "member AS (SELECT d.classid, d.objid FROM pg_catalog.pg_depend d JOIN own "
    "ON d.refobjid OPERATOR(pg_catalog.=) own.oid WHERE d.refclassid OPERATOR(pg_catalog.=) "
    "'pg_catalog.pg_extension'::pg_catalog.regclass::pg_catalog.oid AND d.deptype OPERATOR(pg_catalog.=) "
    "'e'), "
    "relation AS (SELECT c.oid, c.relname, c.relowner, c.relacl, CASE WHEN c.relkind OPERATOR(pg_catalog.=) "
    "'S' "
    "THEN 'SEQUENCE' ELSE 'TABLE' END AS kind, pg_catalog.format('%I.%I', n.nspname, c.relname) AS name "
    "FROM member m JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) m.objid "
    "AND m.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid "
    "JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace), "
    "acl AS (SELECT r.kind, r.relname::pg_catalog.text AS simple, r.name, NULL::pg_catalog.text AS "
    "attribute, "
    "r.relowner AS owner, r.relacl AS acl FROM relation r "
    "UNION ALL SELECT r.kind, r.relname::pg_catalog.text, r.name, a.attname::pg_catalog.text, r.relowner, "
    "a.attacl FROM relation r JOIN pg_catalog.pg_attribute a ON a.attrelid OPERATOR(pg_catalog.=) r.oid "
    "AND NOT a.attisdropped "
    "UNION ALL SELECT CASE WHEN p.prokind OPERATOR(pg_catalog.=) 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END, "
    "p.proname::pg_catalog.text, pg_catalog.format('%I.%I(%s)', n.nspname, "
    "p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid)), NULL, p.proowner, "
    "COALESCE(p.proacl, pg_catalog.acldefault('f', p.proowner)) FROM member m JOIN pg_catalog.pg_proc p "
    "ON p.oid OPERATOR(pg_catalog.=) m.objid "
    "AND m.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_proc'::pg_catalog.regclass::pg_catalog.oid "
    "JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) p.pronamespace "
    "UNION ALL SELECT 'TYPE', t.typname::pg_catalog.text, pg_catalog.format('%I.%I', n.nspname, t.typname), "
    "NULL, t.typowner, t.typacl FROM member m JOIN pg_catalog.pg_type t ON t.oid OPERATOR(pg_catalog.=) "
    "m.objid "
    "AND m.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_type'::pg_catalog.regclass::pg_catalog.oid "
    "JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) t.typnamespace "
    "UNION ALL SELECT 'SCHEMA', n.nspname::pg_catalog.text, pg_catalog.quote_ident(n.nspname), NULL, "
    "n.nspowner, "
    "n.nspacl FROM own JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) own.extnamespace) "
    "SELECT acl.kind, acl.simple, acl.name, acl.attribute, r.rolname::pg_catalog.text, e.privilege_type, "
    "e.is_grantable, CASE WHEN e.grantee OPERATOR(pg_catalog.=) 0::pg_catalog.oid THEN 'PUBLIC' "
    "ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(e.grantee)) END FROM acl "
    "CROSS JOIN LATERAL pg_catalog.aclexplode(acl.acl) e "
    "LEFT JOIN pg_catalog.pg_roles r ON r.oid OPERATOR(pg_catalog.=) e.grantee "
    "WHERE e.grantee OPERATOR(pg_catalog.<>) acl.owner AND NOT (acl.kind OPERATOR(pg_catalog.=) 'TYPE' "
    "AND e.grantee OPERATOR(pg_catalog.=) 0::pg_catalog.oid) "
    "ORDER BY acl.kind, acl.name, acl.attribute, 8, e.privilege_type",
    {}};

// What the extension's owner gives with all that it will make: kind, grantee, privileges, owner, whether in
// our schema alone. PUBLIC's EXECUTE and USAGE are the server's own defaults, which every script takes back.
pg::statement select_default_privileges{
    "SELECT CASE WHEN d.defaclobjtype OPERATOR(pg_catalog.=) 'r' THEN 'TABLES' "
    "WHEN d.defaclobjtype OPERATOR(pg_catalog.=) 'S' THEN 'SEQUENCES' "
    "WHEN d.defaclobjtype OPERATOR(pg_catalog.=) 'f' THEN 'FUNCTIONS' ELSE 'TYPES' END, "
    "CASE WHEN a.grantee OPERATOR(pg_catalog.=) 0::pg_catalog.oid THEN 'PUBLIC' "
    "ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantee)) END, "
    "pg_catalog.string_agg(a.privilege_type, ', ' ORDER BY a.privilege_type COLLATE pg_catalog.\"C\"), "
    "pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(d.defaclrole)), "
    "d.defaclnamespace OPERATOR(pg_catalog.<>) 0::pg_catalog.oid "
    "FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_default_acl d "
    "ON d.defaclrole OPERATOR(pg_catalog.=) e.extowner AND (d.defaclnamespace OPERATOR(pg_catalog.=) "
    "0::pg_catalog.oid OR d.defaclnamespace OPERATOR(pg_catalog.=) e.extnamespace) "
    "AND d.defaclobjtype OPERATOR(pg_catalog.=) ANY (ARRAY['r', 'S', 'f', 'T']::pg_catalog.\"char\"[]) "
    "CROSS JOIN LATERAL pg_catalog.aclexplode(d.defaclacl) a "
    "WHERE e.extname OPERATOR(pg_catalog.=) 'llm_admin' AND a.grantee OPERATOR(pg_catalog.<>) d.defaclrole "
    "AND NOT (a.grantee OPERATOR(pg_catalog.=) 0::pg_catalog.oid AND d.defaclobjtype "
    "OPERATOR(pg_catalog.=) ANY (ARRAY['f', 'T']::pg_catalog.\"char\"[])) "
    "GROUP BY d.oid, d.defaclobjtype, d.defaclrole, d.defaclnamespace, a.grantee ORDER BY 5, 1, 2",
    {}};

// Functions that the docs have granted one by one: to a role that is tied to one tenant, or, decrypt_key, to
// whom it must be. And what opens the schema to such a role, which gives nothing by itself.
constexpr std::string_view by_hand[] = {"decrypt_key", "delete_llm_config", "entered_tenant",
                                        "get_llm_config", "put_llm_config"};

bool has_word(std::string_view list, std::string_view word) {
  while (!list.empty()) {
    const std::size_t comma = list.find(", ");
    if (list.substr(0, comma) == word) return true;
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 2);
  }
  return false;
}

struct grant {
  std::string kind, simple, name;
  std::optional<std::string> column;
  std::optional<std::string> role;  // nothing: PUBLIC
  std::string privilege;
  bool is_grantable;
  std::string grantee;
  bool is_routine() const { return kind == "FUNCTION" || kind == "PROCEDURE"; }
};

// The log of a month ("llm_admin.audit_log_2026_11"), which no reference names; another name as it is.
std::string without_month(const std::string& name) {
  constexpr std::string_view form = "_0000_00";
  if (name.size() <= form.size()) return name;
  const std::size_t at = name.size() - form.size();
  for (std::size_t n = 0; n < form.size(); ++n) {
    const char c = name[at + n];
    if (form[n] == '_' ? c != '_' : c < '0' || c > '9') return name;
  }
  return name.substr(0, at);
}

bool is_given_by(const grant& held, roles::levels of) {
  if (of == 0) return false;
  if (held.kind == "SCHEMA") return held.privilege == "USAGE";
  if (held.is_routine()) {
    for (const roles::function_right& right : roles::function_rights())
      if (held.simple == right.name && (right.to & of) != 0) return true;
    return false;
  }
  for (const roles::relation_right& right : roles::relation_rights()) {
    if (held.simple != right.name || (right.to & of) == 0 || !has_word(right.privileges, held.privilege))
      continue;
    if (right.except == nullptr || (held.column && !right.leaves_out(*held.column))) return true;
  }
  return false;
}

bool is_given_by_hand(const grant& held) {
  if (!held.role || held.is_grantable) return false;
  if (held.kind == "SCHEMA") return held.privilege == "USAGE";
  if (!held.is_routine()) return false;
  for (const std::string_view name : by_hand)
    if (held.simple == name) return true;
  return false;
}

std::string revoking(const grant& held, bool only_passing_on) {
  std::string column;
  if (held.column) column = " (" + pg::quoted(*held.column) + ")";
  return std::string("REVOKE ") + (only_passing_on ? "GRANT OPTION FOR " : "") + held.privilege + column +
         " ON " + held.kind + ' ' + held.name + " FROM " + held.grantee +
         (held.is_grantable ? " CASCADE" : "");
}

void look_at(schema_report& report, const grant& held, roles::levels of) {
  const std::string object = held.name + (held.column ? "." + *held.column : "") + " to " + held.grantee;
  if (is_given_by(held, of)) {
    if (held.is_grantable)
      report.fault("grant", object, held.privilege + " may be passed on; no level gives that",
                   revoking(held, true));
    return;
  }
  const std::string detail = held.privilege + " is given by no level of " +
                             (held.role ? "this role" : std::string("a role: PUBLIC has it"));
  if (is_given_by_hand(held))
    report.add("grant", object, verdict::yours, detail);
  else
    report.fault("grant", object, detail, revoking(held, false));
}

// They refuse the next step, whose objects would come with grants that no level gives. What holds for our
// schema alone serves nothing else; the rest is the user's, who may not know of the step.
void look_at_default_privileges(schema_report& report) {
  pg::spi sql;
  sql.run(select_default_privileges, {}, true);
  for (std::uint64_t n = 0; n < sql.rows(); ++n) {
    const pg::row row = sql.at(n);
    const std::string kind = row.text(1), grantee = row.text(2), privileges = row.text(3),
                      owner = row.text(4);
    const std::string object = "default privileges of " + owner + " on " + kind + " to " + grantee;
    const std::string detail =
        "the next version's step is refused: what it makes would be given with " + privileges;
    if (row.boolean(5))
      report.fault("grant", object, detail,
                   "ALTER DEFAULT PRIVILEGES FOR ROLE " + owner + " IN SCHEMA llm_admin REVOKE " +
                       privileges + " ON " + kind + " FROM " + grantee);
    else
      report.add("grant", object, verdict::yours, detail);
  }
}

}  // namespace

void check_grants(schema_report& report) {
  const std::int64_t before = report.faults();
  std::map<std::string, roles::levels> given;
  {
    const store::as_owner owner;
    pg::spi sql;
    sql.run(select_levels, {}, true);
    for (std::uint64_t n = 0; n < sql.rows(); ++n) {
      const pg::row row = sql.at(n);
      roles::levels& of = given[row.text(1)];
      of = static_cast<roles::levels>(of | roles::level_named(row.text(2)).value_or(0));
    }
  }
  // The access list goes by names: what has another one is told by the catalog, and judged when it is back.
  const std::set<std::string, std::less<>> known = store::shipped_names();
  std::size_t skipped = 0;
  {
    pg::spi sql;
    sql.run(select_grants, {}, true);
    for (std::uint64_t n = 0; n < sql.rows(); ++n) {
      const pg::row row = sql.at(n);
      const grant held{row.text(1),       row.text(2), row.text(3),    row.maybe_text(4),
                       row.maybe_text(5), row.text(6), row.boolean(7), row.text(8)};
      if (held.role && held.kind != "SCHEMA" && !known.empty() && !known.contains(without_month(held.name))) {
        ++skipped;
        continue;
      }
      const auto of = held.role ? given.find(*held.role) : given.end();
      look_at(report, held, of == given.end() ? roles::levels{0} : of->second);
    }
  }
  look_at_default_privileges(report);
  if (skipped > 0)
    report.add(
        "grant", "llm_admin", verdict::not_compared,
        std::to_string(skipped) + " grants on objects of the extension that are not where they should be");
  else if (report.faults() == before)
    report.add("grant", "llm_admin", verdict::ok, "levels and the owner explain what roles hold");
}

}  // namespace llm_admin::ledger
