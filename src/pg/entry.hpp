// From the server to C++ and back: the only top level of an SQL-callable function.
//
//   LLM_ADMIN_FUNCTION(llm_admin_mask_key) (FunctionCallInfo fcinfo) { ... return datum; }
//
// The body may throw anything and may hold any object. pg::entry catches it all into plain storage, leaves
// the handler, and only then raises the server error: nothing with a destructor is alive at that point.
#pragma once

#include "pg/guard.hpp"

namespace llm_admin::pg {

using function_body = Datum (*)(FunctionCallInfo);

// Runs `body`; raises what it throws. Returns its Datum.
Datum entry(FunctionCallInfo fcinfo, function_body body);

}  // namespace llm_admin::pg

// C linkage cannot stand inside a namespace block of another linkage, so this is used at file scope.
// noinline: the server's JIT must not copy the function out of the bitcode, since pg::entry is not exported
// and it could not resolve it ("failed to resolve name").
#define LLM_ADMIN_FUNCTION(name)                              \
  extern "C" {                                                \
  PG_FUNCTION_INFO_V1(name);                                  \
  }                                                           \
  static Datum name##_body(FunctionCallInfo fcinfo);          \
  extern "C" [[gnu::noinline]] Datum name(PG_FUNCTION_ARGS) { \
    return ::llm_admin::pg::entry(fcinfo, name##_body);       \
  }                                                           \
  static Datum name##_body
