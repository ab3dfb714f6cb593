#include "pg/trigger.hpp"

#include <string>

#include "core/error.hpp"

namespace llm_admin::pg {

namespace {

bool allows(const trigger_shape& shape, TriggerEvent event) {
  if (shape.before != static_cast<bool>(TRIGGER_FIRED_BEFORE(event)) ||
      shape.each_row != static_cast<bool>(TRIGGER_FIRED_FOR_ROW(event)) || TRIGGER_FIRED_INSTEAD(event))
    return false;
  for (const TriggerEvent one : shape.events)
    if ((event & TRIGGER_EVENT_OPMASK) == one) return true;
  return false;
}

std::string described(const trigger_shape& shape) {
  std::string text = shape.before ? "BEFORE" : "AFTER";
  const char* before = " ";
  for (const TriggerEvent one : shape.events) {
    const bool inserts = one == TRIGGER_EVENT_INSERT, updates = one == TRIGGER_EVENT_UPDATE;
    text += before;
    text += inserts ? "INSERT" : (updates ? "UPDATE" : (one == TRIGGER_EVENT_DELETE ? "DELETE" : "TRUNCATE"));
    before = " OR ";
  }
  return text + (shape.each_row ? " FOR EACH ROW" : " FOR EACH STATEMENT");
}

// A trigger on a partitioned table fires on its partitions.
bool is_partition_of(Relation table, Oid parent) {
  if (!table->rd_rel->relispartition || !OidIsValid(parent)) return false;
  const Oid relation = RelationGetRelid(table);
  return call([=] { return get_partition_parent(relation, true) == parent; });
}

}  // namespace

trigger_call::trigger_call(FunctionCallInfo fcinfo, Oid table, const char* name,
                           std::initializer_list<trigger_shape> shapes)
    : data_(CALLED_AS_TRIGGER(fcinfo) ? reinterpret_cast<TriggerData*>(fcinfo->context) : nullptr) {
  const bool ours = data_ != nullptr && (RelationGetRelid(data_->tg_relation) == table ||
                                         is_partition_of(data_->tg_relation, table));
  std::string expected;
  for (const trigger_shape& shape : shapes) {
    if (ours && allows(shape, data_->tg_event)) return;
    expected += (expected.empty() ? "" : ", or ") + described(shape);
  }
  throw llm_admin::error(sqlstate::not_in_state,
                         std::string("this function can only be called by a trigger on ") + name,
                         "the trigger is made " + expected, "");
}

tuple_image trigger_call::image_of(HeapTuple tuple) const {
  return {tuple, RelationGetDescr(data_->tg_relation), RelationGetRelid(data_->tg_relation),
          RelationGetRelationName(data_->tg_relation)};
}

tuple_image trigger_call::old_row() const { return image_of(data_->tg_trigtuple); }

tuple_image trigger_call::new_row() const {
  return image_of(updates() ? data_->tg_newtuple : data_->tg_trigtuple);
}

bool trigger_call::sets(int attribute) const noexcept {
  return bms_is_member(attribute - FirstLowInvalidHeapAttributeNumber, data_->tg_updatedcols);
}

Datum trigger_call::unchanged() const noexcept {
  if (!TRIGGER_FIRED_FOR_ROW(data_->tg_event)) return Datum{0};
  return PointerGetDatum(updates() ? data_->tg_newtuple : data_->tg_trigtuple);
}

}  // namespace llm_admin::pg
