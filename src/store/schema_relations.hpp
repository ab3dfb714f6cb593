// What the statements about the extension's catalog begin with: for src/store/schema_*.cpp alone.
#pragma once

#include <array>

#include "pg/spi.hpp"

namespace llm_admin::store {

// Of what no version makes; rows as those of src/store/schema_objects.cpp.
std::array<pg::statement*, 3> statements_of_others() noexcept;

}  // namespace llm_admin::store

// OURS leaves out the months of logs, which are made as time passes. OWN is the extension, MEMBER what belongs to it, RELATION its tables and their like: those in its schema
// and those of its members that stand elsewhere.
#define LLM_ADMIN_RELATIONS                                                                                \
  "WITH own AS (SELECT e.oid, e.extowner, e.extnamespace, e.extconfig, e.extcondition FROM "               \
  "pg_catalog.pg_extension e "                                                                             \
  "WHERE e.extname OPERATOR(pg_catalog.=) 'llm_admin'), "                                                  \
  "member AS (SELECT d.classid, d.objid FROM pg_catalog.pg_depend d JOIN own ON d.refobjid "               \
  "OPERATOR(pg_catalog.=) own.oid WHERE d.refclassid OPERATOR(pg_catalog.=) "                              \
  "'pg_catalog.pg_extension'::pg_catalog.regclass::pg_catalog.oid AND d.deptype OPERATOR(pg_catalog.=) "   \
  "'e'), "                                                                                                 \
  "relation AS (SELECT c.*, pg_catalog.format('%I.%I', n.nspname, c.relname) AS name, "                    \
  "CASE WHEN c.relkind OPERATOR(pg_catalog.=) 'v' THEN 'view' "                                            \
  "WHEN c.relkind OPERATOR(pg_catalog.=) 'S' THEN 'sequence' "                                             \
  "WHEN c.relkind OPERATOR(pg_catalog.=) 'c' THEN 'type' ELSE 'table' END AS kind, "                       \
  "EXISTS (SELECT FROM member m WHERE (m.objid OPERATOR(pg_catalog.=) c.oid AND m.classid "                \
  "OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid) "                    \
  "OR (m.objid OPERATOR(pg_catalog.=) c.reltype AND m.classid OPERATOR(pg_catalog.=) "                     \
  "'pg_catalog.pg_type'::pg_catalog.regclass::pg_catalog.oid)) AS is_member, "                             \
  "EXISTS (SELECT FROM own WHERE own.extnamespace OPERATOR(pg_catalog.=) c.relnamespace) AS is_in_place, " \
  "(SELECT pg_catalog.quote_ident(r.rolname) FROM pg_catalog.pg_roles r, own WHERE r.oid "                 \
  "OPERATOR(pg_catalog.=) c.relowner AND NOT r.rolsuper AND r.oid OPERATOR(pg_catalog.<>) own.extowner) "  \
  "AS stranger "                                                                                           \
  "FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) "             \
  "c.relnamespace), "                                                                                      \
  "ours AS (SELECT * FROM relation r WHERE (r.is_member OR r.is_in_place) "                                \
  "AND r.relkind OPERATOR(pg_catalog.<>) ALL (ARRAY['i', 'I', 't']::pg_catalog.\"char\"[]) "               \
  "AND NOT (r.is_member AND r.relispartition AND r.relname OPERATOR(pg_catalog.~) '_[0-9]{4}_[0-9]{2}$')) "
