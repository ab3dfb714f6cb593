// The call of a trigger on one of our tables.
#pragma once

#include <initializer_list>

#include "pg/trigger.hpp"
#include "store/tables.hpp"

namespace llm_admin::store {

class trigger_call : public pg::trigger_call {
 public:
  // Raises as pg/trigger.hpp says, and when the table is not there.
  trigger_call(FunctionCallInfo fcinfo, store::table table, std::initializer_list<pg::trigger_shape> shapes);
};

}  // namespace llm_admin::store
