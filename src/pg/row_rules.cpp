#include "pg/row_rules.hpp"

#include <algorithm>
#include <string>

#include "core/error.hpp"
#include "pg/guard.hpp"
#include "pg/kept_checks.hpp"

extern "C" {
#include "catalog/partition.h"
#include "utils/partcache.h"
}

namespace llm_admin::pg {

namespace {

// Lives in the FmgrInfo's memory context, for one statement.
struct row_rules {
  EState* estate;
  TupleTableSlot* slot;
  ExprState** checks;  // those that were asked already, by their number in the descriptor
  ExprState* bounds;   // of the partition, when they were asked
};

bool is_generated(TupleDesc desc, const Bitmapset* columns) {
  for (int n = -1; (n = bms_next_member(columns, n)) >= 0;) {
    const int attribute = n + FirstLowInvalidHeapAttributeNumber;
    if (attribute == 0) return compat::has_generated(*desc->constr);  // the whole row
    if (attribute > 0 && TupleDescAttr(desc, attribute - 1)->attgenerated != '\0') return true;
  }
  return false;
}

// Whether one of the columns is another than before, by the bytes that are stored.
bool differs(TupleDesc desc, const Bitmapset* columns, HeapTuple row, HeapTuple before) {
  for (int n = -1; (n = bms_next_member(columns, n)) >= 0;) {
    const int attribute = n + FirstLowInvalidHeapAttributeNumber;
    if (attribute <= 0) return true;  // the whole row, or what the server knows of it
    const FormData_pg_attribute* column = TupleDescAttr(desc, attribute - 1);
    bool null, null_before;
    const Datum value = heap_getattr(row, attribute, desc, &null);
    const Datum value_before = heap_getattr(before, attribute, desc, &null_before);
    if (null != null_before) return true;
    if (!null && !datumIsEqual(value, value_before, column->attbyval, column->attlen)) return true;
  }
  return false;
}

row_rules* prepared(FmgrInfo* function, TupleDesc desc) {
  const MemoryContext before = MemoryContextSwitchTo(function->fn_mcxt);
  auto* made = static_cast<row_rules*>(palloc0(sizeof(row_rules)));
  const int most = desc->constr == nullptr ? 0 : desc->constr->num_check;
  made->estate = CreateExecutorState();
  made->slot = MakeSingleTupleTableSlot(CreateTupleDescCopy(desc), &TTSOpsHeapTuple);
  made->checks = static_cast<ExprState**>(palloc0(sizeof(ExprState*) * static_cast<std::size_t>(most + 1)));
  MemoryContextSwitchTo(before);
  return made;
}

bool holds(FmgrInfo* function, row_rules* rules, const ConstrCheck& check, int n, ExprContext* context) {
  if (rules->checks[n] == nullptr) {
    const MemoryContext before = MemoryContextSwitchTo(function->fn_mcxt);
    auto* expression = static_cast<Expr*>(stringToNode(check.ccbin));
    rules->checks[n] = ExecPrepareExpr(expression, rules->estate);
    MemoryContextSwitchTo(before);
  }
  return ExecCheck(rules->checks[n], context);
}

// Which CHECKs have to be asked. What a row keeps of `before` fulfils those that read nothing else, unless they
// were never asked of all rows.
bool* asked(TupleDesc desc, Relation table, HeapTuple row, HeapTuple before) {
  const kept_checks& reads = checks_of(table);
  auto* list = static_cast<bool*>(palloc0(sizeof(bool) * static_cast<std::size_t>(reads.count)));
  for (int n = 0; n < reads.count; ++n) {
    const ConstrCheck& check = desc->constr->check[n];
    if (!compat::is_enforced(check) || is_generated(desc, reads.columns[n])) continue;
    list[n] = before == nullptr || !check.ccvalid || differs(desc, reads.columns[n], row, before);
  }
  return list;
}

bool is_within_bounds(FmgrInfo* function, row_rules* rules, Relation table, ExprContext* context) {
  if (rules->bounds == nullptr) {
    const MemoryContext before = MemoryContextSwitchTo(function->fn_mcxt);
    rules->bounds = ExecPrepareCheck(RelationGetPartitionQual(table), rules->estate);
    MemoryContextSwitchTo(before);
  }
  return ExecCheck(rules->bounds, context);
}

constexpr int none = -1;
constexpr int bounds = -2;

// The number of the CHECK that the row violates of those that are kept ready; they are taken off the list.
int violated_kept(Relation table, HeapTuple row, bool* list) {
  const kept_checks& checks = checks_of(table);
  ExecStoreHeapTuple(row, checks.slot, false);
  checks.slot->tts_tableOid = RelationGetRelid(table);
  checks.context->ecxt_scantuple = checks.slot;
  int found = none;
  for (int n = 0; n < checks.count && found == none; ++n) {
    if (!list[n] || checks.states[n] == nullptr) continue;
    if (!ExecCheck(checks.states[n], checks.context)) found = n;
    list[n] = false;
  }
  ExecClearTuple(checks.slot);
  ResetExprContext(checks.context);
  return found;
}

// The number of the CHECK that the row violates, or `bounds`, or `none`.
int violated(FmgrInfo* function, Relation table, HeapTuple row, HeapTuple before) {
  const TupleDesc desc = RelationGetDescr(table);
  const Oid relation = RelationGetRelid(table);
  const int count = desc->constr == nullptr ? 0 : desc->constr->num_check;
  bool* list = count == 0 ? nullptr : asked(desc, table, row, before);
  const bool has_bounds = table->rd_rel->relispartition && before == nullptr;
  int found = none;
  if (count > 0) found = violated_kept(table, row, list);
  if (found != none || (!has_bounds && std::find(list, list + count, true) == list + count)) return found;
  if (function->fn_extra == nullptr) function->fn_extra = prepared(function, desc);
  auto* rules = static_cast<row_rules*>(function->fn_extra);
  ExprContext* context = GetPerTupleExprContext(rules->estate);
  ExecStoreHeapTuple(row, rules->slot, false);
  rules->slot->tts_tableOid = relation;  // a CHECK may name tableoid, and a row not stored yet has none
  context->ecxt_scantuple = rules->slot;
  for (int n = 0; n < count && found == none; ++n)
    if (list[n] && !holds(function, rules, desc->constr->check[n], n, context)) found = n;
  if (found == none && has_bounds && !is_within_bounds(function, rules, table, context)) found = bounds;
  ExecClearTuple(rules->slot);
  ResetPerTupleExprContext(rules->estate);
  return found;
}

[[noreturn]] void refuse_for_bounds(Relation table) {
  const Oid relation = RelationGetRelid(table);
  const char* parent = call([=] { return get_rel_name(get_partition_parent(relation, true)); });
  throw llm_admin::error(
      sqlstate::check_violation,
      std::string("new row for relation \"") + RelationGetRelationName(table) +
          "\" violates partition constraint",
      std::string("the row belongs into another partition of ") + (parent == nullptr ? "its table" : parent))
      .without_context();
}

}  // namespace

void require_row_rules(FunctionCallInfo fcinfo, Relation table, HeapTuple row, HeapTuple before) {
  const TupleDesc desc = RelationGetDescr(table);
  for (int n = 1; n <= desc->natts; ++n) {
    const FormData_pg_attribute* column = TupleDescAttr(desc, n - 1);
    if (!column->attnotnull || column->attisdropped || column->attgenerated != '\0') continue;
    if (heap_attisnull(row, n, desc))
      throw llm_admin::error(sqlstate::not_null_violation,
                             std::string("null value in column \"") + NameStr(column->attname) +
                                 "\" of relation \"" + RelationGetRelationName(table) +
                                 "\" violates not-null constraint")
          .without_context();
  }
  FmgrInfo* function = fcinfo->flinfo;
  const Oid relation = RelationGetRelid(table);
  const int found = call([=] { return violated(function, table, row, before); });
  if (found == none) return;
  if (found == bounds) refuse_for_bounds(table);
  const ConstrCheck& check = desc->constr->check[found];
  const char* tree = check.ccbin;
  const char* rule = call([=] {
    return TextDatumGetCString(
        DirectFunctionCall2(pg_get_expr, CStringGetTextDatum(tree), ObjectIdGetDatum(relation)));
  });
  throw llm_admin::error(sqlstate::check_violation,
                         std::string("new row for relation \"") + RelationGetRelationName(table) +
                             "\" violates check constraint \"" + check.ccname + '"',
                         "CHECK (" + std::string(rule) + ")")
      .without_context();
}

}  // namespace llm_admin::pg
