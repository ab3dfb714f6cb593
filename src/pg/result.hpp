// Rows for the caller: one composite value, or a set gathered in a tuplestore.
//
// The number and the types of the columns are compared with what the function is declared to return. An older
// SQL version may declare fewer columns than a newer library fills, never more. Dropped attributes of a type do
// not count.
#pragma once

#include <string_view>

#include "pg/guard.hpp"
#include "pg/types.hpp"

namespace llm_admin::pg {

// One row under construction, in the order of the function's declared result columns. A column too many is
// an internal error.
class row_builder {
 public:
  static constexpr int most_columns = 32;
  row_builder& add(typed_datum value);  // InvalidOid as its type makes it NULL
  row_builder& add(Datum value, Oid type) { return add(typed_datum{value, type}); }
  row_builder& add_text(std::string_view value);
  row_builder& add_boolean(bool value) { return add(BoolGetDatum(value), BOOLOID); }
  row_builder& add_integer(std::int32_t value) { return add(Int32GetDatum(value), INT4OID); }
  row_builder& add_bigint(std::int64_t value) { return add(Int64GetDatum(value), INT8OID); }
  row_builder& add_jsonb(Datum value) { return add(value, JSONBOID); }
  row_builder& add_null() { return add(typed_datum{0, InvalidOid}); }
  int size() const noexcept { return count_; }
  Oid type(int n) const noexcept { return types_[n]; }
  Datum* values() noexcept { return values_; }
  bool* nulls() noexcept { return nulls_; }

 private:
  int count_ = 0;
  Datum values_[most_columns] = {};
  bool nulls_[most_columns] = {};
  Oid types_[most_columns] = {};
};

// The composite datum of a function that returns one row. The descriptor is looked up once per call site.
Datum make_row(FunctionCallInfo fcinfo, row_builder& row);

// For a SETOF function: made before the first row, then add() for each, and the function returns Datum 0.
class row_set {
 public:
  explicit row_set(FunctionCallInfo fcinfo);
  void add(row_builder& row);

 private:
  ReturnSetInfo* info_;
};

}  // namespace llm_admin::pg
