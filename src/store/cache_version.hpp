// What a session keeps of some tables, and how it knows that it is of yesterday.
//
// Each statement that writes to such a table bumps the row of cache_versions that is its subject's, once a
// transaction: whoever sees the new row sees what was written, and nobody else does. While a table's triggers
// are not as they were made (ALTER TABLE ... DISABLE TRIGGER) nothing of it is kept, and rows that came meanwhile
// are told by the table's generation. A cache is keyed by all of it:
//
//   const store::cache_version now = store::version_of(store::cached::tier_rules);
//   if (!now.is_own && now == kept.version) use(kept);
//   else read(...);   // by the snapshot of the statement; kept, unless is_own
//
// Such writers of one subject wait for each other until they commit, from their first statement on.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "pg/server.hpp"

namespace llm_admin::store {

enum class cached : std::uint8_t {
  tier_rules,
  permissions,
  user_tiers,
  model_names,
  accounts,
  limits,
  count_
};

struct cache_version {
  std::int64_t version;  // 0 where nobody has written yet
  TransactionId xmin;
  std::uint64_t generation;
  // Written by this transaction, which may yet be rolled back, or by whom no trigger tells: nothing of it is kept.
  bool is_own;

  bool operator==(const cache_version& other) const noexcept {
    return version == other.version && xmin == other.xmin && generation == other.generation;
  }
};

// As the running statement sees it.
cache_version version_of(cached subject);
// Whether permissions, user_tiers or accounts have rows at all: of an empty table nothing is asked.
bool may_have_rows(cached subject);
// The subject of a table of that name; nothing for others.
std::optional<cached> subject_of(std::string_view table);
// Bumps the row, with the owner's rights. Where it is only asked whether there are rows at all (permissions,
// user_tiers, accounts), the first row of the table does so and no later one. 40001 under REPEATABLE READ where
// another transaction has bumped it since.
void bump(cached subject);

}  // namespace llm_admin::store
