// Rows of one of our tables by an indexed column: which columns stand where, found by name once for each
// shape of the table. Each must have the type that it is read as. A table, index or column that is missing is
// an error in words (store/damage.hpp).
#pragma once

#include "pg/fetch.hpp"
#include "store/tables.hpp"

namespace llm_admin::store {

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

  // The row whose `by` is `key` by the equality function `equals`; see pg/fetch.hpp.
  pg::fetched find(store::index by, RegProcedure equals, Datum key, pg::as_of when, Datum* values,
                   bool* nulls, pg::last_place* last = nullptr);
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

}  // namespace llm_admin::store
