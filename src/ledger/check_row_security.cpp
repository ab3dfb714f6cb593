// validate_schema() tries row security: as a role of level app, in no tenant, no row may show.
#include <string>

#include "ledger/schema_report.hpp"
#include "pg/pinned_settings.hpp"
#include "pg/spi.hpp"
#include "store/entered_tenant.hpp"
#include "store/owner.hpp"

namespace llm_admin::ledger {

namespace {

// One that row security binds: no superuser, nobody who bypasses it, nobody who acts as the table's owner.
pg::statement select_role{
    "SELECT r.oid, r.rolname::pg_catalog.text FROM llm_admin.access_grants g JOIN pg_catalog.pg_roles r "
    "ON r.rolname::pg_catalog.text OPERATOR(pg_catalog.=) g.role_name "
    "JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) "
    "'llm_admin.llm_configs'::pg_catalog.regclass::pg_catalog.oid "
    "WHERE g.level OPERATOR(pg_catalog.=) 'app' AND NOT r.rolsuper AND NOT r.rolbypassrls "
    "AND NOT pg_catalog.pg_has_role(r.oid, c.relowner, 'USAGE') "
    "AND pg_catalog.has_table_privilege(r.oid, c.oid, 'SELECT') "
    "AND pg_catalog.has_schema_privilege(r.oid, 'llm_admin', 'USAGE') "
    "AND pg_catalog.has_function_privilege(r.oid, 'llm_admin.entered_tenant()', 'EXECUTE') "
    "ORDER BY r.rolname LIMIT 1",
    {}};
pg::statement any_row{"SELECT EXISTS (SELECT FROM llm_admin.llm_configs)", {}};

// What a policy calls runs as this role, with no more rights than it has.
class as_role {
 public:
  explicit as_role(Oid role) {
    GetUserIdAndSecContext(&user_, &context_);
    SetUserIdAndSecContext(role, context_ | SECURITY_LOCAL_USERID_CHANGE | SECURITY_RESTRICTED_OPERATION);
  }
  ~as_role() { SetUserIdAndSecContext(user_, context_); }
  as_role(const as_role&) = delete;
  as_role& operator=(const as_role&) = delete;

 private:
  Oid user_;
  int context_;
};

bool sees_rows() {
  pg::spi sql;
  sql.run(any_row, {}, true);
  return sql.first()->boolean(1);
}

}  // namespace

void check_row_security(schema_report& report) {
  constexpr const char* kind = "row security";
  constexpr const char* object = "llm_configs";
  if (store::entered_tenant())
    return report.add(kind, object, verdict::not_tried, "this transaction has entered a tenant");
  const pg::pinned_settings pinned;
  Oid role = InvalidOid;
  std::string name;
  {
    const store::as_owner owner;
    pg::spi sql;
    sql.run(select_role, {}, true);
    const auto found = sql.first();
    if (!found)
      return report.add(kind, object, verdict::not_tried,
                        "no role of level app that row security binds can read the table");
    role = DatumGetObjectId(found->raw(1, OIDOID));
    name = found->text(2);
    if (!sees_rows()) return report.add(kind, object, verdict::not_tried, "the table holds no row");
  }
  bool shows = false;
  {
    const as_role tried(role);
    shows = sees_rows();
  }
  if (shows)
    report.fault(kind, object, "role " + name + " sees rows without having entered a tenant");
  else
    report.add(kind, object, verdict::ok, "role " + name + " sees no row without having entered a tenant");
}

}  // namespace llm_admin::ledger
