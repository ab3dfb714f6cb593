#include "pg/fetch.hpp"

namespace llm_admin::pg {

fetched fetch(catalog::table table, catalog::index by, RegProcedure equals, Datum key, as_of when,
              const AttrNumber* attributes, int count, Datum* values, bool* nulls) {
  const Oid relation = catalog::oid_of(table);
  const Oid index = catalog::oid_of(by);
  return call([=] {
    fetched result = {};
    Relation rel = table_open(relation, AccessShareLock);
    Snapshot snapshot = RegisterSnapshot(when == as_of::latest ? GetLatestSnapshot() : GetActiveSnapshot());
    // A scan on the heap names the column by number; with an index the server translates it.
    Relation idx = index_open(index, AccessShareLock);
    const AttrNumber column = idx->rd_index->indkey.values[0];
    index_close(idx, NoLock);
    ScanKeyData scan_key;
    ScanKeyInit(&scan_key, column, BTEqualStrategyNumber, equals, key);
    SysScanDesc scan = systable_beginscan(rel, index, true, snapshot, 1, &scan_key);
    HeapTuple found = systable_getnext(scan);
    if (HeapTupleIsValid(found)) {
      result.tuple = heap_copytuple(found);
      result.xmin = HeapTupleHeaderGetRawXmin(found->t_data);
      result.tid = found->t_self;
      TupleDesc desc = RelationGetDescr(rel);
      for (int i = 0; i < count; ++i) {
        nulls[i] = true;
        values[i] = 0;
        if (attributes[i] > 0) values[i] = heap_getattr(result.tuple, attributes[i], desc, &nulls[i]);
      }
    }
    systable_endscan(scan);
    UnregisterSnapshot(snapshot);
    UnlockRelationOid(index, AccessShareLock);
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
