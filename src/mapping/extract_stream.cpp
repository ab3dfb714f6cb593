// extract_stream: the row's rules over the whole body of one streamed response.
#include "core/mapping/stream/stream.hpp"
#include "mapping/response_call.hpp"
#include "pg/entry.hpp"
#include "store/programs.hpp"

using namespace llm_admin;

LLM_ADMIN_SCALAR(llm_admin_extract_stream, JSONBOID)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  mapping_room::response_call call(in);
  auto input = call.input<mapping::stream_input>();
  input.body = in.text(0, pg::most::unbound).value_or(std::string_view());
  if (!input.provider_columns && call.program->stream)
    input.provider_columns = store::columns_for(call.program->stream->rules, call.row, call.out);
  return call.result([&] { return mapping::extract_stream(*call.program, input, call.out); });
}
