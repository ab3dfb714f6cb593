// One row by one indexed column, without the executor: the hot path of every function that reads a provider
// or a key.
//
// Reads with the rights of the code, not of the caller: whoever may call the function may have what it
// returns. The columns are found by name, once for each shape of the table; each must have the type it is
// read as. The table is locked before its name and its columns are trusted, as the server does for a
// statement, so a table that is being dropped or moved is an error in words and never a missing OID.
#pragma once

#include "pg/guard.hpp"
#include "pg/types.hpp"
#include "store/tables.hpp"

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

// Reads some columns of one table. Lives as long as the backend, as static plain data.
class row_finder {
 public:
  static constexpr int most_columns = 24;

  // Names of columns of our own list (store/own_tables.hpp).
  template <int N>
  consteval row_finder(store::table table, const char* const (&names)[N])
      : table_(table), names_(names), count_(N) {
    static_assert(N <= most_columns);
  }

  // Looks `key` up in `by` (its only or first column) with the equality function `equals`, and deforms the
  // columns into values and nulls, in the order of their names. Everything is plain memory owned by the
  // current context. `last`, of a unique key, saves the way through the index as long as the row stays where
  // it was; may be null.
  fetched find(store::index by, RegProcedure equals, Datum key, as_of when, Datum* values, bool* nulls,
               last_place* last = nullptr);
  Oid type(int n) const noexcept { return types_[n]; }  // that the n-th column is read as

 private:
  void learn_columns(Oid relation);
  store::table table_;
  const char* const* names_;
  int count_;
  std::uint64_t generation_ = ~std::uint64_t{0};
  AttrNumber attributes_[most_columns] = {};
  Oid types_[most_columns] = {};
};

}  // namespace llm_admin::pg
