// A trigger call: which event, the rows before and after, which columns the statement set.
#pragma once

#include <initializer_list>
#include <optional>

#include "pg/tuple.hpp"

namespace llm_admin::pg {

// How a trigger function may be called: bits of TriggerEvent.
struct trigger_shape {
  bool before;
  bool each_row;
  std::initializer_list<TriggerEvent> events;  // TRIGGER_EVENT_INSERT ...
};

class trigger_call {
 public:
  // Raises when the function was not called by a trigger on this very table or a partition of it (a table
  // of its name elsewhere is another one), or for an event, a level or a time that none of the shapes allows: what such a call
  // hands over is not what the function reads. `name` is for the words.
  trigger_call(FunctionCallInfo fcinfo, Oid table, const char* name,
               std::initializer_list<trigger_shape> shapes);

  bool before() const noexcept { return TRIGGER_FIRED_BEFORE(data_->tg_event); }
  bool inserts() const noexcept { return TRIGGER_FIRED_BY_INSERT(data_->tg_event); }
  bool updates() const noexcept { return TRIGGER_FIRED_BY_UPDATE(data_->tg_event); }
  bool deletes() const noexcept { return TRIGGER_FIRED_BY_DELETE(data_->tg_event); }
  bool truncates() const noexcept { return TRIGGER_FIRED_BY_TRUNCATE(data_->tg_event); }

  bool for_row() const noexcept { return TRIGGER_FIRED_FOR_ROW(data_->tg_event); }
  Relation table() const noexcept { return data_->tg_relation; }

  // Row triggers: the row before (update, delete) and after (insert, update).
  tuple_image old_row() const;
  tuple_image new_row() const;
  bool sets(int attribute) const noexcept;  // the UPDATE names this column

  // What a BEFORE ROW trigger returns: the row as it came, or another one in its place.
  Datum unchanged() const noexcept;
  static Datum replaced(HeapTuple tuple) noexcept { return PointerGetDatum(tuple); }

 private:
  tuple_image image_of(HeapTuple tuple) const;
  TriggerData* data_;
};

}  // namespace llm_admin::pg
