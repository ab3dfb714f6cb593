#include "pg/trigger.hpp"

#include <string>

#include "core/error.hpp"

namespace llm_admin::pg {

trigger_call::trigger_call(FunctionCallInfo fcinfo, const char* table)
    : data_(CALLED_AS_TRIGGER(fcinfo) ? reinterpret_cast<TriggerData*>(fcinfo->context) : nullptr) {
  if (data_ == nullptr || std::string_view(RelationGetRelationName(data_->tg_relation)) != table)
    throw llm_admin::error(
        sqlstate::not_in_state,
        std::string("this function can only be called by a trigger on llm_admin.") + table);
}

tuple_image trigger_call::old_row() const {
  return {data_->tg_trigtuple, RelationGetDescr(data_->tg_relation)};
}

tuple_image trigger_call::new_row() const {
  return {updates() ? data_->tg_newtuple : data_->tg_trigtuple, RelationGetDescr(data_->tg_relation)};
}

bool trigger_call::sets(int attribute) const noexcept {
  return bms_is_member(attribute - FirstLowInvalidHeapAttributeNumber, data_->tg_updatedcols);
}

Datum trigger_call::unchanged() const noexcept {
  if (!TRIGGER_FIRED_FOR_ROW(data_->tg_event)) return Datum{0};
  return PointerGetDatum(updates() ? data_->tg_newtuple : data_->tg_trigtuple);
}

}  // namespace llm_admin::pg
