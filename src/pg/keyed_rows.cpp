#include "pg/keyed_rows.hpp"

#include "pg/column_place.hpp"
#include "pg/kept_checks.hpp"

namespace llm_admin::pg {

namespace {

// Inside guarded calls: plain data only, any line may longjmp.

// A copy with its columns taken out.
keyed_row* row_of(const keyed_table& of, TupleDesc desc, HeapTuple found) {
  auto* made = static_cast<keyed_row*>(palloc(sizeof(keyed_row)));
  made->tuple = heap_copytuple(found);
  made->place = found->t_self;
  made->values = static_cast<Datum*>(palloc(sizeof(Datum) * static_cast<Size>(of.count)));
  made->nulls = static_cast<bool*>(palloc(static_cast<Size>(of.count)));
  auto* values = static_cast<Datum*>(palloc(sizeof(Datum) * static_cast<Size>(desc->natts)));
  auto* nulls = static_cast<bool*>(palloc(sizeof(bool) * static_cast<Size>(desc->natts)));
  heap_deform_tuple(made->tuple, desc, values, nulls);
  for (int n = 0; n < of.count; ++n) {
    const int place = column_place(desc, of.columns[n].name, n);
    made->values[n] = values[place];
    made->nulls[n] = nulls[place];
  }
  pfree(nulls);
  pfree(values);
  return made;
}

struct found_rows {
  keyed_row** rows;
  std::size_t count;
};

// No snapshot is taken in a parallel plan: there the statement's own is the newest that may be had.
Snapshot newest_snapshot() {
  return RegisterSnapshot(IsInParallelMode() ? GetActiveSnapshot() : GetLatestSnapshot());
}

void key_of_scan(ScanKeyData* keys, const keyed_table& of, Relation index, const Datum* key, int given) {
  for (int n = 0; n < given; ++n)
    ScanKeyInit(&keys[n], index->rd_index->indkey.values[n], BTEqualStrategyNumber, of.columns[n].equals,
                key[n]);
}

keyed_row* last_of(const keyed_table& of, const Datum* beginning, int given, Datum bound,
                   RegProcedure at_most) {
  const Relation table = table_open(of.table, NoLock), index = index_open(of.index, NoLock);
  ScanKeyData keys[most_key_columns];
  key_of_scan(keys, of, index, beginning, given);
  ScanKeyInit(&keys[given], index->rd_index->indkey.values[given], BTLessEqualStrategyNumber, at_most, bound);
  const Snapshot snapshot = newest_snapshot();
  SysScanDesc scan = systable_beginscan_ordered(table, index, snapshot, given + 1, keys);
  HeapTuple found = systable_getnext_ordered(scan, BackwardScanDirection);
  keyed_row* made = HeapTupleIsValid(found) ? row_of(of, RelationGetDescr(table), found) : nullptr;
  systable_endscan_ordered(scan);
  UnregisterSnapshot(snapshot);
  index_close(index, NoLock);
  table_close(table, NoLock);
  return made;
}

found_rows search_rows(const keyed_table& of, const Datum* key, int given) {
  // What this very statement has written is seen, as a statement of its own would see it.
  if (of.mode != AccessShareLock) CommandCounterIncrement();
  const Relation table = table_open(of.table, NoLock), index = index_open(of.index, NoLock);
  ScanKeyData keys[most_key_columns];
  key_of_scan(keys, of, index, key, given);
  const Snapshot snapshot = newest_snapshot();
  SysScanDesc scan = systable_beginscan_ordered(table, index, snapshot, given, keys);
  found_rows made = {nullptr, 0};
  std::size_t room = 4;
  made.rows = static_cast<keyed_row**>(palloc(sizeof(keyed_row*) * room));
  HeapTuple found;
  while (HeapTupleIsValid(found = systable_getnext_ordered(scan, ForwardScanDirection))) {
    if (made.count == room) {
      room *= 2;
      made.rows = static_cast<keyed_row**>(repalloc(made.rows, sizeof(keyed_row*) * room));
    }
    made.rows[made.count++] = row_of(of, RelationGetDescr(table), found);
  }
  systable_endscan_ordered(scan);
  UnregisterSnapshot(snapshot);
  index_close(index, NoLock);
  table_close(table, NoLock);
  return made;
}

bool same_key(const keyed_table& of, const keyed_row& a, const keyed_row& b) {
  for (int n = 0; n < of.keys; ++n)
    if (!DatumGetBool(OidFunctionCall2Coll(of.columns[n].equals, C_COLLATION_OID, a.values[n], b.values[n])))
      return false;
  return true;
}

row_lock lock_newest(const keyed_table& of, keyed_row& row, bool waits) {
  const Relation table = table_open(of.table, NoLock);
  TupleTableSlot* slot = table_slot_create(table, nullptr);
  const Snapshot snapshot = RegisterSnapshot(GetLatestSnapshot());
  TM_FailureData failure;
  const TM_Result result =
      table_tuple_lock(table, &row.place, snapshot, slot, GetCurrentCommandId(false), LockTupleNoKeyExclusive,
                       waits ? LockWaitBlock : LockWaitSkip, TUPLE_LOCK_FLAG_FIND_LAST_VERSION, &failure);
  row_lock made = result == TM_WouldBlock ? row_lock::with_another : row_lock::gone;
  if (result == TM_Ok) {
    bool is_copy = false;
    const HeapTuple found = ExecFetchSlotHeapTuple(slot, false, &is_copy);
    const keyed_row* newest = row_of(of, RelationGetDescr(table), found);
    if (same_key(of, row, *newest)) {
      row = *newest;
      made = row_lock::taken;
    }
  }
  UnregisterSnapshot(snapshot);
  ExecDropSingleTupleTableSlot(slot);
  table_close(table, NoLock);
  return made;
}

// Into the indexes, and the constraints in the server's words: what needs an executor's state, and is rare.
struct executor {
  EState* state;
  ResultRelInfo* target;
};

executor begin_executor(Relation table) {
  executor made = {CreateExecutorState(), makeNode(ResultRelInfo)};
  InitResultRelInfo(made.target, table, 0, nullptr, 0);
  return made;
}

void require_constraints(Relation table, TupleTableSlot* slot) {
  if (keeps_constraints(table, slot)) return;
  const executor by = begin_executor(table);
  ExecConstraints(by.target, slot, by.state);
  FreeExecutorState(by.state);
}

void into_indexes(Relation table, TupleTableSlot* slot, compat::index_update which) {
  const executor by = begin_executor(table);
  ExecOpenIndices(by.target, false);
  compat::update_index_entries(by.target, slot, by.state, which);
  ExecCloseIndices(by.target);
  FreeExecutorState(by.state);
}

void update_newest(const keyed_table& of, keyed_row& row, const Datum* values) {
  const Relation table = table_open(of.table, NoLock);
  const TupleDesc desc = RelationGetDescr(table);
  CheckCmdReplicaIdentity(table, CMD_UPDATE);
  auto* all = static_cast<Datum*>(palloc0(sizeof(Datum) * static_cast<Size>(desc->natts)));
  auto* nulls = static_cast<bool*>(palloc0(sizeof(bool) * static_cast<Size>(desc->natts)));
  auto* changes = static_cast<bool*>(palloc0(sizeof(bool) * static_cast<Size>(desc->natts)));
  for (int n = of.keys; n < of.count; ++n) {
    const int place = column_place(desc, of.columns[n].name, n);
    all[place] = values[n - of.keys];
    changes[place] = true;
  }
  HeapTuple changed = heap_modify_tuple(row.tuple, desc, all, nulls, changes);
  TupleTableSlot* slot = MakeSingleTupleTableSlot(desc, &TTSOpsHeapTuple);
  ExecStoreHeapTuple(changed, slot, false);
  slot->tts_tableOid = of.table;
  require_constraints(table, slot);
  const Snapshot snapshot = RegisterSnapshot(GetLatestSnapshot());
  compat::index_update which;
  simple_table_tuple_update(table, &row.place, slot, snapshot, &which);
  if (compat::touches_indexes(which)) into_indexes(table, slot, which);
  UnregisterSnapshot(snapshot);
  row.place = slot->tts_tid;
  changed->t_self = slot->tts_tid;
  row.tuple = changed;
  for (int n = of.keys; n < of.count; ++n) row.values[n] = values[n - of.keys];
  ExecDropSingleTupleTableSlot(slot);
  table_close(table, NoLock);
  CommandCounterIncrement();
}

// One turn of a deletion. `result` is TM_Deleted where there is no such row, TM_Updated where another version has come.
struct deletion {
  TM_Result result;
  keyed_row* row;
};

deletion delete_newest(const keyed_table& of, const Datum* key) {
  CommandCounterIncrement();  // what the statement has written is seen
  const found_rows found = search_rows(of, key, of.keys);
  if (found.count == 0) return {TM_Deleted, nullptr};
  const Relation table = table_open(of.table, NoLock);
  CheckCmdReplicaIdentity(table, CMD_DELETE);
  const Snapshot snapshot = RegisterSnapshot(GetLatestSnapshot());
  TM_FailureData failure;
  const deletion made = {table_tuple_delete(table, &found.rows[0]->place, GetCurrentCommandId(true), snapshot,
                                            InvalidSnapshot, true, &failure, false),
                         found.rows[0]};
  UnregisterSnapshot(snapshot);
  table_close(table, NoLock);
  if (made.result == TM_Ok) CommandCounterIncrement();
  return made;
}

std::string copied_text(Datum stored) {
  const text* plain = call([=] { return DatumGetTextPP(stored); });
  return std::string(VARDATA_ANY(plain), static_cast<std::size_t>(VARSIZE_ANY_EXHDR(plain)));
}

}  // namespace

std::string keyed_row::text(int column) const { return maybe_text(column).value_or(std::string()); }

std::optional<std::string> keyed_row::maybe_text(int column) const {
  if (nulls[column - 1]) return std::nullopt;
  return copied_text(values[column - 1]);
}

bool keyed_row::of_this_transaction() const {
  const TransactionId by = HeapTupleHeaderGetXmin(tuple->t_data);
  return TransactionIdIsNormal(by) && TransactionIdIsCurrentTransactionId(by);
}

std::vector<keyed_row> find_rows(const keyed_table& of, const Datum* key, int given) {
  const found_rows found = call([&of, key, given] {
    if (of.mode > AccessShareLock) CommandCounterIncrement();  // what the statement has written is seen
    return search_rows(of, key, given);
  });
  std::vector<keyed_row> all;
  for (std::size_t n = 0; n < found.count; ++n) all.push_back(*found.rows[n]);
  return all;
}

std::optional<keyed_row> last_row(const keyed_table& of, const Datum* beginning, int given, Datum bound,
                                  RegProcedure at_most) {
  const keyed_row* found = call([=, &of] { return last_of(of, beginning, given, bound, at_most); });
  return found != nullptr ? std::optional(*found) : std::nullopt;
}

row_lock lock_row(const keyed_table& of, keyed_row& row, bool waits) {
  return call([&of, &row, waits] { return lock_newest(of, row, waits); });
}

std::optional<keyed_row> delete_row(const keyed_table& of, const Datum* key) {
  for (;;) {
    const deletion made = call([&of, key] { return delete_newest(of, key); });
    if (made.result == TM_Ok) return *made.row;
    if (made.result != TM_Updated && made.result != TM_BeingModified) return std::nullopt;
    call([] { CHECK_FOR_INTERRUPTS(); });
  }
}

void update_row(const keyed_table& of, keyed_row& row, const Datum* values) {
  call([&of, &row, values] { update_newest(of, row, values); });
}

}  // namespace llm_admin::pg
