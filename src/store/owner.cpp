#include "store/owner.hpp"

#include "core/given_name.hpp"
#include "pg/fetch.hpp"
#include "store/tables.hpp"

namespace llm_admin::store {

as_owner::as_owner() : pg::as_role(owner()) {}

pg::cursor cursor_by_owner(const pg::statement& s, std::initializer_list<pg::parameter> parameters,
                           pg::as_of when, pg::spi* shared) {
  const as_owner owner;
  return {s, parameters, when, shared};
}

std::string caller_literal() { return sql_literal(pg::quoted(pg::role_name(GetUserId())), "'<role>'"); }

bool caller_may_execute(const char* function, std::initializer_list<Oid> arguments) {
  return pg::may_execute(GetUserId(), schema(), function, arguments);
}

bool caller_may_see_keyring() {
  const Oid user = GetOuterUserId();
  return pg::call(
             [=] { return superuser_arg(user) || has_privs_of_role(user, ROLE_PG_READ_ALL_SETTINGS); }) ||
         pg::may_execute(user, schema(), "rotate_root_key", {INT4OID});
}

}  // namespace llm_admin::store
