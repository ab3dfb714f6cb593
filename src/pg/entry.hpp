// From the server to C++ and back: the only top level of an SQL-callable function.
//
//   LLM_ADMIN_SCALAR(llm_admin_mask_key, TEXTOID)(FunctionCallInfo fcinfo) { ... return datum; }
//   LLM_ADMIN_FUNCTION(llm_admin_list_providers)(FunctionCallInfo fcinfo) { ... }   // rows, triggers
//
// A scalar's type is compared with the declared result before the body runs: a function that somebody
// declares by hand over the library would have its caller take a pointer for a number. Rows are compared by
// pg/result.hpp.
//
// The body may throw anything and may hold any object. pg::entry catches it all into plain storage, leaves
// the handler, and only then raises the server error: nothing with a destructor is alive at that point.
#pragma once

#include "pg/guard.hpp"

namespace llm_admin::pg {

using function_body = Datum (*)(FunctionCallInfo);

// Runs `body`; raises what it throws. Returns its Datum, which is of type `result`; InvalidOid: not compared.
Datum entry(FunctionCallInfo fcinfo, function_body body, Oid result = InvalidOid);

}  // namespace llm_admin::pg

// C linkage cannot stand inside a namespace block of another linkage, so this is used at file scope.
// noinline: of a library that is built with bitcode the server's JIT would copy the function, and could not
// resolve pg::entry, which is not exported ("failed to resolve name").
#define LLM_ADMIN_FUNCTION(name) LLM_ADMIN_SCALAR(name, InvalidOid)
#define LLM_ADMIN_SCALAR(name, result)                          \
  extern "C" {                                                  \
  PG_FUNCTION_INFO_V1(name);                                    \
  }                                                             \
  static Datum name##_body(FunctionCallInfo fcinfo);            \
  extern "C" [[gnu::noinline]] Datum name(PG_FUNCTION_ARGS) {   \
    return ::llm_admin::pg::entry(fcinfo, name##_body, result); \
  }                                                             \
  static Datum name##_body
