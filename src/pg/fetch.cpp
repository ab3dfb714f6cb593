#include "pg/fetch.hpp"

namespace llm_admin::pg {

namespace {

// Inside a guarded call: plain data only, any line may longjmp.

struct wanted {
  AttrNumber column;
  RegProcedure equals;
  Datum key;
  const AttrNumber* attributes;
  int count;
};

// Copies the tuple and takes it apart, all columns in one pass: asking for them one by one would walk the row
// anew for each. False when its key is another one, which only a guess can find.
bool take(Relation rel, HeapTuple found, bool guessed, const wanted& what, Datum* values, bool* nulls,
          fetched& result) {
  TupleDesc desc = RelationGetDescr(rel);
  HeapTuple tuple = heap_copytuple(found);
  auto* all_values = static_cast<Datum*>(palloc(sizeof(Datum) * static_cast<Size>(desc->natts)));
  auto* all_nulls = static_cast<bool*>(palloc(sizeof(bool) * static_cast<Size>(desc->natts)));
  heap_deform_tuple(tuple, desc, all_values, all_nulls);
  const int key_at = what.column - 1;
  const bool same =
      !guessed || (!all_nulls[key_at] && DatumGetBool(OidFunctionCall2Coll(what.equals, C_COLLATION_OID,
                                                                           all_values[key_at], what.key)));
  if (same) {
    result.tuple = tuple;
    result.xmin = HeapTupleHeaderGetRawXmin(found->t_data);
    result.tid = found->t_self;
    for (int i = 0; i < what.count; ++i) {
      const bool there = what.attributes[i] > 0;
      nulls[i] = !there || all_nulls[what.attributes[i] - 1];
      values[i] = there ? all_values[what.attributes[i] - 1] : 0;
    }
  }
  pfree(all_nulls);
  pfree(all_values);
  return same;
}

// The block is pinned first in the buffer where it was, because it may be gone from the table by now.
bool take_again(Relation rel, Snapshot snapshot, const last_place& last, const wanted& what, Datum* values,
                bool* nulls, fetched& result) {
  if (last.buffer == InvalidBuffer || rel->rd_tableam != GetHeapamTableAmRoutine()) return false;
  if (!compat::pin_recent(rel, ItemPointerGetBlockNumber(&last.tid), last.buffer)) return false;
  HeapTupleData found;
  found.t_self = last.tid;
  Buffer buffer = InvalidBuffer;
  const bool visible = heap_fetch(rel, snapshot, &found, &buffer, false);
  const bool taken = visible && take(rel, &found, true, what, values, nulls, result);
  if (visible) ReleaseBuffer(buffer);
  ReleaseBuffer(last.buffer);
  return taken;
}

void remember(TupleTableSlot* slot, const fetched& found, last_place& last) {
  last.buffer = InvalidBuffer;
  if (!TTS_IS_BUFFERTUPLE(slot)) return;
  last.tid = found.tid;
  last.buffer = reinterpret_cast<BufferHeapTupleTableSlot*>(slot)->buffer;
}

}  // namespace

fetched fetch(catalog::table table, catalog::index by, RegProcedure equals, Datum key, as_of when,
              const AttrNumber* attributes, int count, Datum* values, bool* nulls, last_place* last) {
  const Oid relation = catalog::oid_of(table);
  const Oid index = catalog::oid_of(by);
  // The server finds the column in the index by this number.
  const wanted what = {catalog::key_column(by), equals, key, attributes, count};
  return call([=] {
    fetched result = {};
    Relation rel = table_open(relation, AccessShareLock);
    // No snapshot is taken in a parallel plan: there the statement's own is the newest that may be had.
    const bool newest = when == as_of::latest && !IsInParallelMode();
    Snapshot snapshot = RegisterSnapshot(newest ? GetLatestSnapshot() : GetActiveSnapshot());
    if (last == nullptr || !take_again(rel, snapshot, *last, what, values, nulls, result)) {
      ScanKeyData scan_key;
      ScanKeyInit(&scan_key, what.column, BTEqualStrategyNumber, equals, key);
      SysScanDesc scan = systable_beginscan(rel, index, true, snapshot, 1, &scan_key);
      HeapTuple found = systable_getnext(scan);
      if (HeapTupleIsValid(found)) {
        take(rel, found, false, what, values, nulls, result);
        if (last != nullptr) remember(scan->slot, result, *last);
      }
      systable_endscan(scan);
    }
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
