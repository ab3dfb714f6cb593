// The trigger of tier_model_rules and user_tiers: their tier is there. The tables' foreign keys say so too, without a word
// on how to mend it, and quote what was written in its place.
#include "core/error.hpp"
#include "pg/entry.hpp"
#include "pg/trigger.hpp"
#include "store/access.hpp"
#include "store/load.hpp"
#include "store/tables.hpp"
#include "store/trigger.hpp"

using namespace llm_admin;

LLM_ADMIN_FUNCTION(llm_admin_validate_tier_rule)(FunctionCallInfo fcinfo) {
  const Oid table = CALLED_AS_TRIGGER(fcinfo)
                        ? RelationGetRelid(reinterpret_cast<TriggerData*>(fcinfo->context)->tg_relation)
                        : InvalidOid;
  const bool is_ours =
      table == store::oid_of(store::table::tier_rules) || table == store::oid_of(store::table::user_tiers);
  const pg::trigger_call trigger(fcinfo, is_ours ? table : InvalidOid, "a table of llm_admin's own",
                                 {{true, true, {TRIGGER_EVENT_INSERT, TRIGGER_EVENT_UPDATE}}});
  if (store::loading(trigger)) return trigger.unchanged();
  const pg::tuple_image row = trigger.new_row();
  const int tier = row.column("tier_code");
  if (!row.is_null(tier) && (!trigger.updates() || !trigger.old_row().same(row, tier)))
    store::require_tier(row.text("tier_code"));
  return trigger.unchanged();
}
