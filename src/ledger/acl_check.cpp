#include "ledger/acl_check.hpp"

#include <string>
#include <vector>

#include "core/error.hpp"
#include "ledger/foreign_grants.hpp"
#include "ledger/own_script.hpp"

namespace llm_admin::ledger {

namespace {

constexpr std::size_t grants_named = 8;

// One row a grant to somebody else: object, grantee (0 is PUBLIC), privilege, kind as ALTER DEFAULT
// PRIVILEGES calls it, and the xmin that tells whether the grant is this transaction's doing. Of types USAGE
// for PUBLIC is left out: it is the server's default, and gives nothing.
pg::statement select_foreign_grants{
    "WITH member AS ("
    "SELECT d.classid, d.objid, d.xmin AS made FROM pg_catalog.pg_depend d "
    "WHERE d.refclassid OPERATOR(pg_catalog.=) "
    "'pg_catalog.pg_extension'::pg_catalog.regclass::pg_catalog.oid "
    "AND d.refobjid OPERATOR(pg_catalog.=) $1 AND d.deptype OPERATOR(pg_catalog.=) 'e'), "
    "acl AS ("
    "SELECT m.classid, m.objid, 0 AS objsubid, c.relowner AS owner, c.relacl AS acl, m.made, "
    "CASE WHEN c.relkind OPERATOR(pg_catalog.=) 'S' THEN 'SEQUENCES' ELSE 'TABLES' END AS kind "
    "FROM member m JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) m.objid "
    "WHERE m.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid "
    "UNION ALL "
    "SELECT m.classid, m.objid, a.attnum::pg_catalog.int4, c.relowner, a.attacl, m.made, 'TABLES' "
    "FROM member m JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) m.objid "
    "JOIN pg_catalog.pg_attribute a ON a.attrelid OPERATOR(pg_catalog.=) c.oid AND NOT a.attisdropped "
    "WHERE m.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid "
    "UNION ALL "
    "SELECT m.classid, m.objid, 0, p.proowner, COALESCE(p.proacl, pg_catalog.acldefault('f', p.proowner)), "
    "m.made, "
    "'FUNCTIONS' FROM member m JOIN pg_catalog.pg_proc p ON p.oid OPERATOR(pg_catalog.=) m.objid "
    "WHERE m.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_proc'::pg_catalog.regclass::pg_catalog.oid "
    "UNION ALL "
    "SELECT m.classid, m.objid, 0, t.typowner, t.typacl, m.made, 'TYPES' "
    "FROM member m JOIN pg_catalog.pg_type t ON t.oid OPERATOR(pg_catalog.=) m.objid "
    "WHERE m.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_type'::pg_catalog.regclass::pg_catalog.oid "
    "UNION ALL "
    "SELECT 'pg_catalog.pg_namespace'::pg_catalog.regclass::pg_catalog.oid, n.oid, 0, n.nspowner, n.nspacl, "
    "n.xmin, "
    "'SCHEMAS' FROM pg_catalog.pg_namespace n WHERE n.nspname OPERATOR(pg_catalog.=) 'llm_admin' "
    "UNION ALL "
    "SELECT m.classid, m.objid, i.objsubid, COALESCE(c.relowner, p.proowner, t.typowner), i.initprivs, "
    "i.xmin, CASE WHEN t.oid IS NOT NULL THEN 'TYPES' WHEN c.oid IS NULL THEN 'FUNCTIONS' "
    "WHEN c.relkind OPERATOR(pg_catalog.=) 'S' THEN 'SEQUENCES' ELSE 'TABLES' END "
    "FROM member m JOIN pg_catalog.pg_init_privs i ON i.classoid OPERATOR(pg_catalog.=) m.classid "
    "AND i.objoid OPERATOR(pg_catalog.=) m.objid "
    "LEFT JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) m.objid "
    "AND m.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid "
    "LEFT JOIN pg_catalog.pg_proc p ON p.oid OPERATOR(pg_catalog.=) m.objid "
    "AND m.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_proc'::pg_catalog.regclass::pg_catalog.oid "
    "LEFT JOIN pg_catalog.pg_type t ON t.oid OPERATOR(pg_catalog.=) m.objid "
    "AND m.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_type'::pg_catalog.regclass::pg_catalog.oid), "
    "granted AS ("
    "SELECT pg_catalog.pg_describe_object(acl.classid, acl.objid, acl.objsubid) AS object, "
    "CASE WHEN e.grantee OPERATOR(pg_catalog.=) 0::pg_catalog.oid THEN 'PUBLIC' "
    "ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(e.grantee)::pg_catalog.text) END AS grantee, "
    "e.privilege_type, acl.kind, acl.made, e.grantee AS grantee_oid, acl.owner "
    "FROM acl, pg_catalog.aclexplode(acl.acl) e WHERE e.grantee OPERATOR(pg_catalog.<>) acl.owner "
    "AND NOT (acl.kind OPERATOR(pg_catalog.=) 'TYPES' AND e.grantee OPERATOR(pg_catalog.=) "
    "0::pg_catalog.oid)) "
    "SELECT g.* FROM granted g ORDER BY g.object COLLATE pg_catalog.\"C\", g.grantee COLLATE "
    "pg_catalog.\"C\", "
    "g.privilege_type COLLATE pg_catalog.\"C\"",
    {OIDOID}};

std::vector<foreign_grant> grants_made_here(pg::spi& spi, Oid extension) {
  std::vector<foreign_grant> made;
  spi.run(select_foreign_grants, {pg::datum_value(ObjectIdGetDatum(extension), OIDOID)});
  for (std::uint64_t i = 0; i < spi.rows(); ++i) {
    const pg::row row = spi.at(i);
    if (!made_here(row.raw(5, XIDOID))) continue;
    foreign_grant found{row.text(1),
                        row.text(2),
                        row.text(3),
                        row.text(4),
                        DatumGetObjectId(row.raw(6, OIDOID)),
                        DatumGetObjectId(row.raw(7, OIDOID))};
    // The same grant may stand in the object's ACL and in its initial privileges.
    if (made.empty() || made.back() != found) made.push_back(std::move(found));
  }
  return made;
}

}  // namespace

void check_grants(pg::spi& spi, Oid extension) {
  const std::vector<foreign_grant> grants = grants_made_here(spi, extension);
  if (grants.empty()) return;
  std::string detail;
  for (std::size_t i = 0; i < grants.size() && i < grants_named; ++i)
    detail +=
        (i == 0 ? "" : "; ") + grants[i].privilege + " on " + grants[i].object + " to " + grants[i].grantee;
  if (grants.size() > grants_named)
    detail += "; and " + std::to_string(grants.size() - grants_named) + " more";
  throw error(sqlstate::insufficient_privilege, "objects of the extension are granted to other roles", detail,
              mending_statements(spi, grants));
}

}  // namespace llm_admin::ledger
