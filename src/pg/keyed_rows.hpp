// Rows of a table of ours by the columns of its unique index, read, locked and updated below the executor: for the rows that
// many sessions change all the time, where the statements around each change take many times as long as it.
//
// What only the executor asks must not be there: is_plain() says so, and whoever finds the table otherwise (a trigger, a
// rule, a generated column of its owner's) sends statements. Constraints and indexes are served, whoever made them. No
// right or policy is asked: which rows these are is the caller's to know. READ COMMITTED only: each call sees what is
// committed by then, and what this transaction has done.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pg/guard.hpp"

namespace llm_admin::pg {

inline constexpr int most_key_columns = 4;

struct keyed_column {
  const char* name;
  Oid type;
  RegProcedure equals;  // of a column of the key, by the index's collation; else InvalidOid
};

// Plain data; what it points to outlives it. The first `keys` columns are those of the index, in its order.
struct keyed_table {
  Oid table, index;
  Oid checking;  // a trigger function that only asks the table's constraints in other words, and may be there
  const keyed_column* columns;
  int count, keys;
  LOCKMODE mode = RowExclusiveLock;  // AccessShareLock: rows are only read, whoever else waits for statements
};

// One version of a row, a copy in the current context.
struct keyed_row {
  ItemPointerData place;
  HeapTuple tuple;
  Datum* values;  // of the columns
  bool* nulls;

  // As a row of a statement's result gives them (pg/spi.hpp), the columns counted from 1.
  bool is_null(int column) const { return nulls[column - 1]; }
  Datum raw(int column, Oid) const { return values[column - 1]; }
  std::string text(int column) const;  // empty when NULL
  std::optional<std::string> maybe_text(int column) const;
  int integer(int column) const { return DatumGetInt32(values[column - 1]); }
  std::int64_t bigint(int column) const { return DatumGetInt64(values[column - 1]); }
  bool of_this_transaction() const;
};

enum class row_lock : std::uint8_t { taken, with_another, gone };

// Locks the table and the index in this mode, until the transaction ends. A column that is not there or has another type,
// or where rows are written one with a length, makes it not plain, as does an index that is not on the key.
bool is_plain(const keyed_table& of);

// Those whose first `given` columns of the key have these values, in the order of the index.
std::vector<keyed_row> find_rows(const keyed_table& of, const Datum* key, int given);

// Of those with this beginning of the key the one whose next column is the last that is not above the bound; `at_most` is
// that column's comparison. Nothing where there is none.
std::optional<keyed_row> last_row(const keyed_table& of, const Datum* beginning, int given, Datum bound,
                                  RegProcedure at_most);

// Locks the newest version against changes of others, and returns it in `row`. A row whose key has become another one is
// gone.
row_lock lock_row(const keyed_table& of, keyed_row& row, bool waits);

// The columns behind the key become `values`; `row`, which is locked or this transaction's own, becomes the new version.
void update_row(const keyed_table& of, keyed_row& row, const Datum* values);

// Deletes the row of the whole key and gives its last version; waits for another transaction that is changing it. Nothing
// where there is none.
std::optional<keyed_row> delete_row(const keyed_table& of, const Datum* key);

}  // namespace llm_admin::pg
