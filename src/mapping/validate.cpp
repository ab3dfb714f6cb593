// validate_config and its relatives: the compiler's problems as an error or as rows.
#include "core/mapping/compile/validate.hpp"

#include "core/mapping/compile/compile.hpp"
#include "pg/args.hpp"
#include "pg/entry.hpp"
#include "pg/result.hpp"
#include "store/bounds.hpp"

using namespace llm_admin;

LLM_ADMIN_SCALAR(llm_admin_validate_config, BOOLOID)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  mapping::require_valid(mapping::problems_of_pair(in.jsonb(0), in.jsonb(1), store::compile_bounds_now()));
  return BoolGetDatum(true);
}

LLM_ADMIN_SCALAR(llm_admin_validate_request_builder_config, BOOLOID)(FunctionCallInfo fcinfo) {
  mapping::require_valid(mapping::request_problems(pg::args(fcinfo).jsonb(0), store::compile_bounds_now()));
  return BoolGetDatum(true);
}

LLM_ADMIN_SCALAR(llm_admin_validate_response_extractor_config, BOOLOID)(FunctionCallInfo fcinfo) {
  mapping::require_valid(
      mapping::compile_response(pg::args(fcinfo).jsonb(0), store::compile_bounds_now()).problems);
  return BoolGetDatum(true);
}

LLM_ADMIN_FUNCTION(llm_admin_config_problems)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  pg::row_set rows(fcinfo);
  for (const mapping::problem& p :
       mapping::problems_of_pair(in.jsonb(0), in.jsonb(1), store::compile_bounds_now())) {
    pg::row_builder row;
    row.add_text(p.config)
        .add_text(p.pointer)
        .add_text(mapping::severity_name(p.level))
        .add_text(p.code)
        .add_text(p.message);
    if (p.hint.empty())
      row.add_null();
    else
      row.add_text(p.hint);
    rows.add(row);
  }
  return Datum{0};
}
