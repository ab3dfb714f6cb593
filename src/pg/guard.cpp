#include "pg/guard.hpp"

#include <cstring>

#include "core/error.hpp"

extern "C" {
#include "commands/copy.h"
}

namespace llm_admin::pg {

namespace detail {

MemoryContext error_home = nullptr;
std::uint64_t server_errors = 0;

bool within_copy() noexcept {
  for (const ErrorContextCallback* one = error_context_stack; one != nullptr; one = one->previous)
    if (one->callback == CopyFromErrorCallback) return true;
  return false;
}

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

// Of a row of ours that breaks a constraint or a partition's bounds the server shows all columns as DETAIL
// ("Failing row contains ..."), and a key may stand in any of them. Our own words for it, which carry no table,
// keep theirs.
void hide_row(ErrorData* data) noexcept {
  if (within_copy()) data->context = nullptr;
  const bool of_row =
      data->sqlerrcode == ERRCODE_NOT_NULL_VIOLATION || data->sqlerrcode == ERRCODE_CHECK_VIOLATION;
  if (!of_row || data->table_name == nullptr || data->schema_name == nullptr || data->detail == nullptr ||
      std::strcmp(data->schema_name, "llm_admin") != 0)
    return;
  pfree(data->detail);
  data->detail = nullptr;
}

}  // namespace

void throw_pending(const server_stacks& stacks) {
  ++server_errors;
  stacks.restore();
  ErrorData* const data = copy_pending(error_home != nullptr ? error_home : stacks.memory);
  stacks.restore();
  MemoryContextSwitchTo(stacks.memory);
  FlushErrorState();
  if (data == nullptr)
    throw llm_admin::error(sqlstate::out_of_memory, "out of memory while handling an error");
  hide_row(data);
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

void error::reword(const llm_admin::error& words) {
  ErrorData* const data = data_->data;
  const char* const state = words.sqlstate();
  const char* const texts[] = {words.message().c_str(), words.detail().c_str(), words.hint().c_str()};
  call([=] {
    const MemoryContext home = data->assoc_context;
    data->message = MemoryContextStrdup(home, texts[0]);
    data->detail = texts[1][0] != '\0' ? MemoryContextStrdup(home, texts[1]) : nullptr;
    data->hint = texts[2][0] != '\0' ? MemoryContextStrdup(home, texts[2]) : nullptr;
    data->internalquery = nullptr;
    data->internalpos = 0;
    data->cursorpos = 0;
    data->context = nullptr;
    data->sqlerrcode = MAKE_SQLSTATE(state[0], state[1], state[2], state[3], state[4]);
  });
  std::memcpy(sqlstate_, state, sizeof sqlstate_);
  data_->reworded = true;
}

std::string_view error::reworded_detail() const noexcept {
  const ErrorData* const data = data_->data;
  return data_->reworded && data != nullptr && data->detail != nullptr ? data->detail : std::string_view();
}

std::string_view error::reworded_hint() const noexcept {
  const ErrorData* const data = data_->data;
  return data_->reworded && data != nullptr && data->hint != nullptr ? data->hint : std::string_view();
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
