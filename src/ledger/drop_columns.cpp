// llm_admin.drop_columns(relations, columns): how a step down takes away columns that the older version does
// not have, one of each array for each. Such a step makes this function first and drops it afterwards, so no
// version holds it. Its columns hold nothing of the user's that drop_tables has not told, but views and functions of
// the user's may use them.
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

constexpr std::uint64_t column_users_named = 8;

pg::statement select_columns{
    "SELECT u.relation::pg_catalog.text, pg_catalog.quote_ident(u.name) "
    "FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) AS u (relation, name)",
    {REGCLASSARRAYOID, TEXTARRAYOID}};

// What would keep the server from dropping them and is no member of the extension; of a view's rule, the
// view.
pg::statement select_column_users{
    "WITH reference AS (SELECT DISTINCT u.relation, u.name, "
    "CASE WHEN w.oid IS NULL THEN d.classid "
    "ELSE 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid END AS classid, "
    "COALESCE(w.ev_class, d.objid) AS objid, CASE WHEN w.oid IS NULL THEN d.objsubid ELSE 0 END AS objsubid "
    "FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) AS u (relation, name) "
    "JOIN pg_catalog.pg_attribute a ON a.attrelid OPERATOR(pg_catalog.=) u.relation::pg_catalog.oid "
    "AND a.attname OPERATOR(pg_catalog.=) u.name::pg_catalog.name "
    "JOIN pg_catalog.pg_depend d ON d.refobjid OPERATOR(pg_catalog.=) a.attrelid "
    "AND d.refobjsubid OPERATOR(pg_catalog.=) a.attnum "
    "AND d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid "
    "AND d.deptype OPERATOR(pg_catalog.=) 'n' "
    "LEFT JOIN pg_catalog.pg_rewrite w ON w.oid OPERATOR(pg_catalog.=) d.objid "
    "AND d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_rewrite'::pg_catalog.regclass::pg_catalog.oid) "
    "SELECT pg_catalog.format('%s uses column %I of %s', "
    "pg_catalog.pg_describe_object(r.classid, r.objid, r.objsubid), r.name, r.relation) COLLATE "
    "pg_catalog.\"C\" "
    "FROM reference r WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend m "
    "WHERE m.classid OPERATOR(pg_catalog.=) r.classid AND m.objid OPERATOR(pg_catalog.=) r.objid "
    "AND m.deptype OPERATOR(pg_catalog.=) 'e' "
    "AND m.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_extension'::pg_catalog.regclass::pg_catalog.oid "
    "AND m.refobjid OPERATOR(pg_catalog.=) $3) ORDER BY 1",
    {REGCLASSARRAYOID, TEXTARRAYOID, OIDOID}};

void drop_columns(pg::spi& spi, pg::parameter relations, pg::parameter columns, Oid extension) {
  const std::uint64_t users = spi.run(
      select_column_users, {relations, columns, pg::datum_value(ObjectIdGetDatum(extension), OIDOID)});
  std::string list;
  for (std::uint64_t i = 0; i < users && i < column_users_named; ++i)
    list += (i == 0 ? "" : "; ") + spi.at(i).text(1);
  if (users > column_users_named) list += "; and " + std::to_string(users - column_users_named) + " more";
  if (users > 0 && !pg::settings::allow_data_loss())
    throw error(sqlstate::would_lose_data, "objects outside the extension use columns that this step drops",
                list,
                "drop them, or SET llm_admin.allow_data_loss = on and they are dropped with the columns");
  if (users > 0) note_allowed_loss(list);
  std::vector<std::string> statements;
  spi.run(select_columns, {relations, columns});
  for (std::uint64_t i = 0; i < spi.rows(); ++i)
    statements.push_back("ALTER TABLE " + spi.at(i).text(1) + " DROP COLUMN " + spi.at(i).text(2) +
                         (users > 0 ? " CASCADE" : ""));
  for (const std::string& one : statements) spi.execute(one);
}

}  // namespace

}  // namespace llm_admin::ledger

using namespace llm_admin;

LLM_ADMIN_SCALAR(llm_admin_drop_columns, BOOLOID)(FunctionCallInfo fcinfo) {
  const Oid extension = ledger::require_own_script("drop_columns");
  const pg::args in(fcinfo);
  pg::spi spi;
  ledger::drop_columns(spi, pg::datum_value(in.raw(0, REGCLASSARRAYOID), REGCLASSARRAYOID),
                       pg::datum_value(in.raw(1, TEXTARRAYOID), TEXTARRAYOID), extension);
  return BoolGetDatum(true);
}
