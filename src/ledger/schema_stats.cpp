// schema_stats: the tables of the extension with their estimated rows and their sizes.
#include "pg/entry.hpp"
#include "pg/result.hpp"
#include "pg/spi.hpp"
#include "store/entered_tenant.hpp"

using namespace llm_admin;

namespace {

// The server writes -1 for a table that was never vacuumed or analysed: unknown, so NULL here. Of a table
// with rows of tenants nothing is told where $1, the entered tenant, is given.
pg::statement select_tables{
    "SELECT c.relname::pg_catalog.text, CASE WHEN c.reltuples OPERATOR(pg_catalog.>=) 0::pg_catalog.float4 "
    "AND NOT t.hidden THEN c.reltuples::pg_catalog.int8 END, "
    "CASE WHEN NOT t.hidden THEN pg_catalog.pg_total_relation_size(c.oid::pg_catalog.regclass) END "
    "FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_extension e ON e.oid OPERATOR(pg_catalog.=) d.refobjid "
    "JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) d.objid "
    "CROSS JOIN LATERAL (SELECT $1 IS NOT NULL AND EXISTS (SELECT FROM pg_catalog.pg_attribute a "
    "WHERE a.attrelid OPERATOR(pg_catalog.=) c.oid AND a.attname OPERATOR(pg_catalog.=) "
    "'tenant_id'::pg_catalog.name AND NOT a.attisdropped) AS hidden) t "
    "WHERE d.refclassid OPERATOR(pg_catalog.=) "
    "'pg_catalog.pg_extension'::pg_catalog.regclass::pg_catalog.oid "
    "AND d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid "
    "AND d.deptype OPERATOR(pg_catalog.=) 'e'::pg_catalog.\"char\" AND e.extname OPERATOR(pg_catalog.=) "
    "'llm_admin'::pg_catalog.name AND (c.relkind OPERATOR(pg_catalog.=) 'r'::pg_catalog.\"char\" OR "
    "c.relkind "
    "OPERATOR(pg_catalog.=) 'p'::pg_catalog.\"char\") ORDER BY c.relname",
    {TEXTOID}};

}  // namespace

LLM_ADMIN_FUNCTION(llm_admin_schema_stats)(FunctionCallInfo fcinfo) {
  pg::row_set rows(fcinfo);
  pg::spi sql;
  sql.run(select_tables, {pg::value(store::entered_tenant())}, true);
  for (std::uint64_t n = 0; n < sql.rows(); ++n) {
    const pg::row found = sql.at(n);
    pg::row_builder row;
    row.add_text(found.text(1));
    for (const int column : {2, 3}) {
      if (found.is_null(column))
        row.add_null();
      else
        row.add_bigint(found.bigint(column));
    }
    rows.add(row);
  }
  return Datum{0};
}
