// Everything that differs between PostgreSQL 15 and 18, and nothing else. Included by pg/server.hpp only.
#pragma once

#if PG_VERSION_NUM < 150000
#error "llm_admin needs PostgreSQL 15 or later"
#endif

namespace llm_admin::pg::compat {

// 16 replaced the per-kind ACL checks by one function that takes the catalog.
inline bool may_execute(Oid function, Oid role) {
#if PG_VERSION_NUM >= 160000
  return object_aclcheck(ProcedureRelationId, function, role, ACL_EXECUTE) == ACLCHECK_OK;
#else
  return pg_proc_aclcheck(function, role, ACL_EXECUTE) == ACLCHECK_OK;
#endif
}

// Pins `block` if it still is in the buffer where it was seen last. 16 renamed what names a relation's files.
inline bool pin_recent(Relation rel, BlockNumber block, Buffer buffer) {
#if PG_VERSION_NUM >= 160000
  return ReadRecentBuffer(rel->rd_locator, MAIN_FORKNUM, block, buffer);
#else
  return ReadRecentBuffer(rel->rd_node, MAIN_FORKNUM, block, buffer);
#endif
}

// Whether a table has generated columns. 18 has virtual ones.
inline bool has_generated(const TupleConstr& of) {
#if PG_VERSION_NUM >= 180000
  return of.has_generated_stored || of.has_generated_virtual;
#else
  return of.has_generated_stored;
#endif
}

// Whether rows are held against a CHECK. 18 has NOT ENFORCED ones.
inline bool is_enforced(const ConstrCheck& check) {
#if PG_VERSION_NUM >= 180000
  return check.ccenforced;
#else
  static_cast<void>(check);
  return true;
#endif
}

// Puts a row that was inserted into the table's indexes. 16 added that only summarizing ones may be meant.
inline List* insert_index_entries(ResultRelInfo* table, TupleTableSlot* row, EState* state) {
  if (table->ri_NumIndices == 0) return NIL;
#if PG_VERSION_NUM >= 160000
  return ExecInsertIndexTuples(table, row, state, false, false, nullptr, NIL, false);
#else
  return ExecInsertIndexTuples(table, row, state, false, false, nullptr, NIL);
#endif
}

// Which indexes an update of a row has to enter it into. 16 told summarizing ones apart.
#if PG_VERSION_NUM >= 160000
using index_update = TU_UpdateIndexes;
inline bool touches_indexes(index_update which) { return which != TU_None; }
#else
using index_update = bool;
inline bool touches_indexes(index_update which) { return which; }
#endif
inline void update_index_entries(ResultRelInfo* table, TupleTableSlot* row, EState* state,
                                 index_update which) {
  if (table->ri_NumIndices == 0) return;
#if PG_VERSION_NUM >= 160000
  ExecInsertIndexTuples(table, row, state, true, false, nullptr, NIL, which == TU_Summarizing);
#else
  static_cast<void>(which);
  ExecInsertIndexTuples(table, row, state, true, false, nullptr, NIL);
#endif
}

// The id of this backend's transaction, from its beginning on. 17 put it beside the backend's own id.
inline LocalTransactionId local_transaction() {
#if PG_VERSION_NUM >= 170000
  return MyProc->vxid.lxid;
#else
  return MyProc->lxid;
#endif
}

// The server's description of a setting; null when there is none of that name. 16 shows its own look-up, 15
// only the list.
inline const config_generic* find_setting(const char* name) {
#if PG_VERSION_NUM >= 160000
  return find_option(name, false, true, DEBUG5);
#else
  config_generic** settings = get_guc_variables();
  const int count = GetNumConfigOptions();
  for (int n = 0; n < count; ++n)
    if (pg_strcasecmp(settings[n]->name, name) == 0) return settings[n];
  return nullptr;
#endif
}

}  // namespace llm_admin::pg::compat
