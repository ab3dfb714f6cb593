// Who is asking, and acting as the extension's owner for our own fixed statements.
#pragma once

#include <string>

#include "pg/guard.hpp"

namespace llm_admin::pg {

// Runs its scope with the rights of the extension's owner, for constant SQL (architecture, rule 4) and for
// sequences. Nothing chosen by the caller may run inside. An error resets the user by itself (transaction
// abort), unwinding too.
class as_owner {
 public:
  as_owner();
  ~as_owner() { SetUserIdAndSecContext(user_, context_); }
  as_owner(const as_owner&) = delete;
  as_owner& operator=(const as_owner&) = delete;

 private:
  Oid user_;
  int context_;
};

std::string role_name(Oid role);  // empty when the role is gone
std::string session_role();       // session_user
std::string outer_role();         // what SET ROLE chose: the caller whatever definer functions lie between
bool caller_is_superuser();
// Whether where the keyring lies may be told: to superusers, level security, and whoever reads all settings.
// Asked of the role that calls from outside, whatever rights are taken on within.
bool caller_may_see_keyring();
// The caller as a literal of type regrole, for hints: 'app', '"My App"'.
std::string caller_literal();

// Whether the caller holds EXECUTE on one of our functions, found by name and its argument types.
bool caller_may_execute(const char* function, std::initializer_list<Oid> arguments);

// Raises 25006 with a HINT on a standby: `what` names the function.
void require_primary(const char* what);

}  // namespace llm_admin::pg
