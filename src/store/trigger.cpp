#include "store/trigger.hpp"

#include <string>

#include "store/tables.hpp"

namespace llm_admin::store {

trigger_call::trigger_call(FunctionCallInfo fcinfo, store::table table,
                           std::initializer_list<pg::trigger_shape> shapes)
    : pg::trigger_call(fcinfo, CALLED_AS_TRIGGER(fcinfo) ? oid_of(table) : InvalidOid,
                       (std::string("llm_admin.") + description(table).name).c_str(), shapes) {}

}  // namespace llm_admin::store
