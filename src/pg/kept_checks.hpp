// The CHECK constraints of a table, made ready once and kept in the session until anything about the table changes: to make
// them ready takes many times as long as to ask them of a row.
//
// Guarded code only (pg/guard.hpp); plain data.
#pragma once

#include "pg/server.hpp"

namespace llm_admin::pg {

struct kept_checks {
  int count;  // of the CHECKs in the table's descriptor
  ExprState* const*
      states;  // of each; null: it must be made ready for each statement (kept_checks.cpp says why)
  Bitmapset* const* columns;  // that each reads, as pull_varattnos() numbers them
  ExprContext* context;       // its memory is to be reset after use
  TupleTableSlot* slot;       // for a row of the table as a heap tuple
};

// Valid until the next lock is taken or catalog read.
const kept_checks& checks_of(Relation table);

// Whether a row is known to keep the table's NOT NULL and CHECK constraints. False says nothing: then the server is to be
// asked, which has the words for it too. The row has its tts_tableOid. Raises what a function in a CHECK raises.
bool keeps_constraints(Relation table, TupleTableSlot* row);

}  // namespace llm_admin::pg
