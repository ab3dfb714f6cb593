// missing_access(): what roles lack of the levels they were given, and the statement that mends it. Names and
// privileges come from the one list; whether a role has them is the server's word, so a right that comes
// through PUBLIC or a membership counts. Nothing is locked: two answers may differ while access is changed.
#include <string>
#include <vector>

#include "core/access_list.hpp"
#include "pg/entry.hpp"
#include "pg/result.hpp"
#include "pg/spi.hpp"
#include "store/owner.hpp"

namespace llm_admin::roles {

namespace {

constexpr std::size_t rights_named = 8;
constexpr const char* schema_right = "USAGE llm_admin";

// role_oid stands in the row since 0.4; as json, so that a table without it can be read. `other` is whether
// the role of the name is another one than was given the level, `renamed` whether that lives under another
// name.
pg::statement select_levels{
    "SELECT g.role_name, g.level, n.oid, o.oid IS NOT NULL AND n.oid IS NULL AS renamed, "
    "n.oid::pg_catalog.text OPERATOR(pg_catalog.<>) (pg_catalog.to_jsonb(g) OPERATOR(pg_catalog.->>) "
    "'role_oid') AS other, pg_catalog.quote_literal(g.role_name), "
    "pg_catalog.quote_literal(pg_catalog.quote_ident(g.role_name)), pg_catalog.quote_literal(g.level) "
    "FROM llm_admin.access_grants g "
    "LEFT JOIN pg_catalog.pg_roles n ON n.rolname::pg_catalog.text OPERATOR(pg_catalog.=) g.role_name "
    "LEFT JOIN pg_catalog.pg_roles o ON o.oid::pg_catalog.text OPERATOR(pg_catalog.=) "
    "(pg_catalog.to_jsonb(g) OPERATOR(pg_catalog.->>) 'role_oid') "
    "ORDER BY g.role_name COLLATE pg_catalog.\"C\", g.level COLLATE pg_catalog.\"C\"",
    {}};
// Whether the level gave this right to the role, as the book of 0.4 keeps it.
pg::statement was_given{
    "SELECT true FROM llm_admin.access_grants g WHERE g.role_name OPERATOR(pg_catalog.=) $1 "
    "AND g.level OPERATOR(pg_catalog.=) $2 AND pg_catalog.jsonb_exists(pg_catalog.to_jsonb(g) "
    "OPERATOR(pg_catalog.->) 'rights', $3)",
    {TEXTOID, TEXTOID, TEXTOID}};
pg::statement lacks_schema{"SELECT true WHERE NOT pg_catalog.has_schema_privilege($1, 'llm_admin', 'USAGE')",
                           {OIDOID}};
pg::statement lacks_function{
    "SELECT true FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_extension e "
    "ON e.oid OPERATOR(pg_catalog.=) d.refobjid "
    "JOIN pg_catalog.pg_proc p ON p.oid OPERATOR(pg_catalog.=) d.objid "
    "WHERE d.refclassid OPERATOR(pg_catalog.=) "
    "'pg_catalog.pg_extension'::pg_catalog.regclass::pg_catalog.oid "
    "AND d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_proc'::pg_catalog.regclass::pg_catalog.oid "
    "AND d.deptype OPERATOR(pg_catalog.=) 'e' AND e.extname OPERATOR(pg_catalog.=) 'llm_admin' "
    "AND p.proname OPERATOR(pg_catalog.=) $2::pg_catalog.name "
    "AND NOT pg_catalog.has_function_privilege($1, p.oid, 'EXECUTE')",
    {OIDOID, TEXTOID}};
// Of a relation all of $3's privileges, or those on every column but $4. A comma list given to the server's
// own functions would ask for any of them.
pg::statement lacks_relation{
    "WITH wanted AS (SELECT c.oid, c.relkind, w.privilege FROM pg_catalog.pg_depend d "
    "JOIN pg_catalog.pg_extension e ON e.oid OPERATOR(pg_catalog.=) d.refobjid "
    "JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) d.objid "
    "CROSS JOIN pg_catalog.string_to_table($3, ', ') AS w (privilege) "
    "WHERE d.refclassid OPERATOR(pg_catalog.=) "
    "'pg_catalog.pg_extension'::pg_catalog.regclass::pg_catalog.oid "
    "AND d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid "
    "AND d.deptype OPERATOR(pg_catalog.=) 'e' AND e.extname OPERATOR(pg_catalog.=) 'llm_admin' "
    "AND c.relname OPERATOR(pg_catalog.=) $2::pg_catalog.name) "
    "SELECT w.privilege AS lacking FROM wanted w WHERE $4 IS NULL "
    "AND NOT CASE WHEN w.relkind OPERATOR(pg_catalog.=) 'S' "
    "THEN pg_catalog.has_sequence_privilege($1, w.oid, w.privilege) "
    "ELSE pg_catalog.has_table_privilege($1, w.oid, w.privilege) END "
    "UNION ALL SELECT pg_catalog.format('%s .%s', w.privilege, a.attname) FROM wanted w "
    "JOIN pg_catalog.pg_attribute a ON a.attrelid OPERATOR(pg_catalog.=) w.oid "
    "AND a.attnum OPERATOR(pg_catalog.>) 0::pg_catalog.int2 AND NOT a.attisdropped "
    "WHERE a.attname::pg_catalog.text OPERATOR(pg_catalog.<>) ALL (pg_catalog.string_to_array($4, ', ')) "
    "AND NOT pg_catalog.has_column_privilege($1, w.oid, a.attnum, w.privilege) "
    "ORDER BY lacking",
    {OIDOID, TEXTOID, TEXTOID, TEXTOID}};

// Rights as access_grants.rights names them (grants.hpp).
using missing_rights = std::vector<std::string>;

missing_rights lacks(pg::spi& sql, Oid role, levels of) {
  missing_rights found;
  const pg::parameter who = pg::datum_value(ObjectIdGetDatum(role), OIDOID);
  if (sql.run(lacks_schema, {who}, true) > 0) found.emplace_back(schema_right);
  for (const function_right& right : function_rights())
    if ((right.to & of) != 0 && sql.run(lacks_function, {who, pg::value(right.name)}, true) > 0)
      found.push_back(std::string("EXECUTE ") + right.name);
  for (const relation_right& right : relation_rights()) {
    if ((right.to & of) == 0) continue;
    const pg::parameter but = right.except != nullptr ? pg::value(right.except) : pg::null_value();
    const std::uint64_t rows =
        sql.run(lacks_relation, {who, pg::value(right.name), pg::value(right.privileges), but}, true);
    for (std::uint64_t n = 0; n < rows; ++n) {
      // "SELECT", or "SELECT .column"
      std::string privilege = sql.at(n).text(1);
      const std::size_t dot = privilege.find(" .");
      const std::string column = dot == std::string::npos ? "" : privilege.substr(dot + 1);
      found.push_back(privilege.substr(0, dot) + ' ' + right.name + column);
    }
  }
  return found;
}

// The first few by name, the others counted.
std::string named(const missing_rights& rights) {
  std::string text;
  for (std::size_t n = 0; n < rights.size() && n < rights_named; ++n)
    text += (n == 0 ? "" : ", ") + rights[n];
  if (rights.size() > rights_named) text += " and " + std::to_string(rights.size() - rights_named) + " more";
  return text;
}

// refresh_access() gives what is new. What was given once and is not held any more was taken away, which it
// respects.
std::string mending(pg::spi& sql, const pg::row& row, const missing_rights& rights) {
  if (!row.is_null(5) && row.boolean(5))
    return "SELECT * FROM llm_admin.refresh_access_by_name() after a restore; where it is another role by "
           "now: "
           "SELECT llm_admin.grant_access(" +
           row.text(7) + ", " + row.text(8) + ")";
  // Nobody who holds a level is without this one. A row of 0.3 says nothing of rights.
  const bool has_none = rights.front() == schema_right;
  for (const std::string& right : rights)
    if (has_none ||
        sql.run(was_given, {pg::value(row.text(1)), pg::value(row.text(2)), pg::value(right)}, true) > 0)
      return "SELECT llm_admin.grant_access(" + row.text(7) + ", " + row.text(8) + ")";
  return "SELECT * FROM llm_admin.refresh_access()";
}

struct finding {
  std::string missing, statement;
};

finding look_at(const pg::row& row) {
  if (row.is_null(3))
    return {"the role itself", row.boolean(4)
                                   ? std::string("SELECT * FROM llm_admin.refresh_access()")
                                   : "SELECT * FROM llm_admin.revoke_gone_role(" + row.text(6) + ")"};
  const auto level = level_named(row.text(2));
  if (!level)
    return {"a level of this name", "DELETE FROM llm_admin.access_grants WHERE role_name = " + row.text(6) +
                                        " AND level = " + row.text(8)};
  pg::spi inner;  // the outer result is still being read
  const missing_rights rights = lacks(inner, DatumGetObjectId(row.raw(3, OIDOID)), *level);
  if (rights.empty()) return {};
  return {named(rights), mending(inner, row, rights)};
}

}  // namespace

}  // namespace llm_admin::roles

using namespace llm_admin;

LLM_ADMIN_FUNCTION(llm_admin_missing_access)(FunctionCallInfo fcinfo) {
  pg::row_set result(fcinfo);
  const store::as_owner owner;
  pg::spi given;
  const std::uint64_t rows = given.run(roles::select_levels, {}, true);
  for (std::uint64_t n = 0; n < rows; ++n) {
    const pg::row row = given.at(n);
    const roles::finding found = roles::look_at(row);
    if (found.missing.empty()) continue;
    pg::row_builder line;
    line.add_text(row.text(1)).add_text(row.text(2)).add_text(found.missing).add_text(found.statement);
    result.add(line);
  }
  return Datum{0};
}
