// Grants on an object that left the extension, to be kept when it is taken in again.
//
// ALTER EXTENSION ... ADD writes what stands in an object's ACL into pg_init_privs, and pg_dump leaves out
// what stands there: the grants would be gone after the next restore. So they are revoked before it and given
// after it.
#pragma once

#include <string>

namespace llm_admin::pg {

// `statement`, which adds the function or table of this name (qualified, quoted, a function's with its
// identity arguments), between the revokes and the grants; itself where nobody but the owner has any.
std::string keeping_grants(const std::string& name, const std::string& statement);

}  // namespace llm_admin::pg
