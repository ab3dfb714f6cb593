#include "pg/result.hpp"

#include "core/error.hpp"
#include "pg/args.hpp"

namespace llm_admin::pg {

row_builder& row_builder::add(Datum value) {
  values_[count_++] = value;
  return *this;
}

row_builder& row_builder::add_text(std::string_view value) { return add(make_text(value)); }

row_builder& row_builder::add_null() {
  nulls_[count_++] = true;
  return *this;
}

Datum make_row(FunctionCallInfo fcinfo, row_builder& row) {
  Datum* values = row.values();
  bool* nulls = row.nulls();
  const int count = row.size();
  return call([=] {
    auto* desc = static_cast<TupleDesc>(fcinfo->flinfo->fn_extra);
    if (desc == nullptr) {
      const MemoryContext before = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
      if (get_call_result_type(fcinfo, nullptr, &desc) != TYPEFUNC_COMPOSITE)
        elog(ERROR, "function must return a row");
      desc = BlessTupleDesc(CreateTupleDescCopy(desc));
      fcinfo->flinfo->fn_extra = desc;
      MemoryContextSwitchTo(before);
    }
    // An older SQL version may declare fewer columns than a newer library fills, never more.
    if (desc->natts > count)
      elog(ERROR, "function declares %d result columns, %d were made", desc->natts, count);
    return HeapTupleGetDatum(heap_form_tuple(desc, values, nulls));
  });
}

row_set::row_set(FunctionCallInfo fcinfo) : info_(reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo)) {
  call([=] { InitMaterializedSRF(fcinfo, 0); });
}

void row_set::add(row_builder& row) {
  ReturnSetInfo* info = info_;
  Datum* values = row.values();
  bool* nulls = row.nulls();
  call([=] { tuplestore_putvalues(info->setResult, info->setDesc, values, nulls); });
}

}  // namespace llm_admin::pg
