#include "pg/kept_checks.hpp"

extern "C" {
#include "catalog/pg_language.h"
#include "nodes/nodeFuncs.h"
}

namespace llm_admin::pg {

namespace {

struct kept_table {
  Oid table;
  bool outdated;
  MemoryContext memory;
  EState* estate;
  kept_checks given;
};
constexpr int most_kept_tables = 32;
kept_table kept[most_kept_tables];
int next_kept;
bool watching_checks;

extern "C" void forget_checks(Datum, Oid relation) noexcept {
  for (kept_table& one : kept)
    if (relation == InvalidOid || one.table == relation) one.outdated = true;
}

extern "C" bool is_not_compiled(Oid function, void*) {
  HeapTuple row = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
  if (!HeapTupleIsValid(row)) return true;
  const Oid language = reinterpret_cast<const FormData_pg_proc*>(GETSTRUCT(row))->prolang;
  ReleaseSysCache(row);
  return language != INTERNALlanguageId && language != ClanguageId;
}

// A function in SQL or another language, and a domain, may change without news of the table, and may hold what ends
// with a statement.
extern "C" bool reads_what_changes(Node* node, void* context) {
  if (node == nullptr) return false;
  if (IsA(node, CoerceToDomain) || check_functions_in_node(node, is_not_compiled, context)) return true;
#if PG_VERSION_NUM >= 160000
  return expression_tree_walker(node, reads_what_changes, context);
#else
  return expression_tree_walker(
      node, reinterpret_cast<bool (*)()>(reinterpret_cast<void (*)()>(reads_what_changes)), context);
#endif
}

void prepare(kept_table& place, Relation table) {
  const TupleDesc desc = RelationGetDescr(table);
  const int count = desc->constr == nullptr ? 0 : desc->constr->num_check;
  place.table = InvalidOid;
  if (place.memory != nullptr) MemoryContextDelete(place.memory);
  place.memory = nullptr;
  place.memory = AllocSetContextCreate(CacheMemoryContext, "llm_admin checks", ALLOCSET_SMALL_SIZES);
  const MemoryContext before = MemoryContextSwitchTo(place.memory);
  place.estate = CreateExecutorState();
  auto** states = static_cast<ExprState**>(palloc0(sizeof(ExprState*) * static_cast<Size>(count + 1)));
  auto** columns = static_cast<Bitmapset**>(palloc0(sizeof(Bitmapset*) * static_cast<Size>(count + 1)));
  for (int n = 0; n < count; ++n) {
    auto* rule = static_cast<Node*>(stringToNode(desc->constr->check[n].ccbin));
    pull_varattnos(rule, 1, &columns[n]);
    if (!reads_what_changes(rule, nullptr))
      states[n] = ExecPrepareExpr(reinterpret_cast<Expr*>(rule), place.estate);
  }
  place.given = {count, states, columns, GetPerTupleExprContext(place.estate),
                 MakeSingleTupleTableSlot(CreateTupleDescCopy(desc), &TTSOpsHeapTuple)};
  MemoryContextSwitchTo(before);
  place.outdated = false;
  place.table = RelationGetRelid(table);
}

}  // namespace

const kept_checks& checks_of(Relation table) {
  for (const kept_table& one : kept)
    if (one.table == RelationGetRelid(table) && !one.outdated) return one.given;
  if (!watching_checks) CacheRegisterRelcacheCallback(forget_checks, 0);
  watching_checks = true;
  kept_table* place = nullptr;
  for (kept_table& one : kept)
    if (one.table == RelationGetRelid(table)) place = &one;
  if (place == nullptr) {
    place = &kept[next_kept];
    next_kept = (next_kept + 1) % most_kept_tables;
  }
  prepare(*place, table);
  return place->given;
}

bool keeps_constraints(Relation table, TupleTableSlot* row) {
  const TupleDesc desc = RelationGetDescr(table);
  if (desc->constr == nullptr) return true;
  if (compat::has_generated(*desc->constr)) return false;
  slot_getallattrs(row);
  for (int n = 0; n < desc->natts; ++n)
    if (TupleDescAttr(desc, n)->attnotnull && row->tts_isnull[n]) return false;
  const kept_checks& checks = checks_of(table);
  checks.context->ecxt_scantuple = row;
  bool all = checks.count == desc->constr->num_check;
  for (int n = 0; n < checks.count && all; ++n) {
    if (!compat::is_enforced(desc->constr->check[n])) continue;
    all = checks.states[n] != nullptr && ExecCheck(checks.states[n], checks.context);
  }
  MemoryContextReset(checks.context->ecxt_per_tuple_memory);
  return all;
}

}  // namespace llm_admin::pg
