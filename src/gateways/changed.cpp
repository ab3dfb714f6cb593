// config_changed: the trigger that notes, for the commit, which rows of the configuration have changed.
#include <string>
#include <string_view>

#include "gateways/kinds.hpp"
#include "pg/entry.hpp"
#include "pg/trigger.hpp"
#include "store/config_log.hpp"
#include "store/load.hpp"
#include "store/own_update.hpp"
#include "store/row_text.hpp"
#include "store/tables.hpp"

using namespace llm_admin;

namespace {

// The table of providers has no trigger of this kind: its history has a row of each change.
constexpr std::string_view provider_history = "llm_provider_config_history";

const gateways::config_kind* kind_of_call(FunctionCallInfo fcinfo) {
  if (!CALLED_AS_TRIGGER(fcinfo)) return nullptr;
  const Relation table = reinterpret_cast<TriggerData*>(fcinfo->context)->tg_relation;
  if (RelationGetNamespace(table) != store::schema()) return nullptr;
  const std::string_view name = RelationGetRelationName(table);
  return gateways::kind_of_table(name == provider_history ? "llm_provider_configs" : name);
}

bool differs(const pg::tuple_image& before, const pg::tuple_image& after) {
  if (store::only_resealed(before, after)) return false;
  for (int n = 1; n <= after.columns(); ++n)
    if (!after.is_dropped(n) && !audit::is_running_note(after.name_of(n)) && !before.same(after, n))
      return true;
  return false;
}

void note(const gateways::config_kind& kind, const char* op, const pg::tuple_image& row) {
  store::note_config_change(kind.name, op, gateways::id_of(kind, row), gateways::tenant_of(kind, row));
}

// Which has it whatever it says: a reader is told what the provider is now.
void note_history(const gateways::config_kind& kind, const pg::tuple_image& row) {
  const char* op = row.text("action") == "deleted" ? store::config_op::gone : store::config_op::put;
  if (const auto id = row.integer("provider_id"))
    store::note_config_change(kind.name, op, std::to_string(*id), "");
}

}  // namespace

// At once and for each row, whatever becomes of the transaction: a deferred trigger would stand in the way of ALTER TABLE
// and TRUNCATE in the same transaction. ENABLE ALWAYS: also what a subscription applies is told.
LLM_ADMIN_FUNCTION(llm_admin_config_changed)(FunctionCallInfo fcinfo) {
  const gateways::config_kind* kind = kind_of_call(fcinfo);
  const Oid table = kind == nullptr
                        ? InvalidOid
                        : RelationGetRelid(reinterpret_cast<TriggerData*>(fcinfo->context)->tg_relation);
  const pg::trigger_call trigger(
      fcinfo, table, "a table of llm_admin's own",
      {{false, true, {TRIGGER_EVENT_INSERT, TRIGGER_EVENT_UPDATE, TRIGGER_EVENT_DELETE}},
       {false, false, {TRIGGER_EVENT_TRUNCATE}}});
  if (trigger.truncates()) {
    store::note_config_reset(kind->name, false);
    return Datum{0};
  }
  if (store::loading(trigger)) {
    store::note_config_reset(kind->name, true);
    return Datum{0};
  }
  if (RelationGetRelationName(trigger.table()) == provider_history) {
    note_history(*kind, trigger.new_row());
    return Datum{0};
  }
  if (trigger.inserts()) {
    note(*kind, store::config_op::put, trigger.new_row());
    return Datum{0};
  }
  const pg::tuple_image before = trigger.old_row();
  if (trigger.deletes()) {
    note(*kind, store::config_op::gone, before);
    return Datum{0};
  }
  const pg::tuple_image after = trigger.new_row();
  if (!differs(before, after)) return Datum{0};
  // Under another name or of another tenant it is one that is gone, and a new one.
  if (gateways::id_of(*kind, before) != gateways::id_of(*kind, after) ||
      gateways::tenant_of(*kind, before) != gateways::tenant_of(*kind, after))
    note(*kind, store::config_op::gone, before);
  note(*kind, store::config_op::put, after);
  return Datum{0};
}
