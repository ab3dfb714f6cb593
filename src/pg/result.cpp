#include "pg/result.hpp"

#include <algorithm>
#include <memory>
#include <vector>

#include "core/error.hpp"
#include "pg/args.hpp"

namespace llm_admin::pg {

namespace {

// A value of another type than the declared one would be taken apart as what it is not.
void check(const row_builder& row, int n, const FormData_pg_attribute& column) {
  if (!OidIsValid(row.type(n)) || fits(column.atttypid, row.type(n))) return;
  refuse_type("result column " + std::string(NameStr(column.attname)) + " is declared as " +
              type_name(column.atttypid) + ", and the library makes " + type_name(row.type(n)));
}

// The row's values in the places of the declared columns. An attribute that was dropped from a type keeps its
// place, and is NULL.
class placed_row {
 public:
  placed_row(row_builder& row, TupleDesc declared) : values_(row.values()), nulls_(row.nulls()) {
    int columns = 0;
    for (int i = 0; i < declared->natts; ++i)
      if (!TupleDescAttr(declared, i)->attisdropped) ++columns;
    if (columns > row.size())
      throw llm_admin::error(sqlstate::internal_error, "the function declares " + std::to_string(columns) +
                                                           " result columns, and the library makes " +
                                                           std::to_string(row.size()));
    if (columns < declared->natts) make_places(declared->natts);
    for (int i = 0, n = 0; i < declared->natts; ++i) {
      const Form_pg_attribute column = TupleDescAttr(declared, i);
      if (column->attisdropped) continue;
      check(row, n, *column);
      if (!own_values_.empty()) {
        own_values_[static_cast<std::size_t>(i)] = row.values()[n];
        nulls_[i] = row.nulls()[n];
      }
      ++n;
    }
  }
  Datum* values() noexcept { return values_; }
  bool* nulls() noexcept { return nulls_; }

 private:
  void make_places(int count) {
    const auto places = static_cast<std::size_t>(count);
    own_values_.assign(places, Datum{0});
    own_nulls_ = std::make_unique<bool[]>(places);
    std::fill_n(own_nulls_.get(), places, true);
    values_ = own_values_.data();
    nulls_ = own_nulls_.get();
  }

  std::vector<Datum> own_values_;
  std::unique_ptr<bool[]> own_nulls_;
  Datum* values_;
  bool* nulls_;
};

TupleDesc declared_row(FunctionCallInfo fcinfo) {
  return call([=] {
    TupleDesc desc = nullptr;
    const MemoryContext before = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
    if (get_call_result_type(fcinfo, nullptr, &desc) != TYPEFUNC_COMPOSITE)
      ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH), errmsg("function must return a row")));
    desc = BlessTupleDesc(CreateTupleDescCopy(desc));
    fcinfo->flinfo->fn_extra = desc;
    MemoryContextSwitchTo(before);
    return desc;
  });
}

}  // namespace

row_builder& row_builder::add(typed_datum value) {
  if (count_ == most_columns)
    throw llm_admin::error(sqlstate::internal_error,
                           "a result row has at most " + std::to_string(most_columns) + " columns");
  values_[count_] = value.value;
  nulls_[count_] = !OidIsValid(value.type);
  types_[count_] = value.type;
  ++count_;
  return *this;
}

row_builder& row_builder::add_text(std::string_view value) { return add(make_text(value), TEXTOID); }

Datum make_row(FunctionCallInfo fcinfo, row_builder& row) {
  auto* known = static_cast<TupleDesc>(fcinfo->flinfo->fn_extra);
  const TupleDesc desc = known != nullptr ? known : declared_row(fcinfo);
  placed_row placed(row, desc);
  Datum* values = placed.values();
  bool* nulls = placed.nulls();
  return call([=] { return HeapTupleGetDatum(heap_form_tuple(desc, values, nulls)); });
}

row_set::row_set(FunctionCallInfo fcinfo) : info_(reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo)) {
  call([=] { InitMaterializedSRF(fcinfo, 0); });
}

void row_set::add(row_builder& row) {
  ReturnSetInfo* info = info_;
  placed_row placed(row, info->setDesc);
  Datum* values = placed.values();
  bool* nulls = placed.nulls();
  call([=] { tuplestore_putvalues(info->setResult, info->setDesc, values, nulls); });
}

}  // namespace llm_admin::pg
