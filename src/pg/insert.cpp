#include "pg/insert.hpp"

#include <cstring>

#include "core/error.hpp"
#include "pg/column_place.hpp"
#include "pg/kept_checks.hpp"
#include "pg/types.hpp"

extern "C" {
#include "catalog/partition.h"
#include "executor/nodeModifyTable.h"
#include "partitioning/partbounds.h"
#include "partitioning/partdesc.h"
#include "rewrite/rewriteHandler.h"
#include "utils/partcache.h"
}

namespace llm_admin::pg {

namespace {

// What could not be done, so that it is said in words outside of the guarded call.
struct insert_failure {
  Oid relation = InvalidOid;
  const new_column* column = nullptr;
  bool kept_out = false;
};

// The table that a row is being written into; the one before comes back whatever happens.
Oid written = InvalidOid;
struct writing {
  Oid before = written;
  writing() = default;
  writing(const writing&) = delete;
  writing& operator=(const writing&) = delete;
  ~writing() { written = before; }
};

// The partition that the row belongs to. InvalidOid: none.
Oid partition_for(Relation parent, const new_column* columns, int count) {
  const PartitionKey key = RelationGetPartitionKey(parent);
  const PartitionDesc parts = RelationGetPartitionDesc(parent, true);
  if (key->strategy != PARTITION_STRATEGY_RANGE || key->partnatts != 1 || key->partattrs[0] <= 0)
    return InvalidOid;
  const char* name = NameStr(TupleDescAttr(RelationGetDescr(parent), key->partattrs[0] - 1)->attname);
  for (int n = 0; n < count; ++n) {
    if (columns[n].is_null || std::strcmp(columns[n].name, name) != 0) continue;
    if (columns[n].type != key->parttypid[0] || parts->boundinfo == nullptr) return InvalidOid;
    Datum value = columns[n].value;
    bool equal = false;
    const int below = partition_range_datum_bsearch(key->partsupfunc, key->partcollation, parts->boundinfo, 1,
                                                    &value, &equal);
    int place = parts->boundinfo->indexes[below + 1];
    if (place < 0) place = parts->boundinfo->default_index;
    return place < 0 ? InvalidOid : parts->oids[place];
  }
  return InvalidOid;
}

// Locked and open. Asked anew once the lock is held: a partition may have been made meanwhile.
Relation open_partition(Relation parent, const new_column* columns, int count) {
  for (;;) {
    const Oid place = partition_for(parent, columns, count);
    const Relation found = OidIsValid(place) ? try_table_open(place, RowExclusiveLock) : nullptr;
    if (!OidIsValid(place) || (found != nullptr && found->rd_rel->relkind != RELKIND_RELATION))
      ereport(ERROR,
              (errcode(ERRCODE_CHECK_VIOLATION),
               errmsg("no partition of relation \"%s\" found for row", RelationGetRelationName(parent))));
    if (found != nullptr && partition_for(parent, columns, count) == place) return found;
    if (found != nullptr) table_close(found, RowExclusiveLock);
    CHECK_FOR_INTERRUPTS();
  }
}

bool fill(TupleTableSlot* slot, Relation table, const new_column* columns, int count,
          insert_failure& failure) {
  const TupleDesc desc = RelationGetDescr(table);
  std::memset(slot->tts_isnull, 1, static_cast<std::size_t>(desc->natts));
  for (int n = 0; n < count; ++n) {
    const int place = column_place(desc, columns[n].name, n);
    if (place < 0 || TupleDescAttr(desc, place)->atttypid != columns[n].type) {
      failure = {RelationGetRelid(table), &columns[n]};
      return false;
    }
    slot->tts_values[place] = columns[n].value;
    slot->tts_isnull[place] = columns[n].is_null;
  }
  return true;
}

bool is_named(const char* column, const new_column* columns, int count) {
  for (int n = 0; n < count; ++n)
    if (std::strcmp(columns[n].name, column) == 0) return true;
  return false;
}

// What a column of somebody else's has by itself: its default, or the next value of an identity.
void fill_defaults(EState* state, TupleTableSlot* slot, Relation table, const new_column* columns,
                   int count) {
  const TupleDesc desc = RelationGetDescr(table);
  for (int n = 0; n < desc->natts; ++n) {
    const Form_pg_attribute column = TupleDescAttr(desc, n);
    if (column->attisdropped || column->attgenerated != '\0' ||
        (!column->atthasdef && column->attidentity == '\0' &&
         get_typtype(column->atttypid) != TYPTYPE_DOMAIN) ||
        is_named(NameStr(column->attname), columns, count))
      continue;
    auto* value = reinterpret_cast<Expr*>(build_column_default(table, n + 1));
    if (value == nullptr) continue;
    slot->tts_values[n] =
        ExecEvalExpr(ExecPrepareExpr(value, state), GetPerTupleExprContext(state), &slot->tts_isnull[n]);
  }
}

// Where the column by which the parent is partitioned stands in the partition; -1: none is sure.
int key_place(Relation parent, Relation table) {
  const PartitionKey key = RelationGetPartitionKey(parent);
  const Form_pg_attribute column = TupleDescAttr(RelationGetDescr(parent), key->partattrs[0] - 1);
  return column->attbyval ? column_place(RelationGetDescr(table), NameStr(column->attname), 0) : -1;
}

// As ExecSimpleRelationInsert() does it, which would also hold the row against the partition's bounds: making that
// expression ready takes longer than all the rest, and the row was sent there by these very bounds. `key` is the place
// of the column that it was sent by. False: a trigger kept the row out.
bool store(EState* state, ResultRelInfo* target, TupleTableSlot* slot, int key,
           TransitionCaptureState* seen) {
  const Relation table = target->ri_RelationDesc;
  const TriggerDesc* triggers = target->ri_TrigDesc;
  const TupleConstr* rules = RelationGetDescr(table)->constr;
  const bool changes_rows = triggers != nullptr && triggers->trig_insert_before_row;
  const Datum sent_by = key < 0 ? Datum{0} : slot->tts_values[key];
  if (changes_rows && !ExecBRInsertTriggers(state, target, slot)) return false;
  if (rules != nullptr && rules->has_generated_stored)
    ExecComputeStoredGenerated(target, state, slot, CMD_INSERT);
  slot->tts_tableOid = RelationGetRelid(table);
  if (rules != nullptr && !keeps_constraints(table, slot)) ExecConstraints(target, slot, state);
  if (changes_rows && table->rd_rel->relispartition) {
    slot_getallattrs(slot);
    if (key < 0 || slot->tts_isnull[key] || slot->tts_values[key] != sent_by)
      ExecPartitionCheck(target, slot, state, true);
  }
  simple_table_tuple_insert(table, slot);
  List* rechecked = compat::insert_index_entries(target, slot, state);
  ExecARInsertTriggers(state, target, slot, rechecked, seen);
  return true;
}

// The locks stay until the transaction ends, as the table's does: taken again for the next row they cost nothing.
void close_indexes(ResultRelInfo* target) {
  for (int n = 0; n < target->ri_NumIndices; ++n) index_close(target->ri_IndexRelationDescs[n], NoLock);
}

// `key` as above; of a partition no statement is told.
void insert(Relation table, const new_column* columns, int count, int key, bool partition,
            insert_failure& failure) {
  written = RelationGetRelid(table);
  EState* state = CreateExecutorState();
  ResultRelInfo* target = makeNode(ResultRelInfo);
  InitResultRelInfo(target, table, 0, nullptr, 0);
  TupleTableSlot* slot = ExecInitExtraTupleSlot(state, RelationGetDescr(table), table_slot_callbacks(table));
  if (fill(slot, table, columns, count, failure)) {
    ExecOpenIndices(target, false);
    AfterTriggerBeginQuery();
    TransitionCaptureState* seen =
        partition ? nullptr
                  : MakeTransitionCaptureState(target->ri_TrigDesc, RelationGetRelid(table), CMD_INSERT);
    if (!partition) ExecBSInsertTriggers(state, target);
    fill_defaults(state, slot, table, columns, count);
    ExecStoreVirtualTuple(slot);
    failure.kept_out = !store(state, target, slot, key, seen);
    if (!partition) ExecASInsertTriggers(state, target, seen);
    AfterTriggerEndQuery(state);
    ExecCloseResultRelations(state);  // those that triggers after the row have opened
    close_indexes(target);
  }
  ExecResetTupleTable(state->es_tupleTable, false);
  FreeExecutorState(state);
}

}  // namespace

bool insert_row(Oid table, const new_column* columns, int count) {
  insert_failure failure;
  const writing scope;
  call([=, &failure] {
    const Relation parent = table_open(table, RowExclusiveLock);
    const bool partitioned = parent->rd_rel->relkind == RELKIND_PARTITIONED_TABLE;
    const Relation target = partitioned ? open_partition(parent, columns, count) : parent;
    insert(target, columns, count, partitioned ? key_place(parent, target) : -1, partitioned, failure);
    if (partitioned) table_close(target, NoLock);
    table_close(parent, NoLock);
    CommandCounterIncrement();
  });
  if (failure.column == nullptr) return !failure.kept_out;
  if (detail::explain_column != nullptr)
    detail::explain_column(failure.relation, failure.column->name, failure.column->type);
  throw llm_admin::error(sqlstate::internal_error, std::string("column ") + failure.column->name +
                                                       " is not of type " + type_name(failure.column->type));
}

bool inserts_into(Oid relation) noexcept { return OidIsValid(written) && written == relation; }

}  // namespace llm_admin::pg
