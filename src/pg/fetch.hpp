// One row by one indexed column, without the executor: the hot path of whatever reads a row by its key.
//
// Reads with the rights of the code, not of the caller: whoever may call the function may have what it
// returns. Which table, index and columns these are is the caller's to know, by OIDs and numbers: the table
// is locked before they are trusted, as the server does for a statement, and the caller is asked under the
// lock whether they still hold. So a table that is being dropped or moved is never a missing OID.
#pragma once

#include <cstdint>
#include <optional>

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

// Plain data; what it points to outlives the call.
struct lookup {
  Oid table;
  Oid index;            // on `column`, its only or first one
  AttrNumber column;    // of the table
  RegProcedure equals;  // the equality function of the column and the key
  Datum key;
  as_of when;
  const AttrNumber* columns;  // of the table: those that are taken out of the row
  int count;
  // Whether the table, and then the index, still are what is said above. Called inside guarded code with the
  // lock held: plain reads.
  bool (*table_holds)(const void* caller) noexcept;
  bool (*index_holds)(const void* caller) noexcept;
  const void* caller;
};

// Looks the key up and deforms the columns into values and nulls, in their order. Everything is plain memory
// owned by the current context. Nothing when the table or the index is another one by now: then the caller
// looks those up anew. `last`, of a unique key, saves the way through the index as long as the row stays
// where it was; may be null.
std::optional<fetched> fetch(const lookup& what, Datum* values, bool* nulls, last_place* last = nullptr);

}  // namespace llm_admin::pg
