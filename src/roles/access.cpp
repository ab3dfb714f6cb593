// grant_access(), revoke_access() and refresh_access(): levels of access given by name and remembered in
// access_grants, so that an upgrade or a restore can apply them again.
#include <string>
#include <vector>

#include "core/error.hpp"
#include "pg/args.hpp"
#include "pg/catalog.hpp"
#include "pg/entry.hpp"
#include "pg/result.hpp"
#include "pg/role.hpp"
#include "pg/spi.hpp"
#include "roles/access_list.hpp"
#include "roles/grants.hpp"

extern "C" {
#include "catalog/catalog.h"
}

namespace llm_admin::roles {

namespace {

// One change of access at a time: concurrent GRANTs on one object fail in the server.
constexpr const char* lock_grants = "LOCK TABLE llm_admin.access_grants IN SHARE ROW EXCLUSIVE MODE";

pg::statement insert_grant{
    "INSERT INTO llm_admin.access_grants (role_name, level, granted_by) VALUES ($1, $2, $3) "
    "ON CONFLICT (role_name, level) DO NOTHING",
    {TEXTOID, TEXTOID, TEXTOID}};
pg::statement delete_grant{
    "DELETE FROM llm_admin.access_grants WHERE role_name OPERATOR(pg_catalog.=) $1 "
    "AND level OPERATOR(pg_catalog.=) $2",
    {TEXTOID, TEXTOID}};
pg::statement select_levels{
    "SELECT g.level FROM llm_admin.access_grants g WHERE g.role_name OPERATOR(pg_catalog.=) $1", {TEXTOID}};
pg::statement select_grants{
    "SELECT g.role_name, g.level FROM llm_admin.access_grants g "
    "ORDER BY g.role_name COLLATE pg_catalog.\"C\", g.level COLLATE pg_catalog.\"C\"",
    {}};

void require_owner_rights(const char* function) {
  pg::require_primary(function);
  const Oid owner = pg::catalog::owner();
  if (!pg::call([=] { return has_privs_of_role(GetUserId(), owner); }))
    throw error(sqlstate::insufficient_privilege, std::string("permission denied for ") + function,
                "only roles that can act as the owner of the extension change access",
                "SET ROLE " + pg::quoted(pg::role_name(owner)));
  // Inside an extension script the grants would become initial privileges, which no dump carries.
  if (creating_extension)
    throw error(sqlstate::not_in_state, std::string(function) + " cannot run inside an extension script", "",
                "SELECT * FROM llm_admin.refresh_access() after the upgrade");
}

std::string required_role(const pg::args& args) {
  if (args.is_null(0)) throw error(sqlstate::null_not_allowed, "argument role must not be null");
  const Oid oid = DatumGetObjectId(args.raw(0, REGROLEOID));
  std::string name = pg::role_name(oid);
  if (name.empty())
    throw error(sqlstate::undefined_object, "there is no such role",
                oid == InvalidOid ? "levels are given to roles, never to PUBLIC"
                                  : "no role has the OID " + std::to_string(oid));
  return name;
}

levels required_level(std::string_view name) {
  if (const auto level = level_named(name)) return *level;
  throw error(sqlstate::invalid_parameter, "unknown level \"" + std::string(name) + "\"", "",
              "the levels are " + std::string(level_names));
}

bool is_owner(std::string_view role) { return role == pg::role_name(pg::catalog::owner()); }

void refuse_pointless(const std::string& role) {
  const char* name = role.c_str();
  if (pg::call([=] { return IsReservedName(name); }))
    throw error(sqlstate::invalid_parameter, "role " + pg::quoted(role) + " is one of the server's own",
                "names that begin with pg_ are reserved", "CREATE ROLE llm_app; GRANT llm_app TO ...");
  if (is_owner(role))
    throw error(sqlstate::invalid_parameter, "role " + pg::quoted(role) + " owns the extension",
                "the owner holds every right already");
}

levels remaining_levels(pg::spi& spi, const std::string& role) {
  levels remaining = 0;
  spi.run(select_levels, {pg::value(role)});
  for (std::uint64_t i = 0; i < spi.rows(); ++i)
    remaining = static_cast<levels>(remaining | level_named(spi.at(i).text(1)).value_or(0));
  return remaining;
}

bool role_exists(const std::string& role) {
  const char* name = role.c_str();
  return pg::call([=] { return OidIsValid(get_role_oid(name, true)); });
}

std::string apply(grants& all, const std::string& role, std::string_view level_name) {
  const auto level = level_named(level_name);
  if (!level) return "level is unknown";
  if (!role_exists(role)) return "role does not exist";
  if (is_owner(role)) return "role owns the extension";
  all.give(role, *level);
  return "granted";
}

}  // namespace

}  // namespace llm_admin::roles

using namespace llm_admin;

LLM_ADMIN_FUNCTION(llm_admin_grant_access)(FunctionCallInfo fcinfo) {
  const pg::args args(fcinfo);
  roles::require_owner_rights("grant_access");
  const std::string role = roles::required_role(args);
  const std::string level(args.required_text(1, "level"));
  const roles::levels to = roles::required_level(level);
  roles::refuse_pointless(role);
  {
    pg::spi spi;
    spi.execute(roles::lock_grants);
    roles::grants(spi).give(role, to);
    const std::string granted_by = pg::session_role();
    spi.run(roles::insert_grant, {pg::value(role), pg::value(level), pg::value(granted_by)});
  }
  return pg::make_text(level + " granted to " + role);
}

LLM_ADMIN_FUNCTION(llm_admin_revoke_access)(FunctionCallInfo fcinfo) {
  const pg::args args(fcinfo);
  roles::require_owner_rights("revoke_access");
  const std::string role = roles::required_role(args);
  const std::string level(args.required_text(1, "level"));
  roles::required_level(level);
  {
    pg::spi spi;
    spi.execute(roles::lock_grants);
    if (spi.run(roles::delete_grant, {pg::value(role), pg::value(level)}) == 0)
      throw error(sqlstate::undefined_object,
                  "level " + level + " was not granted to role " + pg::quoted(role), "",
                  "SELECT * FROM llm_admin.access_grants");
    if (!roles::is_owner(role)) {
      roles::grants all(spi);
      all.take_all(role);
      if (const roles::levels remaining = roles::remaining_levels(spi, role)) all.give(role, remaining);
    }
  }
  return pg::make_text(level + " revoked from " + role);
}

LLM_ADMIN_FUNCTION(llm_admin_refresh_access)(FunctionCallInfo fcinfo) {
  roles::require_owner_rights("refresh_access");
  pg::row_set result(fcinfo);
  pg::spi spi;
  spi.execute(roles::lock_grants);
  roles::grants all(spi);
  std::vector<std::pair<std::string, std::string>> granted;
  spi.run(roles::select_grants, {});
  for (std::uint64_t i = 0; i < spi.rows(); ++i) granted.emplace_back(spi.at(i).text(1), spi.at(i).text(2));
  for (const auto& [role, level] : granted) {
    pg::row_builder row;
    row.add_text(role).add_text(level).add_text(roles::apply(all, role, level));
    result.add(row);
  }
  return Datum{0};
}
