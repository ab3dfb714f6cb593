// revoke_gone_role(role_name): takes the rows of a role that is no more out of access_grants. Rights it has
// none: the server drops no role that holds any.
#include <algorithm>

#include "core/error.hpp"
#include "core/given_name.hpp"
#include "pg/entry.hpp"
#include "pg/role.hpp"
#include "roles/access.hpp"

namespace llm_admin::roles {

namespace {

// regrole reads names as SQL does.
std::string revoke_statement(const std::string& role, const std::string& level) {
  const std::string quoted = pg::quoted(role);
  const char* name = quoted.c_str();
  const std::string literal = pg::call([=] { return quote_literal_cstr(name); });
  return "SELECT llm_admin.revoke_access(" + literal + ", '" + level + "')";
}

// A row is a living role's if that has its OID, under whatever name, or, where the row has no OID or
// another's, if the role of its name holds what the level gave and has no row of its own.
void require_gone(const entry& row, const std::vector<entry>& rows, const grants& all) {
  const std::string name = OidIsValid(row.oid) ? pg::role_name(row.oid) : "";
  if (name == row.role)
    throw error(sqlstate::not_in_state, "role " + pg::quoted(row.role) + " exists", "",
                revoke_statement(row.role, row.level));
  if (!name.empty() && still_holds(row, all.held_by(row.oid), rows, all))
    throw error(sqlstate::not_in_state, "role " + pg::quoted(row.role) + " exists",
                "it is called " + pg::quoted(name) + " now", revoke_statement(name, row.level));
  const Oid named = role_named(row.role);
  if (!OidIsValid(named)) return;
  const bool has_own = std::any_of(rows.begin(), rows.end(), [&](const entry& other) {
    return other.oid == named && other.level == row.level;
  });
  if (!has_own && (!OidIsValid(row.oid) || still_holds(row, all.held_by(named), rows, all)))
    throw error(sqlstate::not_in_state, "role " + pg::quoted(row.role) + " exists", "",
                revoke_statement(row.role, row.level));
}

}  // namespace

}  // namespace llm_admin::roles

using namespace llm_admin;

LLM_ADMIN_SCALAR(llm_admin_revoke_gone_role, TEXTOID)(FunctionCallInfo fcinfo) {
  roles::require_owner_rights("revoke_gone_role");
  const std::string role(pg::args(fcinfo).required_text(0, "role_name"));
  std::string taken;
  {
    pg::spi spi;
    roles::book book(spi);
    const roles::grants all(spi);
    const std::vector<roles::entry> rows = book.read();
    for (const roles::entry& row : rows)
      if (row.role == role) {
        roles::require_gone(row, rows, all);
        book.erase(role, row.level);
        taken += (taken.empty() ? "" : ", ") + row.level;
      }
    if (taken.empty())
      throw error(sqlstate::undefined_object, "no level was granted to a role " + named_or_length(role), "",
                  "SELECT * FROM llm_admin.access_grants");
  }
  return pg::make_text(taken + " revoked from " + role);
}
