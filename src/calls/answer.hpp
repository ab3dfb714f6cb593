// What begin_call() and finish_call() answer. Private to this room.
#pragma once

#include <string>
#include <vector>

#include "calls/route.hpp"
#include "pg/guard.hpp"
#include "store/open_call.hpp"

namespace llm_admin::calls_room {

struct own_warning {
  std::string code, message;
};
using own_warnings = std::vector<own_warning>;

// The row of begin_call(). Warnings of the mapping come first. `is_request`: as receipt_of() takes it.
Datum begun(FunctionCallInfo fcinfo, const store::open_call& call, route& to, own_warnings warnings,
            bool repeated, bool is_request);

// [{"code": ..., "message": ...}] behind what `listed` has.
void add_warnings(json::item* listed, const own_warnings& warnings, json::tree& out);

}  // namespace llm_admin::calls_room
