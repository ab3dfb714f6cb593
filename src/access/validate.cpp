// The trigger of tier_model_rules: a rule names a tier that is there. The table's foreign key says so too, without
// a word on how to mend it.
#include "core/error.hpp"
#include "pg/entry.hpp"
#include "pg/trigger.hpp"
#include "store/access.hpp"
#include "store/load.hpp"
#include "store/tables.hpp"
#include "store/trigger.hpp"

using namespace llm_admin;

LLM_ADMIN_FUNCTION(llm_admin_validate_tier_rule)(FunctionCallInfo fcinfo) {
  const store::trigger_call trigger(fcinfo, store::table::tier_rules,
                                    {{true, true, {TRIGGER_EVENT_INSERT, TRIGGER_EVENT_UPDATE}}});
  if (store::loading(trigger)) return trigger.unchanged();
  const pg::tuple_image row = trigger.new_row();
  const int tier = row.column("tier_code");
  if (!row.is_null(tier) && (!trigger.updates() || !trigger.old_row().same(row, tier)))
    store::require_tier(row.text("tier_code"));
  return trigger.unchanged();
}
