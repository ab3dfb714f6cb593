#include "pg/row_rules.hpp"

#include <string>

#include "core/error.hpp"
#include "pg/guard.hpp"

namespace llm_admin::pg {

namespace {

// Lives in the FmgrInfo's memory context, for one statement.
struct row_rules {
  EState* estate;
  TupleTableSlot* slot;
  int count;
  int* number;         // of the CHECK in the descriptor
  ExprState** checks;  // those that name no generated column
};

bool is_generated(TupleDesc desc, Node* expression) {
  Bitmapset* columns = nullptr;
  pull_varattnos(expression, 1, &columns);
  for (int n = -1; (n = bms_next_member(columns, n)) >= 0;) {
    const int attribute = n + FirstLowInvalidHeapAttributeNumber;
    if (attribute == 0) return compat::has_generated(*desc->constr);  // the whole row
    if (attribute > 0 && TupleDescAttr(desc, attribute - 1)->attgenerated != '\0') return true;
  }
  return false;
}

row_rules* prepared(FmgrInfo* function, TupleDesc desc) {
  const MemoryContext before = MemoryContextSwitchTo(function->fn_mcxt);
  auto* made = static_cast<row_rules*>(palloc0(sizeof(row_rules)));
  const int most = desc->constr == nullptr ? 0 : desc->constr->num_check;
  made->estate = CreateExecutorState();
  made->slot = MakeSingleTupleTableSlot(CreateTupleDescCopy(desc), &TTSOpsHeapTuple);
  made->number = static_cast<int*>(palloc0(sizeof(int) * static_cast<std::size_t>(most + 1)));
  made->checks = static_cast<ExprState**>(palloc0(sizeof(ExprState*) * static_cast<std::size_t>(most + 1)));
  for (int n = 0; n < most; ++n) {
    const ConstrCheck& check = desc->constr->check[n];
    auto* expression = static_cast<Node*>(stringToNode(check.ccbin));
    if (!compat::is_enforced(check) || is_generated(desc, expression)) continue;
    made->number[made->count] = n;
    made->checks[made->count++] = ExecPrepareExpr(reinterpret_cast<Expr*>(expression), made->estate);
  }
  MemoryContextSwitchTo(before);
  return made;
}

// The number of the CHECK that the row violates; -1 for none.
int violated(row_rules* rules, Oid table, HeapTuple row) {
  ExprContext* context = GetPerTupleExprContext(rules->estate);
  ExecStoreHeapTuple(row, rules->slot, false);
  rules->slot->tts_tableOid = table;  // a CHECK may name tableoid, and a row not stored yet has none
  context->ecxt_scantuple = rules->slot;
  int found = -1;
  for (int n = 0; n < rules->count && found < 0; ++n)
    if (!ExecCheck(rules->checks[n], context)) found = rules->number[n];
  ExecClearTuple(rules->slot);
  ResetPerTupleExprContext(rules->estate);
  return found;
}

}  // namespace

void require_row_rules(FunctionCallInfo fcinfo, Relation table, HeapTuple row) {
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
  const int found = call([=] {
    if (function->fn_extra == nullptr) function->fn_extra = prepared(function, desc);
    return violated(static_cast<row_rules*>(function->fn_extra), relation, row);
  });
  if (found < 0) return;
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
