// validate_schema()'s look at the months of logs. They are made as time passes, so no reference names them: each
// is compared with what its name says, with its log and with the default partition.
#include <string>

#include "ledger/schema_report.hpp"
#include "pg/pinned_settings.hpp"
#include "pg/spi.hpp"

namespace llm_admin::ledger {

namespace {

#define LLM_ADMIN_MONTHS                                                                            \
  "WITH month AS (SELECT c.oid, l.oid AS log, d.oid AS rest, "                                      \
  "pg_catalog.format('%I.%I', n.nspname, c.relname) AS name, "                                      \
  "pg_catalog.format('%I.%I', n.nspname, l.relname) AS log_name, "                                  \
  "pg_catalog.format('%I.%I', n.nspname, d.relname) AS rest_name, "                                 \
  "pg_catalog.pg_get_expr(c.relpartbound, c.oid) AS bounds, "                                       \
  "pg_catalog.make_timestamptz(pg_catalog.substr(c.relname::pg_catalog.text, pg_catalog.length("    \
  "c.relname::pg_catalog.text) OPERATOR(pg_catalog.-) 6, 4)::pg_catalog.int4, "                     \
  "pg_catalog.right(c.relname::pg_catalog.text, 2)::pg_catalog.int4, 1, 0, 0, 0, 'UTC') AS began "  \
  "FROM pg_catalog.pg_extension e "                                                                 \
  "JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) e.extnamespace "                  \
  "JOIN pg_catalog.pg_class c ON c.relnamespace OPERATOR(pg_catalog.=) n.oid AND c.relispartition " \
  "JOIN pg_catalog.pg_inherits h ON h.inhrelid OPERATOR(pg_catalog.=) c.oid "                       \
  "JOIN pg_catalog.pg_class l ON l.oid OPERATOR(pg_catalog.=) h.inhparent "                         \
  "JOIN pg_catalog.pg_partitioned_table p ON p.partrelid OPERATOR(pg_catalog.=) l.oid "             \
  "JOIN pg_catalog.pg_class d ON d.oid OPERATOR(pg_catalog.=) p.partdefid "                         \
  "WHERE e.extname OPERATOR(pg_catalog.=) 'llm_admin' AND pg_catalog.regexp_replace("               \
  "c.relname::pg_catalog.text, '_(?!0000)[0-9]{4}_(0[1-9]|1[0-2])$', '') "                          \
  "OPERATOR(pg_catalog.=) l.relname::pg_catalog.text) "

// Name, log, its bounds, those that it should have. Both are texts of this moment's settings.
pg::statement select_months{
    LLM_ADMIN_MONTHS
    "SELECT m.name, m.log_name, m.bounds, pg_catalog.format('FOR VALUES FROM (%L) TO (%L)', m.began, "
    "pg_catalog.timezone('UTC', pg_catalog.timezone('UTC', m.began) OPERATOR(pg_catalog.+) "
    "'1 month'::pg_catalog.interval)) FROM month m ORDER BY m.name COLLATE pg_catalog.\"C\"",
    {}};

// Triggers for TRUNCATE are not cloned, so the default partition's are looked for by name: month, trigger,
// the statement that makes it, and whether it is there but another one.
pg::statement select_lost_triggers{
    LLM_ADMIN_MONTHS
    "SELECT m.name, pg_catalog.quote_ident(g.tgname), pg_catalog.concat(CASE WHEN t.oid IS NULL THEN '' "
    "ELSE pg_catalog.format('DROP TRIGGER %I ON %s; ', g.tgname, m.name) END, "
    "pg_catalog.replace(pg_catalog.pg_get_triggerdef(g.oid), pg_catalog.format(' ON %s ', m.rest_name), "
    "pg_catalog.format(' ON %s ', m.name)), CASE WHEN g.tgenabled OPERATOR(pg_catalog.=) 'A' THEN "
    "pg_catalog.format('; ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', m.name, g.tgname) ELSE '' END, "
    "'; ' OPERATOR(pg_catalog.||) pg_catalog.format('COMMENT ON TRIGGER %I ON %s IS %L', g.tgname, m.name, "
    "pg_catalog.obj_description(g.oid, 'pg_trigger'))), t.oid IS NOT NULL "
    "FROM month m JOIN pg_catalog.pg_trigger g ON g.tgrelid OPERATOR(pg_catalog.=) m.rest "
    "AND NOT g.tgisinternal AND g.tgparentid OPERATOR(pg_catalog.=) 0::pg_catalog.oid "
    "AND (g.tgtype::pg_catalog.int4 OPERATOR(pg_catalog.&) 33) OPERATOR(pg_catalog.=) 32 "
    "LEFT JOIN pg_catalog.pg_trigger t ON t.tgrelid OPERATOR(pg_catalog.=) m.oid "
    "AND t.tgname OPERATOR(pg_catalog.=) g.tgname "
    "WHERE t.oid IS NULL OR pg_catalog.replace(pg_catalog.pg_get_triggerdef(t.oid), "
    "pg_catalog.format(' ON %s ', m.name), pg_catalog.format(' ON %s ', m.rest_name)) "
    "OPERATOR(pg_catalog.<>) pg_catalog.pg_get_triggerdef(g.oid) "
    "ORDER BY m.name COLLATE pg_catalog.\"C\", g.tgname",
    {}};

// Triggers of a month that fire at other times than those they follow, the log's or the default partition's.
pg::statement select_switched_triggers{
    LLM_ADMIN_MONTHS
    "SELECT m.name, pg_catalog.quote_ident(t.tgname), pg_catalog.format('ALTER TABLE %s %s TRIGGER %I', "
    "m.name, "
    "CASE WHEN g.tgenabled OPERATOR(pg_catalog.=) 'A' THEN 'ENABLE ALWAYS' "
    "WHEN g.tgenabled OPERATOR(pg_catalog.=) 'R' THEN 'ENABLE REPLICA' "
    "WHEN g.tgenabled OPERATOR(pg_catalog.=) 'D' THEN 'DISABLE' ELSE 'ENABLE' END, t.tgname) "
    "FROM month m JOIN pg_catalog.pg_trigger t ON t.tgrelid OPERATOR(pg_catalog.=) m.oid "
    "AND NOT t.tgisinternal "
    "JOIN pg_catalog.pg_trigger g ON CASE WHEN t.tgparentid OPERATOR(pg_catalog.<>) 0::pg_catalog.oid "
    "THEN g.oid OPERATOR(pg_catalog.=) t.tgparentid ELSE g.tgrelid OPERATOR(pg_catalog.=) m.rest "
    "AND g.tgname OPERATOR(pg_catalog.=) t.tgname END "
    "WHERE t.tgenabled OPERATOR(pg_catalog.<>) g.tgenabled "
    "ORDER BY m.name COLLATE pg_catalog.\"C\", t.tgname",
    {}};

#undef LLM_ADMIN_MONTHS

}  // namespace

void check_months(schema_report& report) {
  const std::int64_t before = report.faults();
  const pg::pinned_settings pinned;
  std::int64_t count = 0;
  {
    pg::spi sql;
    count = static_cast<std::int64_t>(sql.run(select_months, {}, true));
    for (std::uint64_t n = 0; n < sql.rows(); ++n) {
      const pg::row row = sql.at(n);
      const std::string name = row.text(1), log = row.text(2), bounds = row.text(3), wanted = row.text(4);
      if (bounds == wanted) continue;
      report.fault("month", name, "it is there " + bounds + ", and its name says " + wanted,
                   "ALTER TABLE " + log + " DETACH PARTITION " + name + "; ALTER TABLE " + log +
                       " ATTACH PARTITION " + name + ' ' + wanted);
    }
  }
  {
    pg::spi sql;
    sql.run(select_lost_triggers, {}, true);
    for (std::uint64_t n = 0; n < sql.rows(); ++n) {
      const pg::row row = sql.at(n);
      report.fault("month", row.text(1),
                   row.boolean(4)
                       ? "its trigger " + row.text(2) + " is another one than the default partition's"
                       : "its trigger " + row.text(2) + " is missing: a TRUNCATE takes its rows",
                   row.text(3));
    }
  }
  {
    pg::spi sql;
    sql.run(select_switched_triggers, {}, true);
    for (std::uint64_t n = 0; n < sql.rows(); ++n) {
      const pg::row row = sql.at(n);
      report.fault("month", row.text(1),
                   "its trigger " + row.text(2) + " fires at other times than its log's", row.text(3));
    }
  }
  if (report.faults() == before)
    report.add("month", "logs", verdict::ok,
               std::to_string(count) + (count == 1 ? " month is" : " months are") + " as made");
}

}  // namespace llm_admin::ledger
