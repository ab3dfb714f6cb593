// From C++ to the server and back: the only way to call a server function that may raise.
//
// pg::call(f) runs one server call (or one batch). A server error inside becomes the C++ exception pg::error,
// which carries the whole ErrorData: SQLSTATE, message, DETAIL, HINT, context, unchanged, but that a row is not
// shown: neither in the server's DETAIL about one of the extension's tables whose constraint it breaks, nor in the
// context of a COPY. Between the sigsetjmp and the server's longjmp no object with a destructor may live, hence the
// static_asserts; f must not throw C++ exceptions.
//
// What is restored: the exception stack, the error context stack (left dangling, the next ereport would walk
// freed frames) and the memory context. What must not be done here: releasing holds on interrupts, LWLocks or
// spinlocks; an error has zeroed those counters and a second release makes them wrap.
#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <string_view>
#include <type_traits>

#include "pg/server.hpp"

namespace llm_admin {
class error;
}

namespace llm_admin::pg {

// A server error on its way through C++. Catch it only inside pg::subtransaction; otherwise let it reach
// pg::entry.
class error : public std::exception {
 public:
  // Takes over `data`, which lives in a context that outlives the unwinding (see guard.cpp).
  explicit error(ErrorData* data);
  const char* what() const noexcept override;
  const char* message() const noexcept { return what(); }
  const char* sqlstate() const noexcept { return sqlstate_; }
  // A failure of the moment, no verdict on what was asked: cancelled, out of memory or of another resource, a
  // deadlock, an internal error. Whoever survives errors lets it pass.
  bool is_fault() const noexcept;
  // Gives up the data to the caller, who raises it again.
  ErrorData* release() const noexcept;
  // Says the same failure in words of ours. Code and words are replaced; the inner query and its context,
  // which belong to the former words, are dropped. It stays a server error: a transaction it broke is broken.
  void reword(const llm_admin::error& words);
  // Ours after reword(), empty before: the server's are about the inner query.
  std::string_view reworded_detail() const noexcept;
  std::string_view reworded_hint() const noexcept;

 private:
  struct holder {
    ErrorData* data;
    bool reworded = false;
    explicit holder(ErrorData* d) : data(d) {}
    ~holder();
    holder(const holder&) = delete;
    holder& operator=(const holder&) = delete;
  };
  std::shared_ptr<holder> data_;
  char sqlstate_[6];
};

namespace detail {

// Whether a COPY FROM is being run around what runs now. Its context quotes the line of the file, which is the row.
bool within_copy() noexcept;

// The context that error data is copied into: the one current when the innermost pg::entry began, so that no
// SPI_finish or context reset on the way up to it can free the data.
extern MemoryContext error_home;

// Server errors that have become exceptions in this backend and were not rolled back since. What must not go
// on after one (~spi) compares it with what it was before.
extern std::uint64_t server_errors;

struct server_stacks {
  sigjmp_buf* exceptions = PG_exception_stack;
  ErrorContextCallback* contexts = error_context_stack;
  MemoryContext memory = CurrentMemoryContext;
  MemoryContext home = error_home;  // an error that jumped over an inner entry has left that one's behind

  server_stacks() = default;
  server_stacks(const server_stacks&) = delete;
  server_stacks& operator=(const server_stacks&) = delete;
  ~server_stacks() { restore(); }
  void restore() const noexcept {
    PG_exception_stack = exceptions;
    error_context_stack = contexts;
    error_home = home;
  }
};

// Copies and flushes the pending server error and throws it as pg::error.
[[noreturn]] void throw_pending(const server_stacks& stacks);

}  // namespace detail

template <class F>
auto call(F&& f) -> std::invoke_result_t<F&> {
  using result = std::invoke_result_t<F&>;
  static_assert(std::is_trivially_destructible_v<std::remove_reference_t<F>>,
                "a guarded call may capture only trivially destructible values or references");
  static_assert(std::is_void_v<result> || std::is_trivially_destructible_v<result>,
                "a guarded call may return only trivially destructible values");
  const detail::server_stacks stacks;
  sigjmp_buf jump;
  if (sigsetjmp(jump, 0) != 0) detail::throw_pending(stacks);
  PG_exception_stack = &jump;
  return f();
}

}  // namespace llm_admin::pg
