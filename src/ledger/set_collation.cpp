// llm_admin.set_collation(relations, columns, to_collation): how a step changes the collation of columns.
// Such a step makes this function first and drops it afterwards, so no version holds it.
//
// The catalogs are written directly: ALTER COLUMN ... TYPE refuses while a view, a policy, a trigger or a row
// type of somebody's uses the column, and none of them bears on how its values compare. Both collations are
// the server's own, so no dependency is recorded; no row is touched, the indexes are built anew.
#include <string>
#include <vector>

#include "ledger/own_script.hpp"
#include "pg/args.hpp"
#include "pg/entry.hpp"
#include "pg/spi.hpp"

namespace llm_admin::ledger {

namespace {

pg::statement select_collated_relations{
    "SELECT DISTINCT u.relation::pg_catalog.text COLLATE pg_catalog.\"C\" "
    "FROM pg_catalog.unnest($1) AS u (relation) ORDER BY 1",
    {REGCLASSARRAYOID}};

#define LLM_ADMIN_CHANGE                                                                                \
  "WITH change AS (SELECT a.attrelid, a.attnum, a.attcollation "                                        \
  "FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) AS u (relation, name) "                \
  "JOIN pg_catalog.pg_attribute a ON a.attrelid OPERATOR(pg_catalog.=) u.relation::pg_catalog.oid "     \
  "AND a.attname OPERATOR(pg_catalog.=) u.name::pg_catalog.name), "                                     \
  "key AS (SELECT i.indexrelid, k.place::pg_catalog.int2 AS place "                                     \
  "FROM change c JOIN pg_catalog.pg_index i ON i.indrelid OPERATOR(pg_catalog.=) c.attrelid, "          \
  "ROWS FROM (pg_catalog.unnest(i.indkey::pg_catalog.int2[]), "                                         \
  "pg_catalog.unnest(i.indcollation::pg_catalog.oid[])) "                                               \
  "WITH ORDINALITY AS k (attnum, collation_oid, place) WHERE k.attnum OPERATOR(pg_catalog.=) c.attnum " \
  "AND k.collation_oid OPERATOR(pg_catalog.=) c.attcollation) "

// The indexes first: which of their keys follow their column is told by the collation that it still has.
pg::statement update_index_columns{
    LLM_ADMIN_CHANGE
    "UPDATE pg_catalog.pg_attribute AS a SET attcollation = $3 FROM key "
    "WHERE a.attrelid OPERATOR(pg_catalog.=) key.indexrelid AND a.attnum OPERATOR(pg_catalog.=) key.place",
    {REGCLASSARRAYOID, TEXTARRAYOID, OIDOID}};
pg::statement update_indexes{
    LLM_ADMIN_CHANGE
    "UPDATE pg_catalog.pg_index AS i SET indcollation = n.collations FROM ("
    "SELECT x.indexrelid, pg_catalog.string_agg(CASE WHEN EXISTS (SELECT FROM key "
    "WHERE key.indexrelid OPERATOR(pg_catalog.=) x.indexrelid AND key.place OPERATOR(pg_catalog.=) o.place) "
    "THEN $3 ELSE o.collation_oid END::pg_catalog.text, ' ' ORDER BY o.place)::pg_catalog.oidvector AS "
    "collations "
    "FROM pg_catalog.pg_index x, pg_catalog.unnest(x.indcollation::pg_catalog.oid[]) "
    "WITH ORDINALITY AS o (collation_oid, place) "
    "WHERE x.indexrelid OPERATOR(pg_catalog.=) ANY (SELECT key.indexrelid FROM key) GROUP BY x.indexrelid) "
    "AS n "
    "WHERE i.indexrelid OPERATOR(pg_catalog.=) n.indexrelid",
    {REGCLASSARRAYOID, TEXTARRAYOID, OIDOID}};
pg::statement update_columns{
    LLM_ADMIN_CHANGE
    "UPDATE pg_catalog.pg_attribute AS a SET attcollation = $3 FROM change c "
    "WHERE a.attrelid OPERATOR(pg_catalog.=) c.attrelid AND a.attnum OPERATOR(pg_catalog.=) c.attnum",
    {REGCLASSARRAYOID, TEXTARRAYOID, OIDOID}};

#undef LLM_ADMIN_CHANGE

}  // namespace

}  // namespace llm_admin::ledger

using namespace llm_admin;

LLM_ADMIN_SCALAR(llm_admin_set_collation, BOOLOID)(FunctionCallInfo fcinfo) {
  ledger::require_own_script("set_collation");
  const pg::args in(fcinfo);
  const pg::parameter relations = pg::datum_value(in.raw(0, REGCLASSARRAYOID), REGCLASSARRAYOID);
  const pg::parameter columns = pg::datum_value(in.raw(1, TEXTARRAYOID), TEXTARRAYOID);
  const pg::parameter collation = pg::datum_value(in.raw(2, REGCOLLATIONOID), OIDOID);
  pg::spi spi;
  std::vector<std::string> tables;
  spi.run(ledger::select_collated_relations, {relations});
  for (std::uint64_t i = 0; i < spi.rows(); ++i) tables.push_back(spi.at(i).text(1));
  for (const std::string& table : tables) spi.execute("LOCK TABLE " + table + " IN ACCESS EXCLUSIVE MODE");
  spi.run(ledger::update_index_columns, {relations, columns, collation});
  spi.run(ledger::update_indexes, {relations, columns, collation});
  spi.run(ledger::update_columns, {relations, columns, collation});
  for (const std::string& table : tables) spi.execute("REINDEX TABLE " + table);
  return BoolGetDatum(true);
}
