#include "pg/fetch.hpp"

namespace llm_admin::pg {

namespace {

// Inside a guarded call: plain data only, any line may longjmp.

// Copies the tuple and takes it apart, all columns in one pass: asking for them one by one would walk the row
// anew for each. False when its key is another one, which only a guess can find.
bool take(Relation rel, HeapTuple found, bool guessed, const lookup& what, Datum* values, bool* nulls,
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
      nulls[i] = all_nulls[what.columns[i] - 1];
      values[i] = all_values[what.columns[i] - 1];
    }
  }
  pfree(all_nulls);
  pfree(all_values);
  return same;
}

// The block is pinned first in the buffer where it was, because it may be gone from the table by now.
bool take_again(Relation rel, Snapshot snapshot, const last_place& last, const lookup& what, Datum* values,
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

void remember_place(TupleTableSlot* slot, const fetched& found, last_place& last) {
  last.buffer = InvalidBuffer;
  if (!TTS_IS_BUFFERTUPLE(slot)) return;
  last.tid = found.tid;
  last.buffer = reinterpret_cast<BufferHeapTupleTableSlot*>(slot)->buffer;
}

// What a search came to: a result, or the news that the table or the index is another one by now.
struct search {
  bool outdated;
  fetched result;
};

}  // namespace

std::optional<fetched> fetch(const lookup& what, Datum* values, bool* nulls, last_place* last) {
  const search done = call([=, &what] {
    search s = {};
    LockRelationOid(what.table, AccessShareLock);
    // With the lock came the news of all that was done to the table before.
    if (!what.table_holds(what.caller)) {
      UnlockRelationOid(what.table, AccessShareLock);
      s.outdated = true;
      return s;
    }
    Relation rel = table_open(what.table, NoLock);
    // No snapshot is taken in a parallel plan: there the statement's own is the newest that may be had.
    const bool newest = what.when == as_of::latest && !IsInParallelMode();
    Snapshot snapshot = RegisterSnapshot(newest ? GetLatestSnapshot() : GetActiveSnapshot());
    if (last == nullptr || !take_again(rel, snapshot, *last, what, values, nulls, s.result)) {
      LockRelationOid(what.index, AccessShareLock);
      s.outdated = !what.index_holds(what.caller);
      if (!s.outdated) {
        ScanKeyData scan_key;
        // The server finds the column in the index by its number in the table.
        ScanKeyInit(&scan_key, what.column, BTEqualStrategyNumber, what.equals, what.key);
        SysScanDesc scan = systable_beginscan(rel, what.index, true, snapshot, 1, &scan_key);
        HeapTuple found = systable_getnext(scan);
        if (HeapTupleIsValid(found)) {
          take(rel, found, false, what, values, nulls, s.result);
          if (last != nullptr) remember_place(scan->slot, s.result, *last);
        }
        systable_endscan(scan);
      }
      UnlockRelationOid(what.index, AccessShareLock);
    }
    UnregisterSnapshot(snapshot);
    table_close(rel, AccessShareLock);
    return s;
  });
  if (done.outdated) return std::nullopt;
  return done.result;
}

}  // namespace llm_admin::pg
