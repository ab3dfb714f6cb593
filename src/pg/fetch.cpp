#include "pg/fetch.hpp"

namespace llm_admin::pg {

fetched fetch(catalog::table table, catalog::index by, RegProcedure equals, Datum key, as_of when,
              const AttrNumber* attributes, int count, Datum* values, bool* nulls) {
  const Oid relation = catalog::oid_of(table);
  const Oid index = catalog::oid_of(by);
  const AttrNumber column = catalog::key_column(by);  // the server finds it in the index by this number
  return call([=] {
    fetched result = {};
    Relation rel = table_open(relation, AccessShareLock);
    Snapshot snapshot = RegisterSnapshot(when == as_of::latest ? GetLatestSnapshot() : GetActiveSnapshot());
    ScanKeyData scan_key;
    ScanKeyInit(&scan_key, column, BTEqualStrategyNumber, equals, key);
    SysScanDesc scan = systable_beginscan(rel, index, true, snapshot, 1, &scan_key);
    HeapTuple found = systable_getnext(scan);
    if (HeapTupleIsValid(found)) {
      result.tuple = heap_copytuple(found);
      result.xmin = HeapTupleHeaderGetRawXmin(found->t_data);
      result.tid = found->t_self;
      // All columns in one pass: asking for them one by one would walk the row anew for each.
      TupleDesc desc = RelationGetDescr(rel);
      auto* all_values = static_cast<Datum*>(palloc(sizeof(Datum) * static_cast<Size>(desc->natts)));
      auto* all_nulls = static_cast<bool*>(palloc(sizeof(bool) * static_cast<Size>(desc->natts)));
      heap_deform_tuple(result.tuple, desc, all_values, all_nulls);
      for (int i = 0; i < count; ++i) {
        const bool there = attributes[i] > 0;
        nulls[i] = !there || all_nulls[attributes[i] - 1];
        values[i] = there ? all_values[attributes[i] - 1] : 0;
      }
      pfree(all_nulls);
      pfree(all_values);
    }
    systable_endscan(scan);
    UnregisterSnapshot(snapshot);
    table_close(rel, AccessShareLock);
    return result;
  });
}

void find_columns(catalog::table table, const char* const* names, int count, AttrNumber* attributes) {
  const Oid relation = catalog::oid_of(table);
  call([=] {
    for (int i = 0; i < count; ++i) attributes[i] = get_attnum(relation, names[i]);
  });
}

}  // namespace llm_admin::pg
