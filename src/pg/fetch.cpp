#include "pg/fetch.hpp"

#include "pg/types.hpp"
#include "store/damage.hpp"
#include "store/members.hpp"

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
      nulls[i] = all_nulls[what.attributes[i] - 1];
      values[i] = all_values[what.attributes[i] - 1];
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

// What a search came to: a result, or the news that the table or the index is another one by now.
struct search {
  bool outdated;
  fetched result;
};

}  // namespace

fetched row_finder::find(store::index by, RegProcedure equals, Datum key, as_of when, Datum* values,
                         bool* nulls, last_place* last) {
  for (;;) {
    const Oid relation = store::oid_of(table_);
    const Oid index = store::oid_of(by);
    learn_columns(relation);
    const store::table table = table_;
    const std::uint64_t generation = generation_;
    // The server finds the column in the index by this number.
    const wanted what = {store::key_column(by), equals, key, attributes_, count_};
    const search done = call([=] {
      search s = {};
      LockRelationOid(relation, AccessShareLock);
      // With the lock came the news of all that was done to the table before.
      if (!store::is_known(table, relation, generation)) {
        UnlockRelationOid(relation, AccessShareLock);
        s.outdated = true;
        return s;
      }
      Relation rel = table_open(relation, NoLock);
      // No snapshot is taken in a parallel plan: there the statement's own is the newest that may be had.
      const bool newest = when == as_of::latest && !IsInParallelMode();
      Snapshot snapshot = RegisterSnapshot(newest ? GetLatestSnapshot() : GetActiveSnapshot());
      if (last == nullptr || !take_again(rel, snapshot, *last, what, values, nulls, s.result)) {
        LockRelationOid(index, AccessShareLock);
        s.outdated = !store::is_known(by, index);
        if (!s.outdated) {
          ScanKeyData scan_key;
          ScanKeyInit(&scan_key, what.column, BTEqualStrategyNumber, equals, key);
          SysScanDesc scan = systable_beginscan(rel, index, true, snapshot, 1, &scan_key);
          HeapTuple found = systable_getnext(scan);
          if (HeapTupleIsValid(found)) {
            take(rel, found, false, what, values, nulls, s.result);
            if (last != nullptr) remember(scan->slot, s.result, *last);
          }
          systable_endscan(scan);
        }
        UnlockRelationOid(index, AccessShareLock);
      }
      UnregisterSnapshot(snapshot);
      table_close(rel, AccessShareLock);
      return s;
    });
    if (!done.outdated) return done.result;
    call([] { CHECK_FOR_INTERRUPTS(); });
  }
}

void row_finder::learn_columns(Oid relation) {
  // Read before the columns: what happens meanwhile makes it an old one.
  const std::uint64_t now = store::generation(table_);
  if (generation_ == now) return;
  const store::own_table& described = store::description(table_);
  for (int i = 0; i < count_; ++i) {
    const store::own_column& column = *store::find_own_column(described, names_[i]);
    const Oid type = store::type_of_column(relation, column.name);
    if (!OidIsValid(type) || !fits(type, column.type))
      throw store::damage::of_column(relation, described, column);
    types_[i] = column.type;
    const char* name = column.name;
    attributes_[i] = call([=] { return get_attnum(relation, name); });
  }
  generation_ = now;
}

}  // namespace llm_admin::pg
