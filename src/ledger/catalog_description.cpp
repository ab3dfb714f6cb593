#include "ledger/catalog_description.hpp"

#include "core/crypto/primitives.hpp"
#include "core/encoding.hpp"
#include "pg/pinned_settings.hpp"

namespace llm_admin::ledger {

namespace {

// Partitions of months come and go with the calendar and the rows; of partitions the default ones alone are told.
// Of a composite type the type is the member, not its relation. NOT NULL is told by the column; only
// PostgreSQL 18 also keeps it as a constraint (contype n).
pg::statement select_description{
    "WITH member AS ("
    "SELECT d.classid, d.objid FROM pg_catalog.pg_depend d "
    "WHERE d.refclassid OPERATOR(pg_catalog.=) "
    "'pg_catalog.pg_extension'::pg_catalog.regclass::pg_catalog.oid "
    "AND d.refobjid OPERATOR(pg_catalog.=) $1 AND d.deptype OPERATOR(pg_catalog.=) 'e'), "
    "of_a_month AS ("
    "SELECT c.oid FROM pg_catalog.pg_class c WHERE c.relispartition AND "
    "pg_catalog.pg_get_expr(c.relpartbound, "
    "c.oid) OPERATOR(pg_catalog.<>) 'DEFAULT'), "
    "relation AS ("
    "SELECT c.*, pg_catalog.format('%I.%I', n.nspname, c.relname) AS name "
    "FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) "
    "c.relnamespace "
    "WHERE NOT EXISTS (SELECT FROM of_a_month o WHERE o.oid OPERATOR(pg_catalog.=) c.oid) "
    "AND EXISTS (SELECT FROM member m WHERE (m.objid OPERATOR(pg_catalog.=) c.oid "
    "AND m.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid) "
    "OR (m.objid OPERATOR(pg_catalog.=) c.reltype "
    "AND m.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_type'::pg_catalog.regclass::pg_catalog.oid))), "
    "line AS ("
    "SELECT pg_catalog.format('relation %s', r.name) AS object, "
    "pg_catalog.format('kind=%s persistence=%s row_security=%s,%s options=%s view=%s comment=%s', r.relkind, "
    "r.relpersistence, r.relrowsecurity, r.relforcerowsecurity, r.reloptions, "
    "CASE WHEN r.relkind OPERATOR(pg_catalog.=) 'v' OR r.relkind OPERATOR(pg_catalog.=) 'm' "
    "THEN pg_catalog.pg_get_viewdef(r.oid) END, pg_catalog.obj_description(r.oid, 'pg_class')) AS definition "
    "FROM relation r "
    "UNION ALL "
    "SELECT pg_catalog.format('column %s.%I', r.name, a.attname), "
    "pg_catalog.format('type=%s collation=%s not_null=%s default=%s identity=%s generated=%s comment=%s', "
    "pg_catalog.format_type(a.atttypid, a.atttypmod), l.collname, a.attnotnull, "
    "pg_catalog.pg_get_expr(f.adbin, f.adrelid), a.attidentity, a.attgenerated, "
    "pg_catalog.col_description(r.oid, a.attnum::pg_catalog.int4)) "
    "FROM relation r JOIN pg_catalog.pg_attribute a ON a.attrelid OPERATOR(pg_catalog.=) r.oid "
    "AND a.attnum OPERATOR(pg_catalog.>) 0::pg_catalog.int2 AND NOT a.attisdropped "
    "LEFT JOIN pg_catalog.pg_attrdef f ON f.adrelid OPERATOR(pg_catalog.=) r.oid "
    "AND f.adnum OPERATOR(pg_catalog.=) a.attnum "
    "LEFT JOIN pg_catalog.pg_collation l ON l.oid OPERATOR(pg_catalog.=) a.attcollation "
    "WHERE r.relkind OPERATOR(pg_catalog.<>) 'S' "
    "UNION ALL "
    "SELECT pg_catalog.format('constraint %I on %s', t.conname, r.name), "
    "pg_catalog.format('%s validated=%s', pg_catalog.pg_get_constraintdef(t.oid), t.convalidated) "
    "FROM relation r JOIN pg_catalog.pg_constraint t ON t.conrelid OPERATOR(pg_catalog.=) r.oid "
    "AND t.contype OPERATOR(pg_catalog.<>) 'n' "
    "UNION ALL "
    "SELECT pg_catalog.format('index %s', i.indexrelid::pg_catalog.regclass), "
    "pg_catalog.format('%s valid=%s', pg_catalog.pg_get_indexdef(i.indexrelid), i.indisvalid) "
    "FROM relation r JOIN pg_catalog.pg_index i ON i.indrelid OPERATOR(pg_catalog.=) r.oid "
    "UNION ALL "
    "SELECT pg_catalog.format('trigger %I on %s', g.tgname, r.name), "
    "pg_catalog.format('%s enabled=%s comment=%s', pg_catalog.pg_get_triggerdef(g.oid), g.tgenabled, "
    "pg_catalog.obj_description(g.oid, 'pg_trigger')) "
    "FROM relation r JOIN pg_catalog.pg_trigger g ON g.tgrelid OPERATOR(pg_catalog.=) r.oid AND NOT "
    "g.tgisinternal "
    "UNION ALL "
    "SELECT pg_catalog.format('policy %I on %s', o.polname, r.name), "
    "pg_catalog.format('command=%s permissive=%s roles=%s using=%s check=%s', o.polcmd, o.polpermissive, "
    "o.polroles::pg_catalog.regrole[], pg_catalog.pg_get_expr(o.polqual, o.polrelid), "
    "pg_catalog.pg_get_expr(o.polwithcheck, o.polrelid)) "
    "FROM relation r JOIN pg_catalog.pg_policy o ON o.polrelid OPERATOR(pg_catalog.=) r.oid "
    "UNION ALL "
    "SELECT pg_catalog.format('sequence %s', r.name), "
    "pg_catalog.format('type=%s start=%s increment=%s min=%s max=%s cache=%s cycle=%s', "
    "pg_catalog.format_type(s.seqtypid, NULL), s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache, "
    "s.seqcycle) "
    "FROM relation r JOIN pg_catalog.pg_sequence s ON s.seqrelid OPERATOR(pg_catalog.=) r.oid "
    "UNION ALL "
    "SELECT pg_catalog.format('function %s', p.oid::pg_catalog.regprocedure), "
    "pg_catalog.format('arguments=%s result=%s language=%s kind=%s volatility=%s strict=%s definer=%s "
    "leakproof=%s "
    "parallel=%s cost=%s rows=%s config=%s library=%s source=%s body=%s comment=%s', "
    "pg_catalog.pg_get_function_arguments(p.oid), pg_catalog.pg_get_function_result(p.oid), g.lanname, "
    "p.prokind, "
    "p.provolatile, p.proisstrict, p.prosecdef, p.proleakproof, p.proparallel, p.procost, p.prorows, "
    "p.proconfig, "
    "p.probin, p.prosrc, pg_catalog.pg_get_function_sqlbody(p.oid), pg_catalog.obj_description(p.oid, "
    "'pg_proc')) "
    "FROM member m JOIN pg_catalog.pg_proc p ON p.oid OPERATOR(pg_catalog.=) m.objid "
    "JOIN pg_catalog.pg_language g ON g.oid OPERATOR(pg_catalog.=) p.prolang "
    "WHERE m.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_proc'::pg_catalog.regclass::pg_catalog.oid "
    "UNION ALL "
    "SELECT pg_catalog.format('dump filter %s', c.relation::pg_catalog.regclass), c.condition "
    "FROM pg_catalog.pg_extension e, ROWS FROM (pg_catalog.unnest(e.extconfig), "
    "pg_catalog.unnest(e.extcondition)) "
    "AS c (relation, condition) WHERE e.oid OPERATOR(pg_catalog.=) $1 "
    "AND NOT EXISTS (SELECT FROM of_a_month o WHERE o.oid OPERATOR(pg_catalog.=) c.relation) "
    "UNION ALL "
    "SELECT pg_catalog.format('%s %s', i.type, i.identity), 'member' "
    "FROM member m, pg_catalog.pg_identify_object(m.classid, m.objid, 0) i "
    "WHERE m.classid OPERATOR(pg_catalog.<>) 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid "
    "AND m.classid OPERATOR(pg_catalog.<>) 'pg_catalog.pg_proc'::pg_catalog.regclass::pg_catalog.oid) "
    "SELECT line.object, COALESCE(line.definition, '') AS definition FROM line "
    "ORDER BY line.object COLLATE pg_catalog.\"C\", definition COLLATE pg_catalog.\"C\"",
    {OIDOID}};

}  // namespace

std::vector<described_object> describe_catalog(pg::spi& spi, Oid extension) {
  const pg::pinned_settings pinned;
  std::vector<described_object> description;
  spi.run(select_description, {pg::datum_value(ObjectIdGetDatum(extension), OIDOID)});
  description.reserve(spi.rows());
  for (std::uint64_t i = 0; i < spi.rows(); ++i)
    description.push_back({spi.at(i).text(1), spi.at(i).text(2)});
  return description;
}

std::string fingerprint(const std::vector<described_object>& description) {
  // Lengths keep neighbouring texts apart whatever they hold.
  std::string all;
  for (const described_object& d : description) {
    all += std::to_string(d.object.size()) + ' ' + std::to_string(d.definition.size()) + '\n';
    all += d.object + d.definition + '\n';
  }
  return hex_encode(crypto::sha256(as_bytes(all)));
}

}  // namespace llm_admin::ledger
