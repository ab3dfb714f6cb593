// The check that ends every script: nothing that it made is granted to anyone but the owner.
//
// ALTER DEFAULT PRIVILEGES reaches into extension scripts, and functions are executable by PUBLIC unless
// revoked. Looked at: members that joined the extension in this transaction, the schema if made in it, and
// initial privileges (pg_init_privs) written in it, where a grant made by a script, or a REVOKE in an upgrade
// over an object with grants of users, would hide from dumps. What grant_access() gave earlier to older
// objects is none of a script's business.
#pragma once

#include "pg/spi.hpp"

namespace llm_admin::ledger {

// Raises 42501 with the grants in DETAIL (the first few) and the mending statement in HINT.
void check_grants(pg::spi& spi, Oid extension);

}  // namespace llm_admin::ledger
