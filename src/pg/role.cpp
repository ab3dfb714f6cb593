#include "pg/role.hpp"

#include "core/error.hpp"
#include "core/json/plain_utf8.hpp"

namespace llm_admin::pg {

as_role::as_role(Oid role) {
  GetUserIdAndSecContext(&user_, &context_);
  SetUserIdAndSecContext(role, context_ | SECURITY_LOCAL_USERID_CHANGE);
}

std::string role_name(Oid role) {
  const char* name = call([&] { return GetUserNameFromId(role, true); });
  return name != nullptr ? name : "";
}

std::string session_role() { return repaired_utf8(role_name(GetSessionUserId())); }
std::string outer_role() { return repaired_utf8(role_name(GetOuterUserId())); }
bool caller_is_superuser() {
  return call([] { return superuser(); });
}

bool may_execute(Oid role, Oid schema, const char* function, std::initializer_list<Oid> arguments) {
  const Oid* types = arguments.begin();
  const int count = static_cast<int>(arguments.size());
  return call([&] {
    oidvector* signature = buildoidvector(types, count);
    const Oid oid = GetSysCacheOid3(PROCNAMEARGSNSP, Anum_pg_proc_oid, CStringGetDatum(function),
                                    PointerGetDatum(signature), ObjectIdGetDatum(schema));
    return OidIsValid(oid) && compat::may_execute(oid, role);
  });
}

std::int64_t statement_time_ms() noexcept {
  constexpr std::int64_t epoch_ms =
      (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * std::int64_t{SECS_PER_DAY} * 1000;
  return GetCurrentStatementStartTimestamp() / 1000 + epoch_ms;
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
