#include "store/schema_objects.hpp"

#include "store/schema_relations.hpp"

namespace llm_admin::store {

namespace {

// Every statement: kind, name, table, identifier, definition, whether it is a member; of what has an owner, that
// role if it is a stranger. Functions return a
// type's attributes by their places, so the type's own definition holds them.

pg::statement select_relations{
    LLM_ADMIN_RELATIONS
    "SELECT o.kind, o.name, '', pg_catalog.quote_ident(o.relname), "
    "CASE WHEN o.kind OPERATOR(pg_catalog.=) 'table' THEN pg_catalog.format("
    "E'persistence: %s\\nrow security: %s\\nforced row security: %s', o.relpersistence, o.relrowsecurity, "
    "o.relforcerowsecurity) WHEN o.kind OPERATOR(pg_catalog.=) 'view' THEN "
    "pg_catalog.format(E'options: %s\\nquery: %s', pg_catalog.array_to_string(o.reloptions, ', '), "
    "pg_catalog.replace(pg_catalog.pg_get_viewdef(o.oid), E'\\n', E'\\n ')) "
    "WHEN o.kind OPERATOR(pg_catalog.=) 'sequence' THEN (SELECT pg_catalog.format("
    "E'type: %s\\nstart: %s\\nincrement: %s\\nminimum: %s\\nmaximum: %s\\ncache: %s\\ncycle: %s\\nowned by: "
    "%s', "
    "pg_catalog.format_type(s.seqtypid, NULL), s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache, "
    "s.seqcycle, (SELECT pg_catalog.format('%s.%I', t.name, a.attname) FROM pg_catalog.pg_depend d "
    "JOIN relation t ON t.oid OPERATOR(pg_catalog.=) d.refobjid JOIN pg_catalog.pg_attribute a "
    "ON a.attrelid OPERATOR(pg_catalog.=) t.oid AND a.attnum OPERATOR(pg_catalog.=) "
    "d.refobjsubid::pg_catalog.int2 "
    "WHERE d.objid OPERATOR(pg_catalog.=) o.oid AND d.classid OPERATOR(pg_catalog.=) "
    "'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid AND d.refclassid OPERATOR(pg_catalog.=) "
    "'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid AND d.deptype OPERATOR(pg_catalog.=) 'a')) "
    "FROM pg_catalog.pg_sequence s WHERE s.seqrelid OPERATOR(pg_catalog.=) o.oid) WHEN o.kind "
    "OPERATOR(pg_catalog.=) 'type' THEN (SELECT "
    "pg_catalog.format('attributes: %s', pg_catalog.string_agg(pg_catalog.format('%I %s%s', a.attname, "
    "pg_catalog.format_type(a.atttypid, a.atttypmod), (SELECT pg_catalog.format(' COLLATE %I.%I', n.nspname, "
    "l.collname) FROM pg_catalog.pg_collation l JOIN pg_catalog.pg_namespace n ON n.oid "
    "OPERATOR(pg_catalog.=) l.collnamespace WHERE l.oid OPERATOR(pg_catalog.=) a.attcollation "
    "AND l.collname OPERATOR(pg_catalog.<>) 'default')), E'\\n ' ORDER BY a.attnum)) "
    "FROM pg_catalog.pg_attribute a WHERE a.attrelid OPERATOR(pg_catalog.=) o.oid "
    "AND a.attnum OPERATOR(pg_catalog.>) 0::pg_catalog.int2 AND NOT a.attisdropped) ELSE '' END, "
    "o.is_member, "
    "o.stranger "
    "FROM ours o ORDER BY CASE WHEN o.kind OPERATOR(pg_catalog.=) 'table' THEN 1 "
    "WHEN o.kind OPERATOR(pg_catalog.=) 'sequence' THEN 2 WHEN o.kind OPERATOR(pg_catalog.=) 'view' THEN 3 "
    "ELSE 4 END, o.oid",
    {}};

pg::statement select_columns{
    LLM_ADMIN_RELATIONS
    "SELECT 'column', pg_catalog.format('%I on %s', a.attname, o.name), o.name, "
    "pg_catalog.quote_ident(a.attname), pg_catalog.format("
    "E'type: %s\\ncollation: %s\\nnot null: %s\\ndefault: %s\\nidentity: %s\\ngenerated: %s\\nstatistics: "
    "%s', "
    "pg_catalog.format_type(a.atttypid, a.atttypmod), (SELECT pg_catalog.format('%I.%I', n.nspname, "
    "l.collname) "
    "FROM pg_catalog.pg_collation l JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) "
    "l.collnamespace "
    "WHERE l.oid OPERATOR(pg_catalog.=) a.attcollation AND l.collname OPERATOR(pg_catalog.<>) 'default'), "
    "a.attnotnull, pg_catalog.replace(pg_catalog.pg_get_expr(f.adbin, f.adrelid), E'\\n', E'\\n '), "
    "a.attidentity, "
    "a.attgenerated, COALESCE(a.attstattarget::pg_catalog.int4, '-1'::pg_catalog.int4)), o.is_member "
    "FROM ours o JOIN pg_catalog.pg_attribute a ON a.attrelid OPERATOR(pg_catalog.=) o.oid "
    "AND a.attnum OPERATOR(pg_catalog.>) 0::pg_catalog.int2 AND NOT a.attisdropped "
    "LEFT JOIN pg_catalog.pg_attrdef f ON f.adrelid OPERATOR(pg_catalog.=) o.oid "
    "AND f.adnum OPERATOR(pg_catalog.=) a.attnum "
    "WHERE o.kind OPERATOR(pg_catalog.=) 'table' ORDER BY o.oid, a.attnum",
    {}};

// NOT NULL is told by the column; only PostgreSQL 18 also keeps it as a constraint (contype n).
pg::statement select_constraints{
    LLM_ADMIN_RELATIONS
    "SELECT 'constraint', pg_catalog.format('%I on %s', t.conname, o.name), o.name, "
    "pg_catalog.quote_ident(t.conname), pg_catalog.format(E'definition: %s\\nvalidated: %s', "
    "pg_catalog.replace(pg_catalog.pg_get_constraintdef(t.oid), E'\\n', E'\\n '), t.convalidated), "
    "o.is_member "
    "FROM ours o JOIN pg_catalog.pg_constraint t ON t.conrelid OPERATOR(pg_catalog.=) o.oid "
    "AND t.contype OPERATOR(pg_catalog.<>) 'n' ORDER BY t.contype OPERATOR(pg_catalog.=) 'f', t.oid",
    {}};

// An index that a constraint made is told by the constraint, but for whether it is valid.
pg::statement select_indexes{
    LLM_ADMIN_RELATIONS
    "SELECT 'index', pg_catalog.format('%I on %s', c.relname, o.name), o.name, "
    "pg_catalog.quote_ident(c.relname), "
    "pg_catalog.format(E'definition: %s\\nvalid: %s', "
    "pg_catalog.replace(pg_catalog.pg_get_indexdef(i.indexrelid), "
    "pg_catalog.format(' %I ON ', c.relname), ' ON '), i.indisvalid AND i.indisready AND i.indislive), "
    "o.is_member "
    "FROM ours o JOIN pg_catalog.pg_index i ON i.indrelid OPERATOR(pg_catalog.=) o.oid "
    "JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) i.indexrelid "
    "WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_constraint t WHERE t.conindid OPERATOR(pg_catalog.=) "
    "i.indexrelid "
    "AND t.conrelid OPERATOR(pg_catalog.=) o.oid) OR NOT (i.indisvalid AND i.indisready AND i.indislive) "
    "ORDER BY i.indexrelid",
    {}};

pg::statement select_functions{
    LLM_ADMIN_RELATIONS
    "SELECT CASE WHEN p.prokind OPERATOR(pg_catalog.=) 'p' THEN 'procedure' ELSE 'function' END, "
    "pg_catalog.format('%I.%I(%s)', n.nspname, p.proname, "
    "pg_catalog.pg_get_function_identity_arguments(p.oid)), '', pg_catalog.quote_ident(p.proname), "
    "pg_catalog.format("
    "E'arguments: %s\\nresult: %s\\nlanguage: %s\\nkind: %s\\nvolatility: %s\\nstrict: %s\\nsecurity "
    "definer: %s\\n"
    "leakproof: %s\\nparallel: %s\\ncost: %s\\nrows: %s\\nsettings: %s\\nlibrary: %s\\nsource: %s\\nbody: "
    "%s', "
    "pg_catalog.pg_get_function_arguments(p.oid), pg_catalog.pg_get_function_result(p.oid), g.lanname, "
    "p.prokind, "
    "p.provolatile, p.proisstrict, p.prosecdef, p.proleakproof, p.proparallel, p.procost, p.prorows, "
    "pg_catalog.array_to_string(p.proconfig, '; '), p.probin, pg_catalog.replace(p.prosrc, E'\\n', E'\\n '), "
    // Minor versions of the server print the alias of a changed table with AS or without.
    "pg_catalog.replace(pg_catalog.regexp_replace(pg_catalog.regexp_replace("
    "pg_catalog.pg_get_function_sqlbody(p.oid), "
    "E'\\\\m(UPDATE (?:ONLY )?[^ \\n]+) ([^ \\n]+) SET ', E'\\\\1 AS \\\\2 SET ', 'g'), "
    "E'\\\\m(DELETE FROM (?:ONLY )?[^ \\n]+) ([^ \\n]+)\\n', E'\\\\1 AS \\\\2\\n', 'g'), E'\\n', E'\\n ')), "
    "m.objid IS NOT NULL, "
    "(SELECT pg_catalog.quote_ident(r.rolname) FROM pg_catalog.pg_roles r, own WHERE r.oid "
    "OPERATOR(pg_catalog.=) p.proowner AND NOT r.rolsuper AND r.oid OPERATOR(pg_catalog.<>) own.extowner) "
    "FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) p.pronamespace "
    "JOIN pg_catalog.pg_language g ON g.oid OPERATOR(pg_catalog.=) p.prolang "
    "LEFT JOIN member m ON m.objid OPERATOR(pg_catalog.=) p.oid "
    "AND m.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_proc'::pg_catalog.regclass::pg_catalog.oid "
    "WHERE m.objid IS NOT NULL OR EXISTS (SELECT FROM own WHERE own.extnamespace OPERATOR(pg_catalog.=) "
    "p.pronamespace) "
    "ORDER BY p.oid",
    {}};

pg::statement select_triggers{
    LLM_ADMIN_RELATIONS
    "SELECT 'trigger', pg_catalog.format('%I on %s', g.tgname, o.name), o.name, "
    "pg_catalog.quote_ident(g.tgname), "
    "pg_catalog.format(E'definition: %s\\nenabled: %s', "
    "pg_catalog.replace(pg_catalog.pg_get_triggerdef(g.oid), "
    "pg_catalog.format(' %I ', g.tgname), ' '), g.tgenabled), o.is_member "
    "FROM ours o JOIN pg_catalog.pg_trigger g ON g.tgrelid OPERATOR(pg_catalog.=) o.oid "
    "AND NOT g.tgisinternal "
    "ORDER BY g.oid",
    {}};

pg::statement select_policies{
    LLM_ADMIN_RELATIONS
    "SELECT 'policy', pg_catalog.format('%I on %s', o.polname, r.name), r.name, "
    "pg_catalog.quote_ident(o.polname), "
    "pg_catalog.format(E'command: %s\\npermissive: %s\\nroles: %s\\nusing: %s\\ncheck: %s', o.polcmd, "
    "o.polpermissive, "
    "o.polroles::pg_catalog.regrole[], pg_catalog.replace(pg_catalog.pg_get_expr(o.polqual, o.polrelid), "
    "E'\\n', "
    "E'\\n '), pg_catalog.replace(pg_catalog.pg_get_expr(o.polwithcheck, o.polrelid), E'\\n', E'\\n ')), "
    "r.is_member "
    "FROM ours r JOIN pg_catalog.pg_policy o ON o.polrelid OPERATOR(pg_catalog.=) r.oid ORDER BY o.oid",
    {}};

pg::statement select_rules{
    LLM_ADMIN_RELATIONS
    "SELECT 'rule', pg_catalog.format('%I on %s', w.rulename, o.name), o.name, "
    "pg_catalog.quote_ident(w.rulename), "
    "pg_catalog.format(E'definition: %s\\nenabled: %s', "
    "pg_catalog.replace(pg_catalog.pg_get_ruledef(w.oid), E'\\n', "
    "E'\\n '), w.ev_enabled), o.is_member "
    "FROM ours o JOIN pg_catalog.pg_rewrite w ON w.ev_class OPERATOR(pg_catalog.=) o.oid "
    "AND w.rulename OPERATOR(pg_catalog.<>) '_RETURN' ORDER BY w.oid",
    {}};

pg::statement select_others{
    LLM_ADMIN_RELATIONS
    "SELECT 'dump filter', d.relation::pg_catalog.regclass::pg_catalog.text, '', '', "
    "pg_catalog.format('condition: %s', pg_catalog.replace(d.condition, E'\\n', E'\\n ')), true "
    "FROM own, ROWS FROM (pg_catalog.unnest(own.extconfig), pg_catalog.unnest(own.extcondition)) "
    "AS d (relation, condition) "
    "UNION ALL "
    "SELECT i.type, i.identity, '', '', '', true FROM member m, "
    "pg_catalog.pg_identify_object(m.classid, m.objid, 0) i "
    "WHERE m.classid OPERATOR(pg_catalog.<>) 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid "
    "AND m.classid OPERATOR(pg_catalog.<>) 'pg_catalog.pg_proc'::pg_catalog.regclass::pg_catalog.oid "
    "AND m.classid OPERATOR(pg_catalog.<>) 'pg_catalog.pg_type'::pg_catalog.regclass::pg_catalog.oid "
    "UNION ALL "
    "SELECT 'statistics', pg_catalog.format('%I.%I on %s', n.nspname, s.stxname, o.name), o.name, "
    "pg_catalog.quote_ident(s.stxname), '', true FROM ours o JOIN pg_catalog.pg_statistic_ext s "
    "ON s.stxrelid OPERATOR(pg_catalog.=) o.oid JOIN pg_catalog.pg_namespace n "
    "ON n.oid OPERATOR(pg_catalog.=) s.stxnamespace "
    "ORDER BY 1, 2",
    {}};

pg::statement select_comments{
    LLM_ADMIN_RELATIONS
    "SELECT 'comment', pg_catalog.format('%s %s', o.kind, o.name), '', '', pg_catalog.format('text: %s', "
    "d.description), "
    "o.is_member FROM ours o JOIN pg_catalog.pg_description d ON d.objoid OPERATOR(pg_catalog.=) o.oid "
    "AND d.classoid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid "
    "AND d.objsubid OPERATOR(pg_catalog.=) 0 "
    "UNION ALL "
    "SELECT 'comment', pg_catalog.format('column %s.%I', o.name, a.attname), o.name, "
    "pg_catalog.quote_ident(a.attname), "
    "pg_catalog.format('text: %s', d.description), o.is_member FROM ours o JOIN pg_catalog.pg_description d "
    "ON d.objoid OPERATOR(pg_catalog.=) o.oid AND d.classoid OPERATOR(pg_catalog.=) "
    "'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid AND d.objsubid OPERATOR(pg_catalog.>) 0 "
    "JOIN pg_catalog.pg_attribute a ON a.attrelid OPERATOR(pg_catalog.=) o.oid AND a.attnum "
    "OPERATOR(pg_catalog.=) d.objsubid::pg_catalog.int2 "
    "UNION ALL "
    "SELECT 'comment', pg_catalog.format('trigger %I on %s', g.tgname, o.name), o.name, "
    "pg_catalog.quote_ident(g.tgname), pg_catalog.format('text: %s', d.description), o.is_member "
    "FROM ours o JOIN pg_catalog.pg_trigger g ON g.tgrelid OPERATOR(pg_catalog.=) o.oid "
    "JOIN pg_catalog.pg_description d ON d.objoid OPERATOR(pg_catalog.=) g.oid AND d.classoid "
    "OPERATOR(pg_catalog.=) "
    "'pg_catalog.pg_trigger'::pg_catalog.regclass::pg_catalog.oid "
    "UNION ALL "
    "SELECT 'comment', pg_catalog.format('policy %I on %s', p.polname, o.name), o.name, "
    "pg_catalog.quote_ident(p.polname), pg_catalog.format('text: %s', d.description), o.is_member "
    "FROM ours o JOIN pg_catalog.pg_policy p ON p.polrelid OPERATOR(pg_catalog.=) o.oid "
    "JOIN pg_catalog.pg_description d ON d.objoid OPERATOR(pg_catalog.=) p.oid AND d.classoid "
    "OPERATOR(pg_catalog.=) "
    "'pg_catalog.pg_policy'::pg_catalog.regclass::pg_catalog.oid "
    "UNION ALL "
    "SELECT 'comment', pg_catalog.format('%s %I.%I(%s)', CASE WHEN p.prokind OPERATOR(pg_catalog.=) 'p' "
    "THEN 'procedure' ELSE 'function' END, n.nspname, p.proname, "
    "pg_catalog.pg_get_function_identity_arguments(p.oid)), '', '', pg_catalog.format('text: %s', "
    "d.description), true "
    "FROM member m JOIN pg_catalog.pg_proc p ON p.oid OPERATOR(pg_catalog.=) m.objid "
    "JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) p.pronamespace "
    "JOIN pg_catalog.pg_description d ON d.objoid OPERATOR(pg_catalog.=) p.oid AND d.classoid "
    "OPERATOR(pg_catalog.=) "
    "'pg_catalog.pg_proc'::pg_catalog.regclass::pg_catalog.oid "
    "WHERE m.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_proc'::pg_catalog.regclass::pg_catalog.oid "
    "ORDER BY 2",
    {}};

}  // namespace

void each_schema_object(const std::function<void(const schema::object&)>& visit) {
  const auto read = [&](pg::statement& of) {
    pg::spi sql;
    sql.run(of, {}, true);
    for (std::uint64_t n = 0; n < sql.rows(); ++n) {
      const pg::row line = sql.at(n);
      const bool has_owner = line.descriptor()->natts > 6 && !line.is_null(7);
      const schema::object found{line.text(1),
                                 line.text(2),
                                 line.text(3),
                                 line.text(4),
                                 line.text(5),
                                 line.boolean(6),
                                 has_owner ? line.text(7) : ""};
      visit(found);
    }
  };
  for (pg::statement* of :
       {&select_relations, &select_columns, &select_constraints, &select_indexes, &select_functions,
        &select_triggers, &select_policies, &select_rules, &select_others, &select_comments})
    read(*of);
  for (pg::statement* of : statements_of_others()) read(*of);
}

}  // namespace llm_admin::store
