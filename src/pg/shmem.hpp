// Memory that all processes of the server share, by name, where the library is in shared_preload_libraries.
//
//   pg::shared_memory counts{"llm_admin counts", counts_bytes, counts_prepare, 1};
//   counts.define();                                      // in _PG_init
//   if (counts.is_there()) counts.read(0, [&](const void* memory) noexcept { ... });
//
// One constant object a piece, for the life of the process. Each piece has locks of its own, in a tranche of
// its name, which monitors see as the wait event. A restart of the server, one after a crash too, begins with
// prepared memory: nothing is kept. Elsewhere the memory is not there, and who uses it has something else.
#pragma once

#include <cstddef>
#include <type_traits>

#include "pg/guard.hpp"

extern "C" {
#include "storage/lwlock.h"
}

namespace llm_admin::pg {

class shared_memory {
 public:
  using size_function = std::size_t (*)() noexcept;
  using prepare_function = void (*)(void* memory) noexcept;

  // `bytes` is asked once, when all settings are known; `prepare` gets that much, aligned for any type.
  consteval shared_memory(const char* name, size_function bytes, prepare_function prepare, int locks)
      : name_(name), bytes_(bytes), prepare_(prepare), locks_(locks) {}
  shared_memory(const shared_memory&) = delete;
  shared_memory& operator=(const shared_memory&) = delete;

  void define() noexcept;  // does nothing where the library is not loaded with the server
  bool is_there() const noexcept { return memory_ != nullptr; }

  // Runs `f` with one of the locks: short, plain memory only, no call into the server.
  template <class F>
  void read(int lock, const F& f) const {
    static_assert(std::is_nothrow_invocable_v<const F&, const void*>);
    with(lock, LW_SHARED, f);
  }
  template <class F>
  void write(int lock, const F& f) const {
    static_assert(std::is_nothrow_invocable_v<const F&, void*>);
    with(lock, LW_EXCLUSIVE, f);
  }

 private:
  template <class F>
  void with(int lock, LWLockMode mode, const F& f) const {
    LWLock* const held = &own_locks_[lock].lock;
    void* const memory = memory_;
    call([&, held, memory, mode] {
      LWLockAcquire(held, mode);
      f(memory);
      LWLockRelease(held);
    });
  }
  friend struct shared_pieces;

  const char* name_;
  size_function bytes_;
  prepare_function prepare_;
  int locks_;
  void* memory_ = nullptr;
  LWLockPadded* own_locks_ = nullptr;
  shared_memory* next_ = nullptr;
};

}  // namespace llm_admin::pg
