#include "pg/scratch.hpp"

namespace llm_admin::pg {

scratch::scratch() : former_(CurrentMemoryContext) {
  own_ = call(
      [] { return AllocSetContextCreate(CurrentMemoryContext, "llm_admin row", ALLOCSET_DEFAULT_SIZES); });
  MemoryContextSwitchTo(own_);
}

// Deleting frees and raises nothing. The data of an error that passes lies in the entry's context
// (guard.hpp).
scratch::~scratch() {
  MemoryContextSwitchTo(former_);
  MemoryContextDelete(own_);
}

void scratch::reset() {
  const MemoryContext own = own_;
  call([=] { MemoryContextReset(own); });
  MemoryContextSwitchTo(own);
}

}  // namespace llm_admin::pg
