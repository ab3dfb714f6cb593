// extract_response: the row's rules over one response.
#include "core/mapping/response/response.hpp"
#include "mapping/response_call.hpp"
#include "pg/entry.hpp"

using namespace llm_admin;

LLM_ADMIN_SCALAR(llm_admin_extract_response, JSONBOID)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  mapping_room::response_call call(in);
  auto input = call.input<mapping::response_input>();
  input.document = in.jsonb(0);
  return call.result([&] { return mapping::extract(*call.program, input, call.out); });
}
