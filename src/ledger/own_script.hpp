// Where a ledger function is called from: it works only inside a script of this very extension.
//
// Statements here are not prepared for later: each runs once in the life of a session, if at all.
#pragma once

#include "ledger/script_name.hpp"
#include "pg/guard.hpp"

namespace llm_admin::ledger {

// The OID of the extension llm_admin whose script is running, or error 55000 that names `function`.
Oid require_own_script(const char* function);

// Whether the catalog row that carries this xmin was written by the transaction at hand.
bool made_here(Datum xmin) noexcept;

// Whether the script runs because pg_restore or psql replays a dump, which only ever installs.
// pg::restoring() cannot tell here: the server gives every extension script a search_path and
// check_function_bodies of its own, so of pg_dump's prologue only row_security is left to see. Whoever runs
// the script owns all that it makes, so nothing is at stake but a ledger row.
bool replaying_dump(const script_name& script) noexcept;

}  // namespace llm_admin::ledger
