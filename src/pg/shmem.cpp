#include "pg/shmem.hpp"

extern "C" {
#include "storage/shmem.h"
}

namespace llm_admin::pg {

namespace {

shared_memory* first_piece = nullptr;
shmem_request_hook_type former_request = nullptr;
shmem_startup_hook_type former_startup = nullptr;

}  // namespace

struct shared_pieces {
  static void request() {
    for (shared_memory* one = first_piece; one != nullptr; one = one->next_) {
      RequestAddinShmemSpace(one->bytes_());
      RequestNamedLWLockTranche(one->name_, one->locks_);
    }
  }

  static void find() {
    LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
    for (shared_memory* one = first_piece; one != nullptr; one = one->next_) {
      bool found = false;
      one->memory_ = ShmemInitStruct(one->name_, one->bytes_(), &found);
      if (!found) one->prepare_(one->memory_);
      one->own_locks_ = GetNamedLWLockTranche(one->name_);
    }
    LWLockRelease(AddinShmemInitLock);
  }

  static void add(shared_memory& one) noexcept {
    one.next_ = first_piece;
    first_piece = &one;
  }
};

// Errors of the server pass through these, as through its own: nothing in them has a destructor.
extern "C" {
static void llm_admin_request_shmem() {
  if (former_request != nullptr) former_request();
  shared_pieces::request();
}
static void llm_admin_find_shmem() {
  if (former_startup != nullptr) former_startup();
  shared_pieces::find();
}
}

void shared_memory::define() noexcept {
  if (!process_shared_preload_libraries_in_progress) return;
  if (first_piece == nullptr) {
    former_request = shmem_request_hook;
    shmem_request_hook = llm_admin_request_shmem;
    former_startup = shmem_startup_hook;
    shmem_startup_hook = llm_admin_find_shmem;
  }
  shared_pieces::add(*this);
}

}  // namespace llm_admin::pg
