// grant_access() and revoke_access(): levels of access, given to a role and remembered in access_grants, so
// that an upgrade or a restore can apply them again.
#include "roles/access.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "core/given_name.hpp"
#include "core/json/plain_utf8.hpp"
#include "pg/entry.hpp"
#include "pg/role.hpp"
#include "roles/first_rights.hpp"
#include "store/audit.hpp"
#include "store/tables.hpp"

extern "C" {
#include "catalog/catalog.h"
}

namespace llm_admin::roles {

void require_owner_rights(const char* function) {
  pg::require_primary(function);
  const Oid owner = store::owner();
  if (!pg::call([=] { return has_privs_of_role(GetUserId(), owner); }))
    throw error(sqlstate::insufficient_privilege, std::string("permission denied for ") + function,
                "only roles that can act as the owner of the extension change access",
                "SET ROLE " + pg::quoted(pg::role_name(owner)));
  if (creating_extension)
    throw error(sqlstate::not_in_state, std::string(function) + " cannot run inside an extension script", "",
                "SELECT * FROM llm_admin.refresh_access() after the upgrade");
}

Oid role_named(const std::string& name) {
  const char* characters = name.c_str();
  return pg::call([=] { return get_role_oid(characters, true); });
}

bool is_owner(std::string_view role) { return role == pg::role_name(store::owner()); }

bool is_reserved(const std::string& role) {
  const char* name = role.c_str();
  return pg::call([=] { return IsReservedName(name); });
}

bool still_holds(const entry& row, const rights& held, const std::vector<entry>& rows, const grants& all) {
  levels others = 0;
  for (const entry& other : rows)
    if (other.role == row.role && other.level != row.level)
      others = static_cast<levels>(others | level_named(other.level).value_or(0));
  const rights elsewhere = all.rights_of(others);
  const rights level = all.rights_of(level_named(row.level).value_or(0));
  if (row.given) {
    bool any = false;
    for (const std::string& right : *row.given) {
      if (!all.has(right)) continue;
      if (!gives(held, right)) return false;
      any = true;
    }
    // A loaded row may name anything, USAGE alone, say: it stands for a level only with most of what no other
    // level of the role's gives and the level had from the start.
    std::ptrdiff_t own = 0, named = 0;
    for (const std::string& right : level) {
      if (elsewhere.contains(right) || first_version_of(right, all.place_of(right)) == 0) continue;
      ++own;
      if (row.given->contains(right)) ++named;
    }
    return any && 2 * named >= own;
  }
  int version = row.first;
  for (const std::string& right : level)
    if (held.contains(right) && !elsewhere.contains(right))
      version = std::max(version, first_version_of(right, all.place_of(right)));
  for (const std::string& right : level) {
    const int first = first_version_of(right, all.place_of(right));
    if (first > 0 && first <= version && !gives(held, right)) return false;
  }
  return true;
}

namespace {

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
  throw error(sqlstate::invalid_parameter, "unknown level " + quoted_or_length(name), "",
              "the levels are " + std::string(level_names));
}

// A row that held it could be dumped, and not restored.
void refuse_unreadable(const std::string& role, Oid oid) {
  if (!is_plain_utf8(role))
    throw error(sqlstate::invalid_parameter, "the role's name is no text in this database",
                "a database of another encoding made the role with OID " + std::to_string(oid),
                "ALTER ROLE <role> RENAME TO <a name of ASCII letters>, in that database");
}

void refuse_pointless(const std::string& role) {
  if (is_reserved(role))
    throw error(sqlstate::invalid_parameter, "role " + pg::quoted(role) + " is one of the server's own",
                "names that begin with pg_ are reserved", "CREATE ROLE llm_app; GRANT llm_app TO <role>");
  if (is_owner(role))
    throw error(sqlstate::invalid_parameter, "role " + pg::quoted(role) + " owns the extension",
                "the owner holds every right already");
}

// The row that is meant: of this name, or of this OID under a name that no role has any more.
const entry* find_row(const std::vector<entry>& rows, const std::string& role, Oid oid,
                      std::string_view level) {
  const entry* renamed = nullptr;
  for (const entry& row : rows) {
    if (row.level != level) continue;
    if (row.role == role) return &row;
    if (row.oid == oid && !OidIsValid(role_named(row.role))) renamed = &row;
  }
  return renamed;
}

// Takes what the row gave and no other level of the role's needs. Nothing is given.
void take(grants& all, const std::vector<entry>& rows, const entry& row, const std::string& role, Oid oid) {
  levels remaining = 0;
  for (const entry& other : rows)
    if (&other != &row && (other.role == role || other.oid == oid))
      remaining = static_cast<levels>(remaining | level_named(other.level).value_or(0));
  rights taken = all.rights_of(level_named(row.level).value_or(0));
  if (row.given) taken.insert(row.given->begin(), row.given->end());
  const rights needed = all.rights_of(remaining);
  rights kept;
  for (const std::string& right : all.held_by(oid))
    if (needed.contains(right)) kept.insert(right);
  std::erase_if(taken, [&](const std::string& right) { return needed.contains(right); });
  all.take(role, taken, kept);
}

}  // namespace

}  // namespace llm_admin::roles

using namespace llm_admin;

LLM_ADMIN_SCALAR(llm_admin_grant_access, TEXTOID)(FunctionCallInfo fcinfo) {
  const pg::args args(fcinfo);
  roles::require_owner_rights("grant_access");
  const std::string role = roles::required_role(args);
  const std::string level(args.required_text(1, "level"));
  const roles::levels to = roles::required_level(level);
  roles::refuse_pointless(role);
  roles::refuse_unreadable(role, DatumGetObjectId(args.raw(0, REGROLEOID)));
  {
    pg::spi spi;
    roles::book book(spi);
    roles::grants all(spi);
    const Oid oid = DatumGetObjectId(args.raw(0, REGROLEOID));
    // Its row under a name that no role has any more is this one's.
    for (const roles::entry& row : book.read())
      if (row.oid == oid && row.level == level && row.role != role &&
          !OidIsValid(roles::role_named(row.role)))
        book.erase(row.role, level);
    all.give(role, to);
    book.enter(role, oid, level, all.rights_of(to));
    store::write_audit({.action = "granted", .resource_type = "role", .resource_id = role},
                       {{"level", 0, level}});
  }
  return pg::make_text(level + " granted to " + role);
}

LLM_ADMIN_SCALAR(llm_admin_revoke_access, TEXTOID)(FunctionCallInfo fcinfo) {
  const pg::args args(fcinfo);
  roles::require_owner_rights("revoke_access");
  const std::string role = roles::required_role(args);
  const std::string level(args.required_text(1, "level"));
  roles::required_level(level);
  {
    pg::spi spi;
    roles::book book(spi);
    const Oid oid = DatumGetObjectId(args.raw(0, REGROLEOID));
    const std::vector<roles::entry> rows = book.read();
    const roles::entry* row = roles::find_row(rows, role, oid, level);
    if (row == nullptr)
      throw error(sqlstate::undefined_object,
                  "level " + level + " was not granted to role " + pg::quoted(role), "",
                  "SELECT * FROM llm_admin.access_grants");
    book.erase(row->role, level);
    if (!roles::is_owner(role)) {
      roles::grants all(spi);
      roles::take(all, rows, *row, role, oid);
    }
    store::write_audit({.action = "revoked", .resource_type = "role", .resource_id = role},
                       {{"level", 0, level}});
  }
  return pg::make_text(level + " revoked from " + role);
}
