// cache_changed: the trigger that tells sessions that what they keep of a table is of yesterday.
#include "core/error.hpp"
#include "pg/entry.hpp"
#include "store/cache_version.hpp"
#include "store/tables.hpp"

using namespace llm_admin;

// Before the statement, so that writers of one subject wait for each other before either holds a row. On a
// logical subscriber no trigger for statements fires: there each row tells it.
LLM_ADMIN_FUNCTION(llm_admin_cache_changed)(FunctionCallInfo fcinfo) {
  const auto* data =
      CALLED_AS_TRIGGER(fcinfo) ? reinterpret_cast<const TriggerData*>(fcinfo->context) : nullptr;
  const Relation table = data == nullptr ? nullptr : data->tg_relation;
  const auto subject = table == nullptr || RelationGetNamespace(table) != store::schema()
                           ? std::nullopt
                           : store::subject_of(RelationGetRelationName(table));
  const bool is_right =
      data != nullptr && (TRIGGER_FIRED_FOR_ROW(data->tg_event) ? TRIGGER_FIRED_AFTER(data->tg_event)
                                                                : TRIGGER_FIRED_BEFORE(data->tg_event));
  if (!subject || !is_right)
    throw error(sqlstate::not_in_state,
                "this function can only be called by a trigger on a table of llm_admin's own",
                "the trigger is made BEFORE the statement or AFTER each row");
  store::bump(*subject);
  return Datum{0};
}
