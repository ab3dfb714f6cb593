// Where a ledger function is called from: it works only inside a script of this very extension.
//
// Statements here are not prepared for later: each runs once in the life of a session, if at all.
#pragma once

#include "pg/guard.hpp"

namespace llm_admin::ledger {

// The OID of the extension llm_admin whose script is running, or error 55000 that names `function`.
Oid require_own_script(const char* function);

// Whether the catalog row that carries this xmin was written by the transaction at hand.
bool made_here(Datum xmin) noexcept;

}  // namespace llm_admin::ledger
