// extract_stream: the row's rules over the whole body of one streamed response.
#include "core/mapping/stream/stream.hpp"
#include "mapping/response_call.hpp"
#include "pg/entry.hpp"

using namespace llm_admin;

LLM_ADMIN_SCALAR(llm_admin_extract_stream, JSONBOID)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  mapping_room::response_call call(in);
  auto input = call.input<mapping::stream_input>();
  input.body = in.text(0, pg::most::unbound).value_or(std::string_view());
  return call.result([&] { return mapping::extract_stream(*call.program, input, call.out); });
}
