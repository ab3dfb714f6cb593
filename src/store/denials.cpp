#include "store/denials.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <tuple>

#include "pg/shmem.hpp"

extern "C" {
#include "miscadmin.h"
}

namespace llm_admin::store {

namespace {

using limits::denial_counts;

constexpr std::size_t shared_buckets = 256, session_buckets = 16;

std::size_t shared_denial_bytes() noexcept { return denial_counts::bytes(shared_buckets); }
void prepare_shared_denials(void* memory) noexcept { denial_counts::prepare(memory, shared_buckets); }

constinit pg::shared_memory shared_denials{"llm_admin denials", shared_denial_bytes, prepare_shared_denials,
                                           1};
denial_counts* session_denials = nullptr;  // for the life of the backend

denial_counts* own_denials() {
  if (session_denials == nullptr) {
    void* const memory =
        pg::call([] { return MemoryContextAlloc(TopMemoryContext, denial_counts::bytes(session_buckets)); });
    session_denials = denial_counts::prepare(memory, session_buckets);
  }
  return session_denials;
}

void read_denials(const denial_counts& from, denials& into) {
  for (std::size_t n = 0; n < from.size(); ++n) {
    const limits::denial_entry& one = from.entry(n);
    if (one.is_free() || one.database != MyDatabaseId) continue;
    into.entries.push_back({one.limit_id,
                            std::string(one.tenant()),
                            std::string(one.subject()),
                            {one.denied, one.first_at, one.last_at}});
  }
  into.other = from.other();
  std::sort(into.entries.begin(), into.entries.end(), [](const denial& a, const denial& b) {
    return std::tie(a.limit_id, a.tenant, a.subject) < std::tie(b.limit_id, b.tenant, b.subject);
  });
}

}  // namespace

void define_denials() noexcept { shared_denials.define(); }

void note_denial(const limits::met_limit& by, std::int64_t at) {
  const limits::denial_key key{MyDatabaseId, by.by->id, by.tenant, by.subject};
  if (!shared_denials.is_there()) return own_denials()->note(key, at);
  shared_denials.write(0, [&](void* memory) noexcept { static_cast<denial_counts*>(memory)->note(key, at); });
}

denials denials_now() {
  denials made;
  made.of_all_sessions = shared_denials.is_there();
  if (!made.of_all_sessions) {
    if (session_denials != nullptr) read_denials(*session_denials, made);
    return made;
  }
  // Copied as a whole, so that nobody waits while texts are made.
  std::vector<std::max_align_t> copied(shared_denial_bytes() / sizeof(std::max_align_t) + 1);
  shared_denials.read(
      0, [&](const void* memory) noexcept { std::memcpy(copied.data(), memory, shared_denial_bytes()); });
  read_denials(*reinterpret_cast<const denial_counts*>(copied.data()), made);
  return made;
}

}  // namespace llm_admin::store
