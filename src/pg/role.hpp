// Who is asking, and acting with the rights of another role.
#pragma once

#include <initializer_list>
#include <string>

#include "pg/guard.hpp"

namespace llm_admin::pg {

// Runs its scope with the rights of a role, for constant SQL and for sequences. Nothing chosen by the caller
// may run inside. An error resets the user by itself (transaction abort), unwinding too.
class as_role {
 public:
  explicit as_role(Oid role);
  ~as_role() { SetUserIdAndSecContext(user_, context_); }
  as_role(const as_role&) = delete;
  as_role& operator=(const as_role&) = delete;

 private:
  Oid user_;
  int context_;
};

// Roles belong to all databases of a cluster: one that a database of another encoding made has a name that is no text here.
std::string role_name(Oid role);  // as it is; empty when the role is gone
// To be kept in rows: text in any case, with U+FFFD for what is none.
std::string session_role();  // session_user
std::string outer_role();    // what SET ROLE chose: the caller whatever definer functions lie between
bool caller_is_superuser();
// Whether a role holds EXECUTE on a function, found by its schema, name and argument types.
bool may_execute(Oid role, Oid schema, const char* function, std::initializer_list<Oid> arguments);

// When the client's statement began, in milliseconds since 1970-01-01T00:00:00Z; what STABLE functions see.
std::int64_t statement_time_ms() noexcept;

// Raises 25006 with a HINT on a standby: `what` names the function.
void require_primary(const char* what);

}  // namespace llm_admin::pg
