// Whether rows are being loaded: a dump is replayed, or copied in as dumps write it. Loaded rows are stored
// as they come: no history, no changed times, no checks that look at other rows or tables, no keyring. What
// describes the whole database afterwards is llm_admin.validate_schema().
//
// Three marks, each with roles that may act as the extension's owner (current, outer and session user; such a
// role could disable the triggers anyway):
//   settings  pg_dump's prologue: search_path empty, check_function_bodies off, client_min_messages warning.
//             row_security is no mark, an option of pg_dump turns it.
//   copy      a COPY FROM of this very table as dumps write it: text or binary, all columns, nothing between
//             the statement and the trigger. An import of CSV is no load.
//   setting   llm_admin.restoring, for INSERT dumps whose SET lines are gone.
// A setting counts when the session set it itself. Defaults of a database, a role, a file or a client belong
// to somebody else, and the SET clause of a function to its author.
#pragma once

#include <cstdint>

#include "pg/trigger.hpp"

namespace llm_admin::store {

enum class load_mark : std::uint8_t { none, settings, copy, setting };

// The mark that the session carries whatever statement it runs; never `copy`.
load_mark session_load();

// Whether the statement behind this trigger call loads rows; for a row, one line a transaction goes to the
// server's log, and one row a table and transaction to the audit log. Trigger functions that ask must carry no SET clause, or they would see its values. Cheap enough to be
// asked for every row.
bool loading(const pg::trigger_call& trigger);

// Whether rows that this session writes would be loaded if it set llm_admin.restoring.
bool may_load();

// Whether llm_admin.restoring is on without counting, because another than this session set it.
bool restoring_without_effect();

}  // namespace llm_admin::store
