// extract_stream: the row's rules over the whole body of one streamed response; also for disabled providers,
// whose answers may come late.
#include "core/mapping/stream.hpp"

#include <array>

#include "core/error.hpp"
#include "pg/args.hpp"
#include "pg/entry.hpp"
#include "pg/http_request.hpp"
#include "pg/jsonb.hpp"
#include "pg/provider.hpp"

using namespace llm_admin;

LLM_ADMIN_FUNCTION(llm_admin_extract_stream)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  if (const json::node headers = in.jsonb(3); headers && !headers.is_object() && !headers.is_absent())
    throw error(sqlstate::invalid_parameter,
                "argument headers must be a JSON object of header names and values");
  const pg::provider_row row = pg::require_provider(in.text(1));
  const auto program = pg::response_program_of(row);
  mapping::stream_input input;
  input.body = in.text(0).value_or(std::string_view());
  input.provider_name = row.name();
  input.http_status = in.integer(2);
  input.headers = in.jsonb(3);
  input.limits = pg::limits_now();
  std::array<char, 8192> room;
  json::tree out(room);
  input.provider_columns = pg::columns_for(program->rules, row, out);
  if (!input.provider_columns && program->stream)
    input.provider_columns = pg::columns_for(program->stream->rules, row, out);
  try {
    return pg::make_jsonb(mapping::extract_stream(*program, input, out));
  } catch (const error& why) {
    throw pg::without_key(row, why);  // it quotes the response, and goes to the log
  }
}
