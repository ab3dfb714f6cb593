// What store/partitions.cpp asks the catalog of the logs and their months. $1 is the name of a log or of a month's partition,
// without its schema.
#pragma once

#include "pg/spi.hpp"

namespace llm_admin::store {

// The logs in the order of their making, with the column that says to which month a row belongs.
inline pg::statement all_logs{
    "SELECT c.relname::pg_catalog.text, a.attname::pg_catalog.text FROM pg_catalog.pg_class c "
    "JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace "
    "JOIN pg_catalog.pg_partitioned_table p ON p.partrelid OPERATOR(pg_catalog.=) c.oid "
    "JOIN pg_catalog.pg_attribute a ON a.attrelid OPERATOR(pg_catalog.=) c.oid "
    "AND a.attnum OPERATOR(pg_catalog.=) p.partattrs[0] "
    "WHERE n.nspname OPERATOR(pg_catalog.=) 'llm_admin' AND c.relname::pg_catalog.text "
    "OPERATOR(pg_catalog.=) ANY (ARRAY['llm_usage_logs', 'audit_log', 'audit_payloads']) "
    "AND p.partdefid OPERATOR(pg_catalog.<>) 0::pg_catalog.oid ORDER BY c.oid",
    {}};
inline pg::statement partitions_of_log{
    "SELECT c.relname::pg_catalog.text FROM pg_catalog.pg_inherits h "
    "JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) h.inhrelid "
    "WHERE h.inhparent OPERATOR(pg_catalog.=) "
    "pg_catalog.format('llm_admin.%I', $1)::pg_catalog.regclass::pg_catalog.oid ORDER BY c.relname",
    {TEXTOID}};
inline pg::statement wanted_months{
    "SELECT pg_catalog.to_char(pg_catalog.timezone('UTC', pg_catalog.statement_timestamp()) "
    "OPERATOR(pg_catalog.+) pg_catalog.make_interval(months => n), 'YYYY-MM') "
    "FROM pg_catalog.generate_series(0, 3) n ORDER BY 1",
    {}};
inline pg::statement month_of_time{"SELECT pg_catalog.to_char(pg_catalog.timezone('UTC', $1), 'YYYY-MM')",
                                   {TIMESTAMPTZOID}};
// The bounds of a month, as literals that mean the same whatever the settings are.
inline pg::statement bounds_of_month{
    "SELECT pg_catalog.concat($1, '-01 00:00:00+00'), pg_catalog.concat(pg_catalog.to_char("
    "pg_catalog.to_date($1, 'YYYY-MM') OPERATOR(pg_catalog.+) '1 month'::pg_catalog.interval, "
    "'YYYY-MM'), '-01 00:00:00+00')",
    {TEXTOID}};
// By name, since columns that were added later stand in another place of the one or the other.
inline pg::statement columns_of_log{
    "SELECT pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY a.attnum) "
    "FROM pg_catalog.pg_attribute a WHERE a.attrelid OPERATOR(pg_catalog.=) "
    "pg_catalog.format('llm_admin.%I', $1)::pg_catalog.regclass::pg_catalog.oid "
    "AND a.attnum OPERATOR(pg_catalog.>) 0::pg_catalog.int2 AND NOT a.attisdropped "
    "AND a.attgenerated OPERATOR(pg_catalog.=) ''::pg_catalog.\"char\"",
    {TEXTOID}};
// What the owner's default privileges gave away.
inline pg::statement grantees_of_month{
    "SELECT DISTINCT CASE WHEN e.grantee OPERATOR(pg_catalog.=) 0::pg_catalog.oid THEN 'PUBLIC' "
    "ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(e.grantee)) END "
    "FROM pg_catalog.pg_class c, pg_catalog.aclexplode(c.relacl) e WHERE c.oid OPERATOR(pg_catalog.=) "
    "pg_catalog.format('llm_admin.%I', $1)::pg_catalog.regclass::pg_catalog.oid "
    "AND e.grantee OPERATOR(pg_catalog.<>) c.relowner",
    {TEXTOID}};
// Triggers for each statement are not cloned. Of those of the default partition a month needs the ones for TRUNCATE.
inline pg::statement statement_triggers{
    "SELECT pg_catalog.quote_ident(g.tgname), pg_catalog.pg_get_triggerdef(g.oid), g.tgenabled "
    "OPERATOR(pg_catalog.=) 'A'::pg_catalog.\"char\", pg_catalog.obj_description(g.oid, 'pg_trigger'), "
    "pg_catalog.quote_literal(pg_catalog.obj_description(g.oid, 'pg_trigger')) "
    "FROM pg_catalog.pg_trigger g WHERE g.tgrelid OPERATOR(pg_catalog.=) "
    "pg_catalog.format('llm_admin.%I', $1)::pg_catalog.regclass::pg_catalog.oid "
    "AND NOT g.tgisinternal AND g.tgparentid OPERATOR(pg_catalog.=) 0::pg_catalog.oid "
    "AND (g.tgtype::pg_catalog.int4 OPERATOR(pg_catalog.&) 33) OPERATOR(pg_catalog.=) 32 ORDER BY g.tgname",
    {TEXTOID}};

}  // namespace llm_admin::store
