// The table's own NOT NULL and CHECK constraints and a partition's bounds, asked before the server asks them: its error shows the
// whole row as DETAIL ("Failing row contains ..."), and a key may stand in a column by mistake.
#pragma once

#include "pg/server.hpp"

namespace llm_admin::pg {

// For a BEFORE ROW trigger: throws 23502 or 23514 in the server's words, with the constraint's definition as
// DETAIL and nothing of the row, a COPY's line included. Constraints over generated columns are left to the
// server: a trigger before the row does not see their values. What is made of the constraints is kept in
// `fcinfo`'s FmgrInfo for the rows that follow in the statement. Of an UPDATE `before` is the row as it is
// stored: a CHECK none of whose columns changes is not asked, nor are the bounds of a
// partition: such a row may be on its way into another one. Raises what a function in a CHECK raises.
void require_row_rules(FunctionCallInfo fcinfo, Relation table, HeapTuple row, HeapTuple before = nullptr);

}  // namespace llm_admin::pg
