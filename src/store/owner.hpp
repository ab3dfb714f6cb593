// Acting as the extension's owner for our own fixed statements, and what the caller may do with our
// functions.
#pragma once

#include <initializer_list>
#include <string>

#include "pg/cursor.hpp"
#include "pg/fetch.hpp"
#include "pg/role.hpp"

namespace llm_admin::store {

// Runs its scope with the rights of the extension's owner, see pg::as_role.
class as_owner : public pg::as_role {
 public:
  as_owner();
};

// A cursor with the rights of the extension's owner, which count when it is opened: what the loop does has
// the caller's.
pg::cursor cursor_by_owner(const pg::statement& s, std::initializer_list<pg::parameter> parameters,
                           pg::as_of when = pg::as_of::statement, pg::spi* shared = nullptr);

// Whether where the keyring lies may be told: to superusers, level security, and whoever reads all settings.
// Asked of the role that calls from outside, whatever rights are taken on within.
bool caller_may_see_keyring();
// The caller as a literal of type regrole, for hints: 'app', '"My App"'.
std::string caller_literal();
// Whether the caller holds EXECUTE on one of our functions, found by name and its argument types.
bool caller_may_execute(const char* function, std::initializer_list<Oid> arguments);

}  // namespace llm_admin::store
