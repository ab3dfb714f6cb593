// is_plain() of pg/keyed_rows.hpp.
#include "pg/column_place.hpp"
#include "pg/keyed_rows.hpp"

extern "C" {
#include "catalog/pg_am.h"
}

namespace llm_admin::pg {

namespace {

// Inside a guarded call: plain data only, any line may longjmp.

bool has_columns(const keyed_table& of, TupleDesc desc) {
  for (int n = 0; n < of.count; ++n) {
    const int place = column_place(desc, of.columns[n].name, n);
    if (place < 0 || TupleDescAttr(desc, place)->atttypid != of.columns[n].type) return false;
    // A value that is written would have to be made as long as the column says.
    if (of.mode != AccessShareLock && TupleDescAttr(desc, place)->atttypmod >= 0) return false;
    if (n < of.keys && !TupleDescAttr(desc, place)->attnotnull) return false;
  }
  return true;
}

bool only_checks(const TriggerDesc* triggers, Oid checking) {
  for (int n = 0; triggers != nullptr && n < triggers->numtriggers; ++n)
    if (triggers->triggers[n].tgfoid != checking) return false;
  return true;
}

bool is_indexed_as(Oid indexed, Oid type) {
  return indexed == type || (indexed == TEXTOID && type == VARCHAROID);  // whose operators are those of text
}

bool is_on_key(Relation index, Relation table, const keyed_table& of) {
  if (index->rd_index->indrelid != RelationGetRelid(table) || !index->rd_index->indisunique ||
      !index->rd_index->indisvalid || !index->rd_index->indisready ||
      index->rd_index->indnkeyatts != of.keys || index->rd_rel->relam != BTREE_AM_OID ||
      RelationGetIndexPredicate(index) != NIL)
    return false;
  for (int n = 0; n < of.keys; ++n) {
    const int place = column_place(RelationGetDescr(table), of.columns[n].name, n);
    if (index->rd_index->indkey.values[n] != place + 1 ||
        !is_indexed_as(index->rd_opcintype[n], of.columns[n].type) ||
        (OidIsValid(index->rd_indcollation[n]) && index->rd_indcollation[n] != C_COLLATION_OID))
      return false;
  }
  return true;
}

bool plain(const keyed_table& of) {
  LockRelationOid(of.table, of.mode);
  const Relation table = try_relation_open(of.table, NoLock);
  if (table == nullptr) return false;
  const TupleConstr* rules = RelationGetDescr(table)->constr;
  const bool alone = table->rd_rules == nullptr && (rules == nullptr || !compat::has_generated(*rules)) &&
                     only_checks(table->trigdesc, of.checking);
  bool is = table->rd_rel->relkind == RELKIND_RELATION && !table->rd_rel->relispartition &&
            table->rd_tableam == GetHeapamTableAmRoutine() && (alone || of.mode == AccessShareLock) &&
            has_columns(of, RelationGetDescr(table));
  if (is) {
    LockRelationOid(of.index, of.mode);
    const Relation index = try_relation_open(of.index, NoLock);
    is = index != nullptr && index->rd_rel->relkind == RELKIND_INDEX && is_on_key(index, table, of);
    if (index != nullptr) relation_close(index, NoLock);
  }
  relation_close(table, NoLock);
  return is;
}

}  // namespace

bool is_plain(const keyed_table& of) {
  return of.keys <= most_key_columns && call([&of] { return plain(of); });
}

}  // namespace llm_admin::pg
