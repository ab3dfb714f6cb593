// llm_admin.drop_tables(leaving, counted, narrowed, columns): how a step down takes away tables, views and composite
// types that the older version does not have, a partitioned table with all its partitions. Such a step makes this
// function first and drops it afterwards, so no version holds it. `counted` holds, for each of them in order, the SQL
// condition of the rows t that are somebody's; NULL, or no element, is all rows. (The step does not delete what ships
// instead: a foreign key of somebody's may hold on to it.) `narrowed`, which steps to versions before 0.5 do not give,
// are tables that stay and lose a column each, `columns`, whose values are somebody's: counted here, so that one error
// tells all, and dropped by drop_columns.
#include <string>
#include <vector>

#include "core/error.hpp"
#include "ledger/allowed_loss.hpp"
#include "ledger/own_script.hpp"
#include "pg/args.hpp"
#include "pg/entry.hpp"
#include "pg/settings.hpp"
#include "pg/spi.hpp"

namespace llm_admin::ledger {

namespace {

constexpr std::uint64_t relation_users_named = 8;

pg::statement select_relations{
    "SELECT u.relation::pg_catalog.text, c.relkind::pg_catalog.text, COALESCE(u.counted, 'true') "
    "FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) WITH ORDINALITY AS u (relation, counted, "
    "place) "
    "JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) u.relation::pg_catalog.oid "
    "ORDER BY u.place",
    {REGCLASSARRAYOID, TEXTARRAYOID}};

pg::statement select_narrowed{
    "SELECT u.relation::pg_catalog.text, pg_catalog.quote_ident(u.name) "
    "FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) WITH ORDINALITY AS u (relation, name, "
    "place) "
    "ORDER BY u.place",
    {REGCLASSARRAYOID, TEXTARRAYOID}};

// The partitions and the sequences that go with a table, where they are members of the extension.
pg::statement select_parts_of{
    "SELECT CASE WHEN c.relkind OPERATOR(pg_catalog.=) 'S' THEN 'SEQUENCE ' ELSE 'TABLE ' END "
    "OPERATOR(pg_catalog.||) c.oid::pg_catalog.regclass::pg_catalog.text FROM pg_catalog.pg_depend d "
    "JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) d.objid AND d.classid OPERATOR(pg_catalog.=) "
    "'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid "
    "JOIN pg_catalog.pg_depend m ON m.objid OPERATOR(pg_catalog.=) c.oid AND m.classid "
    "OPERATOR(pg_catalog.=) "
    "d.classid AND m.deptype OPERATOR(pg_catalog.=) 'e' AND m.refobjid OPERATOR(pg_catalog.=) $2 "
    "WHERE d.refobjid OPERATOR(pg_catalog.=) $1::pg_catalog.regclass::pg_catalog.oid "
    "AND d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid "
    "AND (c.relispartition OR c.relkind OPERATOR(pg_catalog.=) 'S') ORDER BY c.relname",
    {TEXTOID, OIDOID}};

// For what, outside the extension, the server would refuse to drop one of them: it depends on the relation, one of
// its partitions, its row type or the array of that, and is no part of one. Of a view's rule, the view.
pg::statement select_relation_users{
    "WITH leaving AS ("
    "SELECT c.oid::pg_catalog.regclass AS relation, p.classid, p.objid "
    "FROM pg_catalog.pg_class c JOIN pg_catalog.pg_type t ON t.oid OPERATOR(pg_catalog.=) c.reltype, "
    "LATERAL (VALUES ('pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid, c.oid), "
    "('pg_catalog.pg_type'::pg_catalog.regclass::pg_catalog.oid, t.oid), "
    "('pg_catalog.pg_type'::pg_catalog.regclass::pg_catalog.oid, t.typarray)) AS p (classid, objid) "
    "WHERE c.oid OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.oid[]) OR EXISTS (SELECT "
    "FROM pg_catalog.unnest($1) AS r (whole), LATERAL pg_catalog.pg_partition_tree(r.whole) AS p "
    "WHERE p.relid::pg_catalog.oid OPERATOR(pg_catalog.=) c.oid)), "
    "dependent AS (SELECT l.relation, d.classid, d.objid, d.objsubid, d.deptype "
    "FROM leaving l JOIN pg_catalog.pg_depend d ON d.refclassid OPERATOR(pg_catalog.=) l.classid "
    "AND d.refobjid OPERATOR(pg_catalog.=) l.objid), "
    "reference AS (SELECT DISTINCT d.relation, "
    "CASE WHEN w.oid IS NULL THEN d.classid "
    "ELSE 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid END AS classid, "
    "COALESCE(w.ev_class, d.objid) AS objid, CASE WHEN w.oid IS NULL THEN d.objsubid ELSE 0 END AS objsubid "
    "FROM dependent d LEFT JOIN pg_catalog.pg_rewrite w ON w.oid OPERATOR(pg_catalog.=) d.objid "
    "AND d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_rewrite'::pg_catalog.regclass::pg_catalog.oid "
    "WHERE d.deptype OPERATOR(pg_catalog.=) 'n' AND NOT EXISTS (SELECT FROM dependent p "
    "WHERE p.classid OPERATOR(pg_catalog.=) d.classid AND p.objid OPERATOR(pg_catalog.=) d.objid "
    "AND p.deptype OPERATOR(pg_catalog.<>) 'n')) "
    "SELECT pg_catalog.format('%s uses %s', "
    "pg_catalog.pg_describe_object(r.classid, r.objid, r.objsubid), r.relation) "
    "COLLATE pg_catalog.\"C\" "
    "FROM reference r "
    "WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend m WHERE m.classid OPERATOR(pg_catalog.=) r.classid "
    "AND m.objid OPERATOR(pg_catalog.=) r.objid AND m.deptype OPERATOR(pg_catalog.=) 'e' "
    "AND m.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_extension'::pg_catalog.regclass::pg_catalog.oid "
    "AND m.refobjid OPERATOR(pg_catalog.=) $2) ORDER BY 1",
    {REGCLASSARRAYOID, OIDOID}};

struct relation {
  std::string name;
  char kind;
  std::string counted;
  bool is_partitioned() const noexcept { return kind == RELKIND_PARTITIONED_TABLE; }
  bool holds_rows() const noexcept { return kind == RELKIND_RELATION || is_partitioned(); }
};

std::vector<relation> named(pg::spi& spi, pg::parameter leaving, pg::parameter counted) {
  std::vector<relation> relations;
  const std::uint64_t count = spi.run(select_relations, {leaving, counted});
  for (std::uint64_t i = 0; i < count; ++i)
    relations.push_back({spi.at(i).text(1), spi.at(i).text(2)[0], spi.at(i).text(3)});
  return relations;
}

struct narrowed_table {
  std::string name, column;
};

std::vector<narrowed_table> narrowed_by(pg::spi& spi, pg::parameter relations, pg::parameter columns) {
  std::vector<narrowed_table> tables;
  const std::uint64_t count = spi.run(select_narrowed, {relations, columns});
  for (std::uint64_t i = 0; i < count; ++i) tables.push_back({spi.at(i).text(1), spi.at(i).text(2)});
  return tables;
}

// Locked against writers, and whatever the transaction's snapshot, so that no row comes later.
std::int64_t rows_left(pg::spi& spi, const std::string& rows_of, const std::string& condition) {
  spi.execute("LOCK TABLE " + rows_of + " IN ACCESS EXCLUSIVE MODE");
  const std::string sql = "SELECT pg_catalog.count(*) FROM " + rows_of + " t WHERE " + condition;
  pg::statement count_rows = pg::statement::of_text(sql.c_str());
  spi.run_on_latest(count_rows, {});
  return spi.at(0).bigint(1);
}

// What stands in the way: each table that holds rows, with their number, and what uses one of the relations.
struct obstacles {
  std::string list;
  std::string first_table;  // the first that holds rows; empty when none does
  bool in_use = false;
};

obstacles find_obstacles(pg::spi& spi, pg::parameter leaving, const std::vector<relation>& relations,
                         const std::vector<narrowed_table>& narrowed, Oid extension) {
  obstacles found;
  const auto add = [&](const std::string& what) { found.list += (found.list.empty() ? "" : "; ") + what; };
  for (const relation& r : relations) {
    if (!r.holds_rows()) continue;
    const std::int64_t rows = rows_left(spi, (r.is_partitioned() ? "" : "ONLY ") + r.name, r.counted);
    if (rows == 0) continue;
    if (found.first_table.empty()) found.first_table = r.name;
    add("table " + r.name + " holds " + std::to_string(rows) + (rows == 1 ? " row" : " rows"));
  }
  for (const narrowed_table& one : narrowed) {
    const std::int64_t values = rows_left(spi, "ONLY " + one.name, "t." + one.column + " IS NOT NULL");
    if (values == 0) continue;
    if (found.first_table.empty()) found.first_table = one.name;
    add("column " + one.column + " of table " + one.name + " holds " + std::to_string(values) +
        (values == 1 ? " value" : " values"));
  }
  const std::uint64_t users =
      spi.run(select_relation_users, {leaving, pg::datum_value(ObjectIdGetDatum(extension), OIDOID)});
  found.in_use = users > 0;
  for (std::uint64_t i = 0; i < users && i < relation_users_named; ++i) add(spi.at(i).text(1));
  if (users > relation_users_named) add("and " + std::to_string(users - relation_users_named) + " more");
  return found;
}

std::string hint(const obstacles& found) {
  std::string text;
  if (!found.first_table.empty())
    text += "CREATE TABLE kept AS TABLE " + found.first_table + " keeps a table's rows; ";
  if (found.in_use) text += "drop what uses them; ";
  return text + "SET llm_admin.allow_data_loss = on and all of it is dropped with the step";
}

// A table is taken from the extension first: dropped as a member it would leave its OID in the list of those
// to dump.
void drop(pg::spi& spi, const relation& r, bool cascade, Oid extension) {
  const std::string end = cascade ? " CASCADE" : "";
  if (!r.holds_rows()) {
    spi.execute((r.kind == RELKIND_VIEW ? "DROP VIEW " : "DROP TYPE ") + r.name + end);
    return;
  }
  std::vector<std::string> parts;
  spi.run(select_parts_of, {pg::value(r.name), pg::datum_value(ObjectIdGetDatum(extension), OIDOID)});
  for (std::uint64_t n = 0; n < spi.rows(); ++n) parts.push_back(spi.at(n).text(1));
  for (const std::string& part : parts) spi.execute("ALTER EXTENSION llm_admin DROP " + part);
  spi.execute("ALTER EXTENSION llm_admin DROP TABLE " + r.name);
  spi.execute("DROP TABLE " + r.name + end);
}

void drop_tables(pg::spi& spi, pg::parameter leaving, pg::parameter counted,
                 const std::vector<narrowed_table>& narrowed, Oid extension) {
  const std::vector<relation> all = named(spi, leaving, counted);
  const obstacles found = find_obstacles(spi, leaving, all, narrowed, extension);
  if (!found.list.empty() && !pg::settings::allow_data_loss())
    throw error(sqlstate::would_lose_data, "what this step drops holds rows or is in use", found.list,
                hint(found));
  if (!found.list.empty()) note_allowed_loss(found.list);
  for (const relation& r : all) drop(spi, r, found.in_use, extension);
}

}  // namespace

}  // namespace llm_admin::ledger

using namespace llm_admin;

LLM_ADMIN_FUNCTION(llm_admin_drop_tables)(FunctionCallInfo fcinfo) {
  const Oid extension = ledger::require_own_script("drop_tables");
  pg::spi spi;
  const pg::args arguments(fcinfo);
  std::vector<ledger::narrowed_table> narrowed;
  if (fcinfo->nargs > 2)
    narrowed = ledger::narrowed_by(spi, pg::datum_value(arguments.raw(2, REGCLASSARRAYOID), REGCLASSARRAYOID),
                                   pg::datum_value(arguments.raw(3, TEXTARRAYOID), TEXTARRAYOID));
  ledger::drop_tables(spi, pg::datum_value(arguments.raw(0, REGCLASSARRAYOID), REGCLASSARRAYOID),
                      pg::datum_value(arguments.raw(1, TEXTARRAYOID), TEXTARRAYOID), narrowed, extension);
  return BoolGetDatum(true);
}
