// One table row, read and changed by column name: what triggers and row readers use.
//
// Columns are found by name on purpose: an upgrade may add columns, and a newer library must keep working
// over an older table. A column is read as what it is: one whose type its owner changed is an error in words.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json/view.hpp"
#include "pg/guard.hpp"
#include "pg/types.hpp"

namespace llm_admin::pg {

// A deformed row. Valid while the tuple and its descriptor are; values point into the tuple.
class tuple_image {
 public:
  // `relation` and its name are for the words of an error.
  tuple_image(HeapTuple tuple, TupleDesc desc, Oid relation, const char* name);

  int column(std::string_view name) const;  // attribute number; error when there is none
  bool is_null(int attribute) const noexcept { return nulls_[static_cast<std::size_t>(attribute - 1)]; }
  Datum raw(int attribute) const noexcept { return values_[static_cast<std::size_t>(attribute - 1)]; }
  typed_datum value(std::string_view name) const;  // NULL has InvalidOid
  bool is_null(std::string_view name) const { return is_null(column(name)); }
  std::string_view text(std::string_view name) const;  // empty when NULL
  std::optional<std::string_view> maybe_text(std::string_view name) const;
  bool boolean(std::string_view name) const;  // false when NULL
  std::optional<int> integer(std::string_view name) const;
  json::node jsonb(std::string_view name) const;
  HeapTuple tuple() const noexcept { return tuple_; }
  TupleDesc descriptor() const noexcept { return desc_; }
  int columns() const noexcept { return desc_->natts; }
  std::string_view name_of(int attribute) const noexcept;
  bool is_dropped(int attribute) const noexcept;
  bool same(const tuple_image& other, int attribute) const;  // byte for byte, after detoasting
  // Throws LA001 where the value has more than `most` bytes, of which nothing is fetched. One that was as
  // long in `before`, which may be null, stays.
  void require_size(std::string_view name, std::size_t most, const tuple_image* before) const;

  Oid type_of(int attribute) const noexcept;

 private:
  friend class tuple_changes;
  int column_of_type(std::string_view name, Oid type) const;
  [[noreturn]] void refuse(std::string_view name, Oid type) const;
  HeapTuple tuple_;
  TupleDesc desc_;
  Oid relation_;
  const char* table_;
  std::vector<Datum> values_;
  std::vector<char> nulls_;
};

// Column changes gathered for one new tuple.
class tuple_changes {
 public:
  explicit tuple_changes(const tuple_image& base);
  void set(std::string_view column, Datum value, Oid type);
  void set(std::string_view column, typed_datum value) { set(column, value.value, value.type); }
  void set_text(std::string_view column, std::string_view value);
  void set_null(std::string_view column);
  bool any() const noexcept { return any_; }
  HeapTuple apply() const;  // a new tuple in the current context
  // Throws 23502 as the server does for a NOT NULL column without a value, and shows nothing of the row: a
  // key may stand in another column by mistake.
  void require_values() const;

 private:
  const tuple_image& base_;
  std::vector<Datum> values_;
  std::vector<char> nulls_;
  std::vector<char> replace_;
  bool any_ = false;
};

}  // namespace llm_admin::pg
