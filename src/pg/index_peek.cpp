#include "pg/index_peek.hpp"

#include <cstring>

extern "C" {
#include "access/genam.h"
#include "access/nbtree.h"
#include "catalog/pg_am.h"
#include "utils/fmgroids.h"
#include "utils/snapmgr.h"
}

namespace llm_admin::pg {

namespace {

// Inside a guarded call: plain data only, any line may longjmp.

bool begins_with(Relation index, Relation table, const char* column) {
  const AttrNumber place = index->rd_index->indkey.values[0];
  return index->rd_rel->relam == BTREE_AM_OID && index->rd_index->indisvalid &&
         !index->rd_index->indcheckxmin && index->rd_opcintype[0] == TIMESTAMPTZOID &&
         RelationGetIndexPredicate(index) == NIL && place > 0 &&
         std::strcmp(NameStr(TupleDescAttr(RelationGetDescr(table), place - 1)->attname), column) == 0;
}

// Open and locked; null where there is none.
Relation index_on(Relation table, const char* column) {
  List* all = RelationGetIndexList(table);
  ListCell* cell;
  Relation found = nullptr;
  foreach (cell, all) {
    found = index_open(lfirst_oid(cell), AccessShareLock);
    if (begins_with(found, table, column)) break;
    index_close(found, AccessShareLock);
    found = nullptr;
  }
  list_free(all);
  return found;
}

bool looks(Oid of, const char* column, Datum bound) {
  if (IsInParallelMode()) return true;
  const Relation table = table_open(of, NoLock);
  const Relation index = table->rd_tableam == GetHeapamTableAmRoutine() ? index_on(table, column) : nullptr;
  bool there = true;
  if (index != nullptr) {
    CommandCounterIncrement();
    ScanKeyData until;
    ScanKeyInit(&until, index->rd_index->indkey.values[0], BTLessEqualStrategyNumber, F_TIMESTAMPTZ_LE,
                bound);
    const Snapshot snapshot = RegisterSnapshot(GetLatestSnapshot());
    SysScanDesc scan = systable_beginscan_ordered(table, index, snapshot, 1, &until);
    there = HeapTupleIsValid(systable_getnext_ordered(scan, ForwardScanDirection));
    systable_endscan_ordered(scan);
    UnregisterSnapshot(snapshot);
    index_close(index, AccessShareLock);
  }
  table_close(table, NoLock);
  return there;
}

}  // namespace

bool may_have_until(Oid table, const char* column, Datum bound) {
  return call([=] { return looks(table, column, bound); });
}

}  // namespace llm_admin::pg
