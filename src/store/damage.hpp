// What is wrong when an object of ours is not where it should be: in words, with the statement that mends it.
//
// An extension's objects can be moved, renamed and dropped by their owner. Each function here looks into the
// catalogs for what became of one object and returns the error to throw. Nothing is asked of a table of ours,
// so it also works after a failed statement, whose error is on its way. Damaged keys are another matter:
// store/root_keys.hpp judges them, keys/status_roots.cpp and keys/status_data_keys.cpp report them.
#pragma once

#include "core/error.hpp"
#include "pg/guard.hpp"
#include "store/own_tables.hpp"

namespace llm_admin::store::damage {

// llm_admin.`name`, a table, sequence or view, is not there: the extension is not, or the schema or the
// relation was renamed, moved or dropped, or the installed version is older than the relation.
llm_admin::error of_relation(std::string_view name);
// The index is not there, or another one has its name.
llm_admin::error of_index(const own_index& index);
// `relation`, which has the columns of `table`, has no column of that name, or has it with another type.
llm_admin::error of_column(Oid relation, const own_table& table, const own_column& column);
llm_admin::error of_function(std::string_view name);

// For a server error that a missing object can cause: looks at each object of ours that `sql` names, and says
// the error anew when one of them is damaged.
void explain(pg::error& e, const char* sql);

// Throws when a table of ours lacks a column or has one of another type.
void find();
// The same for one column of `relation`; returns when that is no table of ours, when we know no such column,
// or when `read_as` is not the type that we know it by: a slip of the reader's.
void explain_column(Oid relation, std::string_view column, Oid read_as);

}  // namespace llm_admin::store::damage
