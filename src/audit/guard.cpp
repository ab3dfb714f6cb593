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

// The log or the payloads, if the call is for one of them or a partition of it.
Oid guarded_table(FunctionCallInfo fcinfo, Oid of) {
  if (!CALLED_AS_TRIGGER(fcinfo)) return InvalidOid;
  const Relation table = reinterpret_cast<TriggerData*>(fcinfo->context)->tg_relation;
  if (RelationGetRelid(table) == of) return of;
  if (!table->rd_rel->relispartition) return InvalidOid;
  const Oid relation = RelationGetRelid(table);
  return pg::call([=] { return get_partition_parent(relation, true); }) == of ? relation : InvalidOid;
}

}  // namespace

LLM_ADMIN_FUNCTION(llm_admin_refuse_audit_change)(FunctionCallInfo fcinfo) {
  const Oid of_log = guarded_table(fcinfo, store::oid_of(store::table::audit_log));
  const Oid of_payloads = guarded_table(fcinfo, store::oid_of(store::table::audit_payloads));
  const pg::trigger_call trigger(
      fcinfo, OidIsValid(of_log) ? of_log : of_payloads, "llm_admin.audit_log or llm_admin.audit_payloads",
      {{true, true, {TRIGGER_EVENT_UPDATE, TRIGGER_EVENT_DELETE}}, {true, false, {TRIGGER_EVENT_TRUNCATE}}});
  const store::own_change now = store::own_update::current();
  const bool passes =
      now == store::own_change::moving || (now == store::own_change::erasing && !OidIsValid(of_log));
  if (trigger.deletes() && passes) return trigger.unchanged();
  throw error(sqlstate::append_only,
              std::string(RelationGetRelationName(trigger.table())) + " is append-only",
              trigger.truncates() ? "TRUNCATE was refused"
                                  : (trigger.deletes() ? "DELETE was refused" : "UPDATE was refused"),
              "SELECT * FROM llm_admin.erase_audit_payload(ARRAY[<id>], '<reason>', '<legal ground>') erases "
              "what a row recorded; the row itself stays");
}
