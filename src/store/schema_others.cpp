// Of the extension's catalog: what no version makes, and users add.
#include "store/schema_relations.hpp"

namespace llm_admin::store {

namespace {

// Tables that ours inherits from or is a partition of, and those that inherit from ours.
pg::statement relatives{
    LLM_ADMIN_RELATIONS
    "SELECT 'parent', pg_catalog.format('%s on %s', r.name, o.name), o.name, r.name, "
    "pg_catalog.format('partition: %s', o.relispartition), o.is_member "
    "FROM ours o JOIN pg_catalog.pg_inherits h ON h.inhrelid OPERATOR(pg_catalog.=) o.oid "
    "JOIN relation r ON r.oid OPERATOR(pg_catalog.=) h.inhparent "
    "UNION ALL "
    "SELECT 'child', pg_catalog.format('%s on %s', r.name, o.name), o.name, r.name, '', o.is_member "
    "FROM ours o JOIN pg_catalog.pg_inherits h ON h.inhparent OPERATOR(pg_catalog.=) o.oid "
    "JOIN relation r ON r.oid OPERATOR(pg_catalog.=) h.inhrelid "
    "WHERE NOT (r.is_member AND r.relispartition) ORDER BY 1, 2",
    {}};

// What else stands in the schema: operators, domains, collations and their like. A domain must not pass for a
// type of ours, nor a range.
pg::statement neighbours{
    LLM_ADMIN_RELATIONS
    "SELECT CASE WHEN d.classid OPERATOR(pg_catalog.<>) "
    "'pg_catalog.pg_type'::pg_catalog.regclass::pg_catalog.oid THEN i.type WHEN EXISTS (SELECT FROM "
    "pg_catalog.pg_type t WHERE t.oid OPERATOR(pg_catalog.=) d.objid AND t.typtype OPERATOR(pg_catalog.=) "
    "'d') THEN 'domain' ELSE 'data type' END, i.identity, '', '', '', false FROM own "
    "JOIN pg_catalog.pg_depend d ON d.refobjid OPERATOR(pg_catalog.=) own.extnamespace AND d.refclassid "
    "OPERATOR(pg_catalog.=) 'pg_catalog.pg_namespace'::pg_catalog.regclass::pg_catalog.oid "
    "AND d.deptype OPERATOR(pg_catalog.=) 'n' "
    "CROSS JOIN LATERAL pg_catalog.pg_identify_object(d.classid, d.objid, 0) i "
    "WHERE d.classid OPERATOR(pg_catalog.<>) ALL "
    "(ARRAY['pg_catalog.pg_class', 'pg_catalog.pg_proc', 'pg_catalog.pg_extension', "
    "'pg_catalog.pg_statistic_ext']::pg_catalog.regclass[]::pg_catalog.oid[]) "
    "AND NOT EXISTS (SELECT FROM member m WHERE m.classid OPERATOR(pg_catalog.=) d.classid "
    "AND m.objid OPERATOR(pg_catalog.=) d.objid) "
    // A row type is told with its relation.
    "AND NOT EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.reltype OPERATOR(pg_catalog.=) d.objid "
    "AND d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_type'::pg_catalog.regclass::pg_catalog.oid) "
    "ORDER BY 1, 2",
    {}};

// Settings of tables and columns that no version makes, where they are not the server's defaults. Options
// whose names begin with pg_ are the server's own.
pg::statement settings{
    LLM_ADMIN_RELATIONS
    "SELECT 'setting', pg_catalog.format('%s on %s', s.name, o.name), o.name, s.identifier, "
    "pg_catalog.format('value: %s', s.value), o.is_member FROM ours o "
    "CROSS JOIN LATERAL (SELECT 'replica identity', '', o.relreplident::pg_catalog.text "
    "WHERE o.relreplident OPERATOR(pg_catalog.<>) 'd' "
    "UNION ALL SELECT 'storage parameters', '', pg_catalog.array_to_string(o.reloptions, ', ') "
    "WHERE o.reloptions IS NOT NULL "
    "UNION ALL SELECT pg_catalog.format('storage of column %I', a.attname), "
    "pg_catalog.quote_ident(a.attname), a.attstorage::pg_catalog.text FROM pg_catalog.pg_attribute a "
    "JOIN pg_catalog.pg_type t ON t.oid OPERATOR(pg_catalog.=) a.atttypid WHERE a.attrelid "
    "OPERATOR(pg_catalog.=) o.oid AND a.attnum OPERATOR(pg_catalog.>) 0::pg_catalog.int2 "
    "AND NOT a.attisdropped AND a.attstorage OPERATOR(pg_catalog.<>) t.typstorage "
    "UNION ALL SELECT pg_catalog.format('compression of column %I', a.attname), "
    "pg_catalog.quote_ident(a.attname), a.attcompression::pg_catalog.text FROM pg_catalog.pg_attribute a "
    "WHERE a.attrelid OPERATOR(pg_catalog.=) o.oid AND a.attnum OPERATOR(pg_catalog.>) 0::pg_catalog.int2 "
    "AND NOT a.attisdropped AND a.attcompression OPERATOR(pg_catalog.<>) '' "
    "UNION ALL SELECT pg_catalog.format('options of column %I', a.attname), "
    "pg_catalog.quote_ident(a.attname), pg_catalog.string_agg(v.option, ', ') "
    "FROM pg_catalog.pg_attribute a, pg_catalog.unnest(a.attoptions) AS v (option) "
    "WHERE a.attrelid OPERATOR(pg_catalog.=) o.oid AND NOT pg_catalog.starts_with(v.option, 'pg_') "
    "GROUP BY a.attname) AS s (name, identifier, value) "
    "WHERE o.kind OPERATOR(pg_catalog.=) 'table' ORDER BY 2",
    {}};

}  // namespace

std::array<pg::statement*, 3> statements_of_others() noexcept { return {&relatives, &neighbours, &settings}; }

}  // namespace llm_admin::store
