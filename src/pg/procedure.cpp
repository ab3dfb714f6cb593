#include "pg/procedure.hpp"

#include <string>

#include "core/error.hpp"

namespace llm_admin::pg {

namespace {

bool may_commit(FunctionCallInfo fcinfo) {
  const auto* context = fcinfo->context;
  return context != nullptr && IsA(context, CallContext) &&
         !reinterpret_cast<const CallContext*>(context)->atomic;
}

}  // namespace

procedure::procedure(FunctionCallInfo fcinfo, const char* call_text) : errors_before_(detail::server_errors) {
  if (!may_commit(fcinfo))
    throw llm_admin::error(sqlstate::active_transaction,
                           std::string(call_text) + " commits between its steps",
                           "it was called in a transaction block, or by a function", std::string(call_text));
  call([] {
    const MemoryContext memory = CurrentMemoryContext;
    if (SPI_connect_ext(SPI_OPT_NONATOMIC) != SPI_OK_CONNECT) elog(ERROR, "SPI_connect failed");
    MemoryContextSwitchTo(memory);
  });
}

procedure::~procedure() {
  if (detail::server_errors == errors_before_) SPI_finish();
}

void procedure::commit() {
  call([] {
    const MemoryContext memory = CurrentMemoryContext;
    SPI_commit();
    MemoryContextSwitchTo(memory);
  });
}

}  // namespace llm_admin::pg
