// What the functions that change access share: who may call them, and what the server knows of a role.
#pragma once

#include <string>
#include <vector>

#include "pg/args.hpp"
#include "roles/book.hpp"

namespace llm_admin::roles {

// Refuses standbys (25006), callers that cannot act as the owner (42501), and extension scripts (55000):
// grants made there would become initial privileges, which no dump carries.
void require_owner_rights(const char* function);

Oid role_named(const std::string& name);  // InvalidOid when there is none
bool is_owner(std::string_view role);
bool is_reserved(const std::string& role);  // pg_database_owner and its like

// Whether `held` still has all that the level gave. Rows of 0.3 do not say what that was: the level as it was
// in the newest version of which anything is held, at least the lowest that the database has been at. What
// another of the role's levels gives as well proves nothing.
bool still_holds(const entry& row, const rights& held, const std::vector<entry>& rows, const grants& all);

}  // namespace llm_admin::roles
