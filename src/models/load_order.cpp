// load_in_any_order: the triggers that let the tables with foreign keys be loaded before those that these lead to.
//
// pg_restore with several jobs fills tables in any order, and those of an extension have their foreign keys
// before their rows. So while a statement loads rows (store/load.hpp), the checks of foreign keys rest as they
// do under session_replication_role = replica, which is what pg_dump's --disable-triggers comes to. The setting
// holds from the trigger before the statement to the one after it, and ends with the transaction whatever
// happens.
#include "core/error.hpp"
#include "pg/entry.hpp"
#include "pg/trigger.hpp"
#include "store/load.hpp"
#include "store/tables.hpp"

using namespace llm_admin;

namespace {

constexpr const char* setting = "session_replication_role";

// In which transaction the checks rest; outside of a statement that loads, in none.
LocalTransactionId resting_in = InvalidLocalTransactionId;

void set_role(const char* role) {
  pg::call([=] {
    (void)set_config_option(setting, role, PGC_SUSET, PGC_S_SESSION, GUC_ACTION_LOCAL, true, 0, false);
  });
}

}  // namespace

LLM_ADMIN_FUNCTION(llm_admin_load_in_any_order)(FunctionCallInfo fcinfo) {
  const auto* data =
      CALLED_AS_TRIGGER(fcinfo) ? reinterpret_cast<const TriggerData*>(fcinfo->context) : nullptr;
  const bool is_right = data != nullptr && !TRIGGER_FIRED_FOR_ROW(data->tg_event) &&
                        TRIGGER_FIRED_BY_INSERT(data->tg_event) &&
                        RelationGetNamespace(data->tg_relation) == store::schema();
  if (!is_right)
    throw error(sqlstate::not_in_state,
                "this function can only be called by a trigger on a table of llm_admin's own",
                "the trigger is made BEFORE and AFTER INSERT FOR EACH STATEMENT");
  const pg::trigger_call trigger(
      fcinfo, RelationGetRelid(data->tg_relation), RelationGetRelationName(data->tg_relation),
      {{true, false, {TRIGGER_EVENT_INSERT}}, {false, false, {TRIGGER_EVENT_INSERT}}});
  if (!trigger.before()) {
    if (resting_in == pg::compat::local_transaction()) set_role("origin");
    resting_in = InvalidLocalTransactionId;
    return trigger.unchanged();
  }
  if (SessionReplicationRole == SESSION_REPLICATION_ROLE_ORIGIN && store::loading(trigger)) {
    set_role("replica");
    resting_in = pg::compat::local_transaction();
  }
  return trigger.unchanged();
}
