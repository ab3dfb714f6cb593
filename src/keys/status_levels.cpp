// key_status: levels that belong to nobody, or to another role than the one that has the name.
#include <string>

#include "keys/status.hpp"
#include "pg/spi.hpp"
#include "store/owner.hpp"

namespace llm_admin::keys {

namespace {

// Without the column, at 0.1 to 0.3, and in rows written there the name alone tells.
pg::statement select_astray{
    "SELECT pg_catalog.count(*), pg_catalog.string_agg(a.text, '; ' ORDER BY a.text COLLATE "
    "pg_catalog.\"C\") FROM ("
    "SELECT pg_catalog.format('%s of %I: %s', g.level, g.role_name, CASE "
    "WHEN n.oid IS NOT NULL THEN 'another role of this name' "
    "WHEN o.oid IS NOT NULL THEN 'a role of another name' ELSE 'no role' END) AS text "
    "FROM llm_admin.access_grants g "
    "LEFT JOIN pg_catalog.pg_roles n ON n.rolname::pg_catalog.text OPERATOR(pg_catalog.=) g.role_name "
    "LEFT JOIN pg_catalog.pg_roles o ON o.oid OPERATOR(pg_catalog.=) "
    "(pg_catalog.to_jsonb(g) OPERATOR(pg_catalog.->>) 'role_oid')::pg_catalog.oid "
    "WHERE n.oid IS NULL OR n.oid OPERATOR(pg_catalog.<>) "
    "(pg_catalog.to_jsonb(g) OPERATOR(pg_catalog.->>) 'role_oid')::pg_catalog.oid) AS a",
    {}};

}  // namespace

void add_levels(status_rows& rows) {
  std::string count, which;
  {
    const store::as_owner owner;
    pg::spi sql;
    sql.run(select_astray, {}, true);
    const auto row = sql.first();
    if (!row || row->is_null(2)) return;
    count = std::to_string(row->bigint(1));
    which = row->text(2);
  }
  rows.add("levels without their role", count + ": " + which, verdict::warning,
           "SELECT * FROM llm_admin.refresh_access(); after a restore refresh_access_by_name(); "
           "revoke_gone_role() takes out those of a role that was dropped");
}

}  // namespace llm_admin::keys
