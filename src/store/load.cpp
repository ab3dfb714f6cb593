#include "store/load.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>

#include "pg/settings.hpp"
#include "store/audit.hpp"
#include "store/own_rows.hpp"
#include "store/tables.hpp"

extern "C" {
#include "catalog/dependency.h"
}

namespace llm_admin::store {

namespace {

constexpr const char* path_name = "search_path";
constexpr const char* bodies_name = "check_function_bodies";
constexpr const char* messages_name = "client_min_messages";
constexpr const char* restoring_name = "llm_admin.restoring";

// A setting's description stays where it is as long as the backend lives, so it is looked up once. That of
// our own setting replaces a placeholder when the library is loaded, which is before anything here runs.
struct known_setting {
  const char* name;
  const config_generic* record = nullptr;
};
known_setting path{path_name};
known_setting bodies{bodies_name};
known_setting messages{messages_name};
known_setting restoring{restoring_name};

// SET and set_config count, for the session or for a transaction. While a function with a SET clause for it
// runs, the value is the clause's.
bool set_by_session(known_setting& setting) {
  if (setting.record == nullptr)
    setting.record = pg::call([name = setting.name] { return pg::compat::find_setting(name); });
  if (setting.record == nullptr || setting.record->source != PGC_S_SESSION) return false;
  for (const GucStack* saved = setting.record->stack; saved != nullptr; saved = saved->prev)
    if (saved->state == GUC_SAVE) return false;
  return true;
}

// The values first, since they differ in nearly every session that loads nothing.
load_mark settings_mark() {
  if (!check_function_bodies && namespace_search_path != nullptr && *namespace_search_path == '\0' &&
      client_min_messages >= WARNING && set_by_session(path) && set_by_session(bodies) &&
      set_by_session(messages))
    return load_mark::settings;
  if (pg::settings::restoring() && set_by_session(restoring)) return load_mark::setting;
  return load_mark::none;
}

bool acts_as_owner() {
  const Oid owner = store::owner();
  return pg::call([=] {
    return has_privs_of_role(GetOuterUserId(), owner) && has_privs_of_role(GetSessionUserId(), owner) &&
           has_privs_of_role(GetUserId(), owner);
  });
}

// Those of the options that leave the rows as a dump has them.
bool is_option_of_dumps(const DefElem* option) {
  if (std::strcmp(option->defname, "format") == 0) {
    if (option->arg == nullptr || !IsA(option->arg, String)) return false;
    const char* format = strVal(option->arg);
    return std::strcmp(format, "text") == 0 || std::strcmp(format, "binary") == 0;
  }
  return std::strcmp(option->defname, "freeze") == 0 || std::strcmp(option->defname, "encoding") == 0;
}

bool names_column(const List* names, const char* column) {
  const ListCell* cell;
  foreach (cell, names)
    if (std::strcmp(strVal(lfirst(cell)), column) == 0) return true;
  return false;
}

bool takes_all_columns(const List* names, TupleDesc desc) {
  if (names == NIL) return true;
  for (int n = 0; n < desc->natts; ++n) {
    const Form_pg_attribute column = TupleDescAttr(desc, n);
    if (!column->attisdropped && column->attgenerated == '\0' &&
        !names_column(names, NameStr(column->attname)))
      return false;
  }
  return true;
}

// The COPY that the session runs itself, if it is one; statements inside functions have no portal of theirs.
const CopyStmt* running_copy() {
  if (ActivePortal == nullptr || list_length(ActivePortal->stmts) != 1) return nullptr;
  const auto* planned = static_cast<const Node*>(linitial(ActivePortal->stmts));
  if (!IsA(planned, PlannedStmt)) return nullptr;
  const Node* utility = reinterpret_cast<const PlannedStmt*>(planned)->utilityStmt;
  return utility != nullptr && IsA(utility, CopyStmt) ? reinterpret_cast<const CopyStmt*>(utility) : nullptr;
}

// A dump may load the rows of a partition through its log. Another table that ours was attached to is no log.
bool is_log_of(Relation table, Oid named) {
  return table->rd_rel->relispartition && get_partition_parent(RelationGetRelid(table), true) == named &&
         getExtensionOfObject(RelationRelationId, named) ==
             getExtensionOfObject(RelationRelationId, RelationGetRelid(table));
}

bool copies_as_dumps_do(const CopyStmt* copy, Relation table) {
  if (!copy->is_from || copy->relation == nullptr || copy->whereClause != nullptr) return false;
  const ListCell* cell;
  foreach (cell, copy->options)
    if (!is_option_of_dumps(static_cast<const DefElem*>(lfirst(cell)))) return false;
  const Oid named = RangeVarGetRelid(copy->relation, NoLock, true);
  return takes_all_columns(copy->attlist, RelationGetDescr(table)) &&
         (named == RelationGetRelid(table) || is_log_of(table, named));
}

// The last verdict. The addresses alone could come back in a later statement of the transaction; the command
// id tells those apart, and the trigger for the statement asks anew.
struct copy_verdict {
  Portal portal;
  const CopyStmt* copy;
  Oid table;
  CommandId command;
  LocalTransactionId transaction;
  bool is_load;
};
copy_verdict last_copy;

bool is_copied(const pg::trigger_call& trigger) {
  if (ActivePortal == nullptr || !trigger.inserts()) return false;
  const CopyStmt* copy = running_copy();
  if (copy == nullptr) return false;
  if (pg::call([] { return DatumGetInt32(DirectFunctionCall1(pg_trigger_depth, Datum{0})); }) != 1)
    return false;
  const Relation table = trigger.table();
  const copy_verdict now{ActivePortal,
                         copy,
                         RelationGetRelid(table),
                         pg::call([] { return GetCurrentCommandId(false); }),
                         pg::compat::local_transaction(),
                         false};
  if (trigger.for_row() && last_copy.portal == now.portal && last_copy.copy == now.copy &&
      last_copy.table == now.table && last_copy.command == now.command &&
      last_copy.transaction == now.transaction)
    return last_copy.is_load;
  const bool is_load = pg::call([=] { return copies_as_dumps_do(copy, table); });
  last_copy = now;
  last_copy.is_load = is_load;
  return is_load;
}

LocalTransactionId logged_in = InvalidLocalTransactionId;

// Tables whose load this transaction has told in the audit log. A rollback, to a savepoint too, may have taken that away.
// One that is forgotten is told once more.
struct told_tables {
  Oid tables[16];
  std::size_t count = 0;
  own_rows rows;
};
told_tables told;
LocalTransactionId told_in = InvalidLocalTransactionId;

bool is_told(Oid table) {
  if (told.rows.gone() || told_in != pg::compat::local_transaction()) told.count = 0;
  told_in = pg::compat::local_transaction();
  return std::find(told.tables, told.tables + told.count, table) != told.tables + told.count;
}

// Into the audit log where one is kept already, once for each table. A dump's own session says nothing: what it restores is
// to be equal row for row, and a database that it restores into has no log of its own before.
void note_once(const pg::trigger_call& trigger, load_mark mark) {
  const Oid table = RelationGetRelid(trigger.table());
  if (mark == load_mark::settings || is_told(table) || !audit_has_begun()) return;
  (void)write_audit({.action = "loaded", .resource_type = RelationGetRelationName(trigger.table())},
                    {{"by", 0, mark == load_mark::copy ? "COPY of all columns" : "llm_admin.restoring"}});
  if (told.count == std::size(told.tables)) told.count = 0;
  told.tables[told.count++] = table;
  told.rows.note();
}

// To the server's log alone. A COPY's context would quote the line, which holds the key.
void log_once(const pg::trigger_call& trigger, load_mark mark) {
  if (logged_in == pg::compat::local_transaction()) return;
  logged_in = pg::compat::local_transaction();
  const char* table = RelationGetRelationName(trigger.table());
  const char* by = mark == load_mark::settings ? "the session has the settings of a dump"
                   : mark == load_mark::copy   ? "a COPY of all columns, as dumps write it"
                                               : "llm_admin.restoring is on";
  pg::call([=] {
    ereport(LOG_SERVER_ONLY,
            (errmsg("rows are loaded into llm_admin.%s without history and checks", table),
             errdetail_internal("%s", by), errhint("SELECT * FROM llm_admin.validate_schema()"),
             errhidestmt(true), errhidecontext(true)));
  });
}

}  // namespace

load_mark session_load() {
  const load_mark mark = settings_mark();
  return mark != load_mark::none && acts_as_owner() ? mark : load_mark::none;
}

bool loading(const pg::trigger_call& trigger) {
  load_mark mark = settings_mark();
  if (mark == load_mark::none && is_copied(trigger)) mark = load_mark::copy;
  if (mark == load_mark::none || !acts_as_owner()) return false;
  if (!trigger.for_row()) return true;
  log_once(trigger, mark);
  note_once(trigger, mark);
  return true;
}

bool may_load() { return acts_as_owner(); }

bool restoring_without_effect() { return pg::settings::restoring() && !set_by_session(restoring); }

}  // namespace llm_admin::store
