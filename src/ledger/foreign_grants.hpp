// Where grants that a script did not make come from: default privileges, else event triggers.
#pragma once

#include <string>
#include <vector>

#include "pg/spi.hpp"

namespace llm_admin::ledger {

// One privilege of one object for somebody else than its owner.
struct foreign_grant {
  std::string object;   // as pg_describe_object names it
  std::string grantee;  // quoted, or PUBLIC
  std::string privilege;
  std::string kind;  // TABLES, SEQUENCES, FUNCTIONS, TYPES or SCHEMAS
  Oid grantee_oid;   // InvalidOid is PUBLIC
  Oid owner;         // of the object: whose default privileges it came under
  bool operator==(const foreign_grant&) const = default;
};

// The statements that take away what was found to grant them: ALTER DEFAULT PRIVILEGES for each entry of
// pg_default_acl that holds one of them, and ALTER EVENT TRIGGER ... DISABLE for enabled triggers if some
// come from no entry. Empty when there is neither.
std::string mending_statements(pg::spi& spi, const std::vector<foreign_grant>& grants);

}  // namespace llm_admin::ledger
