// missing_access(): what roles lack of the levels they were given. Names and privileges come from the one
// list; whether a role has them is the server's word, so a right that comes through PUBLIC or a membership
// counts.
#include <string>

#include "pg/entry.hpp"
#include "pg/result.hpp"
#include "pg/role.hpp"
#include "pg/spi.hpp"
#include "roles/access_list.hpp"

namespace llm_admin::roles {

namespace {

constexpr int rights_named = 8;

pg::statement select_levels{
    "SELECT g.role_name, g.level, r.oid FROM llm_admin.access_grants g "
    "LEFT JOIN pg_catalog.pg_roles r ON r.rolname OPERATOR(pg_catalog.=) g.role_name::pg_catalog.name "
    "ORDER BY g.role_name COLLATE pg_catalog.\"C\", g.level COLLATE pg_catalog.\"C\"",
    {}};
pg::statement lacks_schema{
    "SELECT true WHERE NOT pg_catalog.has_schema_privilege($1, 'llm_admin', 'USAGE')", {OIDOID}};
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
// Of a relation all of $3's privileges, or those on every column but $4. A comma list given to the server's own
// functions would ask for any of them.
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
    "UNION ALL SELECT pg_catalog.format('%s (%I)', w.privilege, a.attname) FROM wanted w "
    "JOIN pg_catalog.pg_attribute a ON a.attrelid OPERATOR(pg_catalog.=) w.oid "
    "AND a.attnum OPERATOR(pg_catalog.>) 0::pg_catalog.int2 AND NOT a.attisdropped "
    "WHERE a.attname OPERATOR(pg_catalog.<>) $4::pg_catalog.name "
    "AND NOT pg_catalog.has_column_privilege($1, w.oid, a.attnum, w.privilege) "
    "ORDER BY lacking",
    {OIDOID, TEXTOID, TEXTOID, TEXTOID}};

// The first few by name, the others counted.
class lacking {
 public:
  void add(const std::string& right) {
    if (++count_ <= rights_named) text_ += (text_.empty() ? "" : ", ") + right;
  }
  std::string text() const {
    if (count_ <= rights_named) return text_;
    return text_ + " and " + std::to_string(count_ - rights_named) + " more";
  }

 private:
  int count_ = 0;
  std::string text_;
};

std::string lacks(pg::spi& sql, Oid role, levels of) {
  lacking found;
  const pg::parameter who = pg::datum_value(ObjectIdGetDatum(role), OIDOID);
  if (sql.run(lacks_schema, {who}, true) > 0) found.add("USAGE on schema llm_admin");
  for (const function_right& right : function_rights())
    if ((right.to & of) != 0 && sql.run(lacks_function, {who, pg::value(right.name)}, true) > 0)
      found.add(std::string("EXECUTE on ") + right.name);
  for (const relation_right& right : relation_rights()) {
    if ((right.to & of) == 0) continue;
    const pg::parameter but = right.except != nullptr ? pg::value(right.except) : pg::null_value();
    const std::uint64_t rows =
        sql.run(lacks_relation, {who, pg::value(right.name), pg::value(right.privileges), but}, true);
    for (std::uint64_t n = 0; n < rows; ++n) found.add(sql.at(n).text(1) + " on " + right.name);
  }
  return found.text();
}

}  // namespace

}  // namespace llm_admin::roles

using namespace llm_admin;

LLM_ADMIN_FUNCTION(llm_admin_missing_access)(FunctionCallInfo fcinfo) {
  pg::row_set result(fcinfo);
  const pg::as_owner owner;
  pg::spi given;
  const std::uint64_t rows = given.run(roles::select_levels, {}, true);
  for (std::uint64_t n = 0; n < rows; ++n) {
    const pg::row row = given.at(n);
    const auto level = roles::level_named(row.text(2));
    std::string lacks = "the role itself";
    if (!row.is_null(3)) {
      pg::spi inner;  // the outer result is still being read
      lacks = level ? roles::lacks(inner, DatumGetObjectId(row.raw(3, OIDOID)), *level) : "a level of this name";
    }
    if (lacks.empty()) continue;
    pg::row_builder line;
    line.add_text(row.text(1)).add_text(row.text(2)).add_text(lacks);
    result.add(line);
  }
  return Datum{0};
}
