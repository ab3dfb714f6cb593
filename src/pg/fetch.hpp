// One row by one indexed column, without the executor: the hot path of every function that reads a provider
// or a key.
//
// Reads with the rights of the code, not of the caller: whoever may call the function may have what it
// returns.
#pragma once

#include "pg/catalog.hpp"
#include "pg/guard.hpp"

namespace llm_admin::pg {

struct fetched {
  HeapTuple tuple;  // a copy in the current context; null when no row matches
  TransactionId xmin;
  ItemPointerData tid;
};

// Which version of the row: what the running statement sees, or the newest committed one. In a parallel plan
// the first is the newest that can be had, and is what both give.
enum class as_of : std::uint8_t { statement, latest };

// Where a row was seen last. Only a guess: the row found there counts when the snapshot sees it and it has
// the key, which is unique among all that a snapshot sees. Zeroed memory is a place never seen.
struct last_place {
  ItemPointerData tid;
  Buffer buffer;
};

// Looks `key` up in `by` (its only or first column) with the equality function `equals`, and deforms the
// columns whose attribute numbers stand in `attributes` (0 = the column does not exist here) into values and
// nulls. Everything is plain memory owned by the current context. `last`, of a unique key, saves the way
// through the index as long as the row stays where it was; may be null.
fetched fetch(catalog::table table, catalog::index by, RegProcedure equals, Datum key, as_of when,
              const AttrNumber* attributes, int count, Datum* values, bool* nulls,
              last_place* last = nullptr);

// Attribute numbers of `names` in `table`, 0 for a column that is not there (an older SQL version).
void find_columns(catalog::table table, const char* const* names, int count, AttrNumber* attributes);

}  // namespace llm_admin::pg
