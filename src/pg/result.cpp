#include "pg/result.hpp"

#include "core/error.hpp"
#include "pg/args.hpp"

namespace llm_admin::pg {

namespace {

// A value of another type than the declared one would be taken apart as what it is not.
void check(const row_builder& row, TupleDesc declared) {
  if (declared->natts > row.size())
    throw llm_admin::error(sqlstate::internal_error,
                           "the function declares " + std::to_string(declared->natts) +
                               " result columns, and the library makes " + std::to_string(row.size()));
  for (int i = 0; i < declared->natts; ++i) {
    const Form_pg_attribute column = TupleDescAttr(declared, i);
    if (!OidIsValid(row.type(i)) || (!column->attisdropped && fits(column->atttypid, row.type(i)))) continue;
    refuse_type("result column " + std::string(NameStr(column->attname)) + " is declared as " +
                type_name(column->atttypid) + ", and the library makes " + type_name(row.type(i)));
  }
}

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
  Datum* values = row.values();
  bool* nulls = row.nulls();
  auto* known = static_cast<TupleDesc>(fcinfo->flinfo->fn_extra);
  const TupleDesc desc = known != nullptr ? known : declared_row(fcinfo);
  check(row, desc);
  return call([=] { return HeapTupleGetDatum(heap_form_tuple(desc, values, nulls)); });
}

row_set::row_set(FunctionCallInfo fcinfo) : info_(reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo)) {
  call([=] { InitMaterializedSRF(fcinfo, 0); });
}

void row_set::add(row_builder& row) {
  ReturnSetInfo* info = info_;
  Datum* values = row.values();
  bool* nulls = row.nulls();
  check(row, info->setDesc);
  call([=] { tuplestore_putvalues(info->setResult, info->setDesc, values, nulls); });
}

}  // namespace llm_admin::pg
