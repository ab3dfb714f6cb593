// build_request, build_operation, explain_request: the row's mapping makes the body; URL, headers and the key
// come from the row's other columns.
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/keys/redact.hpp"
#include "pg/args.hpp"
#include "pg/entry.hpp"
#include "pg/jsonb.hpp"
#include "pg/result.hpp"
#include "store/operations.hpp"
#include "store/provider.hpp"
#include "store/provider_call.hpp"

using namespace llm_admin;
using store::call_of_provider;

namespace {

json::node required_params(const pg::args& in, int n) {
  if (in.is_null(n)) throw error(sqlstate::null_not_allowed, "argument params must not be null");
  return in.jsonb(n);
}

Datum made(FunctionCallInfo fcinfo, call_of_provider& call, bool with_key) {
  pg::row_builder result;
  store::add_columns(result, call, store::build(call, with_key));
  return pg::make_row(fcinfo, result);
}

}  // namespace

LLM_ADMIN_FUNCTION(llm_admin_build_request)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  const json::node params = required_params(in, 0);
  const store::provider row = store::require_provider(in.text(1));
  store::require_enabled(row);
  call_of_provider call(row, params);
  store::use_account(call);
  return made(fcinfo, call, in.boolean(2, false));
}

// Also for disabled providers, so that a key can be tried before they are enabled.
LLM_ADMIN_FUNCTION(llm_admin_build_operation)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  const std::string_view operation = in.required_text(0, "operation");
  const json::node params = required_params(in, 2);
  call_of_provider call(store::require_provider(in.text(1)), params);
  call.input.call = &store::require_operation(*call.program, operation, call.row.name());
  store::use_account(call);
  return made(fcinfo, call, in.boolean(3, false));
}

// Also for disabled providers: nothing is sent anywhere.
LLM_ADMIN_FUNCTION(llm_admin_explain_request)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  const json::node params = required_params(in, 0);
  call_of_provider call(store::require_provider(in.text(1)), params);
  call.input.trace = true;
  call.input.endpoint_path = {};  // what the rules give is shown whether it is a whole URL or not
  const mapping::built_request built = mapping::build(*call.program, call.input, call.out);
  pg::row_set rows(fcinfo);
  for (const mapping::trace_entry& one : built.trace) {
    pg::row_builder row;
    for (const std::string* place : {&one.pointer, &one.rule_pointer}) {
      if (place->empty())
        row.add_null();
      else
        row.add_text(*place);
    }
    row.add_jsonb(pg::make_jsonb(one.value));
    if (one.note.empty())
      row.add_null();
    else
      row.add_text(one.note);
    rows.add(row);
  }
  return Datum{0};
}
