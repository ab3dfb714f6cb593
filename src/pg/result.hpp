// Rows for the caller: one composite value, or a set gathered in a tuplestore.
#pragma once

#include <string_view>

#include "pg/guard.hpp"

namespace llm_admin::pg {

// One row under construction, in the order of the function's declared result columns.
class row_builder {
 public:
  static constexpr int most_columns = 32;
  row_builder& add(Datum value);
  row_builder& add_text(std::string_view value);
  row_builder& add_null();
  int size() const noexcept { return count_; }
  Datum* values() noexcept { return values_; }
  bool* nulls() noexcept { return nulls_; }

 private:
  int count_ = 0;
  Datum values_[most_columns] = {};
  bool nulls_[most_columns] = {};
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
