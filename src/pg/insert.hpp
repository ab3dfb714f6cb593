// A row into a table of ours without a statement: what the server does for an INSERT below the executor. For what is
// written beside somebody's statement, row by row; no plan, no parameter and no log line of a nested statement.
//
// Constraints, indexes and the table's triggers are the server's, as ever; a policy or a right is not asked, and a rule
// hears of nothing. A table partitioned by ranges of one column takes the row where it belongs, without its triggers for
// statements; a partition made meanwhile by another session is waited for and seen. Columns are found by name in the table
// that the row goes to; those not named have their default.
#pragma once

#include "pg/guard.hpp"

namespace llm_admin::pg {

struct new_column {
  const char* name;
  Oid type;
  Datum value;
  bool is_null;
};

// Plain data. A column that is not there or has another type is an error of store/damage.hpp; a column by which the
// table is partitioned must be among them and not NULL. What comes next sees the row, as after a statement. False: somebody's
// trigger kept the row out.
bool insert_row(Oid table, const new_column* columns, int count);

// For triggers: whether insert_row() is writing into this very table or partition. The server asks its constraints then,
// and its error about them shows no row (pg/guard.hpp).
bool inserts_into(Oid relation) noexcept;

}  // namespace llm_admin::pg
