#include "pg/guard.hpp"

#include <cstring>

#include "core/error.hpp"

namespace llm_admin::pg {

namespace detail {

MemoryContext error_home = nullptr;

namespace {

// Copying allocates, so it can fail in its turn; that second error must not jump past our caller's C++
// frames.
ErrorData* copy_pending(MemoryContext home) noexcept {
  sigjmp_buf jump;
  if (sigsetjmp(jump, 0) != 0) return nullptr;
  PG_exception_stack = &jump;
  MemoryContextSwitchTo(home);
  return CopyErrorData();
}

}  // namespace

void throw_pending(const server_stacks& stacks) {
  stacks.restore();
  ErrorData* const data = copy_pending(error_home != nullptr ? error_home : stacks.memory);
  stacks.restore();
  MemoryContextSwitchTo(stacks.memory);
  FlushErrorState();
  if (data == nullptr)
    throw llm_admin::error(sqlstate::out_of_memory, "out of memory while handling an error");
  throw error(data);
}

}  // namespace detail

error::holder::~holder() {
  if (data != nullptr) FreeErrorData(data);
}

error::error(ErrorData* data) : data_(std::make_shared<holder>(data)) {
  std::memcpy(sqlstate_, unpack_sql_state(data->sqlerrcode), sizeof sqlstate_);
}

const char* error::what() const noexcept {
  return data_->data != nullptr && data_->data->message != nullptr ? data_->data->message : "server error";
}

bool error::is_fault() const noexcept {
  // Transaction rollback, insufficient resources, program limits, operator intervention, system and internal
  // errors.
  for (const char* of : {"40", "53", "54", "57", "58", "F0", "XX"})
    if (std::memcmp(sqlstate_, of, 2) == 0) return true;
  return false;
}

ErrorData* error::release() const noexcept {
  ErrorData* data = data_->data;
  data_->data = nullptr;
  return data;
}

}  // namespace llm_admin::pg
