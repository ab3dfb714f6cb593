#include "pg/role.hpp"

#include "core/error.hpp"
#include "core/given_name.hpp"
#include "pg/spi.hpp"
#include "store/tables.hpp"

namespace llm_admin::pg {

as_owner::as_owner() {
  const Oid owner = store::owner();
  GetUserIdAndSecContext(&user_, &context_);
  SetUserIdAndSecContext(owner, context_ | SECURITY_LOCAL_USERID_CHANGE);
}

std::string role_name(Oid role) {
  const char* name = call([&] { return GetUserNameFromId(role, true); });
  return name != nullptr ? name : "";
}

std::string session_role() { return role_name(GetSessionUserId()); }
std::string outer_role() { return role_name(GetOuterUserId()); }
std::string caller_literal() { return sql_literal(quoted(role_name(GetUserId())), "'<role>'"); }
bool caller_is_superuser() {
  return call([] { return superuser(); });
}

namespace {

bool may_execute(Oid user, const char* function, std::initializer_list<Oid> arguments) {
  const Oid schema = store::schema();
  const Oid* types = arguments.begin();
  const int count = static_cast<int>(arguments.size());
  return call([&] {
    oidvector* signature = buildoidvector(types, count);
    const Oid oid = GetSysCacheOid3(PROCNAMEARGSNSP, Anum_pg_proc_oid, CStringGetDatum(function),
                                    PointerGetDatum(signature), ObjectIdGetDatum(schema));
    return OidIsValid(oid) && compat::may_execute(oid, user);
  });
}

}  // namespace

bool caller_may_execute(const char* function, std::initializer_list<Oid> arguments) {
  return may_execute(GetUserId(), function, arguments);
}

bool caller_may_see_keyring() {
  const Oid user = GetOuterUserId();
  return call([=] { return superuser_arg(user) || has_privs_of_role(user, ROLE_PG_READ_ALL_SETTINGS); }) ||
         may_execute(user, "rotate_root_key", {INT4OID});
}

void require_primary(const char* what) {
  if (RecoveryInProgress())
    throw llm_admin::error(sqlstate::read_only, std::string(what) + " writes and cannot run on a standby", "",
                           "run it on the primary; SELECT pg_is_in_recovery() tells where you are");
  if (XactReadOnly)
    throw llm_admin::error(sqlstate::read_only,
                           std::string(what) + " writes and cannot run in a read-only transaction", "",
                           "START TRANSACTION READ WRITE");
}

}  // namespace llm_admin::pg
