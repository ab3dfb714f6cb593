// refuse_audit_change(): the log and its payloads grow and never change, whoever asks. Two may take rows away: the mover
// into months (store/partitions) and erase_audit_payload(), while a note of this backend's says that it is they. No
// setting makes one.
#include "core/error.hpp"
#include "pg/entry.hpp"
#include "pg/trigger.hpp"
#include "store/own_update.hpp"
#include "store/tables.hpp"

extern "C" {
#include "catalog/partition.h"
}

using namespace llm_admin;

namespace {

// The table of the call, if it is `of` or a partition of it, or one of a partition.
bool is_of(Relation table, store::table of) {
  const Oid ours = store::oid_of(of), relation = RelationGetRelid(table);
  if (relation == ours) return true;
  return table->rd_rel->relispartition &&
         pg::call([=] { return list_member_oid(get_partition_ancestors(relation), ours); });
}

// The only one that rows move out of.
bool is_default_partition(Relation table) {
  if (!table->rd_rel->relispartition) return false;
  const Oid relation = RelationGetRelid(table);
  return pg::call([=] { return get_default_partition_oid(get_partition_parent(relation, true)); }) ==
         relation;
}

}  // namespace

LLM_ADMIN_FUNCTION(llm_admin_refuse_audit_change)(FunctionCallInfo fcinfo) {
  const Relation table =
      CALLED_AS_TRIGGER(fcinfo) ? reinterpret_cast<TriggerData*>(fcinfo->context)->tg_relation : nullptr;
  const bool is_payload = table != nullptr && is_of(table, store::table::audit_payloads);
  const bool is_ours = is_payload || (table != nullptr && (is_of(table, store::table::audit_log) ||
                                                           is_of(table, store::table::history_leaves)));
  const pg::trigger_call trigger(
      fcinfo, is_ours ? RelationGetRelid(table) : InvalidOid, "a table of llm_admin's own",
      {{true, true, {TRIGGER_EVENT_UPDATE, TRIGGER_EVENT_DELETE}}, {true, false, {TRIGGER_EVENT_TRUNCATE}}});
  const store::own_change now = store::own_update::current();
  const bool passes = (now == store::own_change::moving && is_default_partition(table)) ||
                      (now == store::own_change::erasing && is_payload);
  if (trigger.deletes() && passes) return trigger.unchanged();
  throw error(sqlstate::append_only,
              std::string(RelationGetRelationName(trigger.table())) + " is append-only",
              trigger.truncates() ? "TRUNCATE was refused"
                                  : (trigger.deletes() ? "DELETE was refused" : "UPDATE was refused"),
              "SELECT * FROM llm_admin.erase_audit_payload(ARRAY[<id>], '<reason>', '<legal ground>') erases "
              "what a row recorded; the row itself stays");
}
