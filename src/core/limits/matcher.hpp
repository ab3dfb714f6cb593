// All limits, compiled once: which of them a call meets, and under which subject each counts it.
//
// The time hardly depends on how many there are. Limits are kept by their three globs, subject, tenant and
// model; the globs of each are interned and indexed (core/glob_index.hpp), so that only those are walked
// whose globs match what the call is, one of the three after the other. Limits that are off or unlimited are
// met by no call.
//
// A subject that the call does not have meets no limit of that scope. The counter's tenant is the call's for
// the scopes within a tenant (tenant, team, user, key). For others it is the one that the limit is for, and
// '' where it is for several: one counter for all of them. Throws std::bad_alloc only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/call_tags.hpp"
#include "core/glob_index.hpp"
#include "core/limits/limit.hpp"

namespace llm_admin::limits {

// Canonical names; empty where the call has none. Key and account are uuids in lower case.
struct call_facts {
  std::string_view tenant, team, user, key, tier, model, account;
  std::span<const call_tag> tags;
};

struct met_limit {
  const limit* by = nullptr;  // as long as its holder
  std::string tenant, subject;
};

// Ascending by (limit, tenant, subject), the order in which counters are locked. For callers that add limits
// of tiers to those that were found.
void into_lock_order(std::vector<met_limit>& met);

class compiled_limits {
 public:
  compiled_limits() = default;
  explicit compiled_limits(std::vector<limit> limits);
  compiled_limits(compiled_limits&&) = default;
  compiled_limits& operator=(compiled_limits&&) = default;

  // In lock order. `compared`: how many globs and entries were looked at.
  std::vector<met_limit> matching(const call_facts& call, std::size_t* compared = nullptr) const;
  const limit* find(const uuid& id) const noexcept;  // null where there is none
  const std::vector<limit>& in_order() const noexcept { return limits_; }

 private:
  using number = std::uint32_t;
  // Something of a level with its entries of the level below, begin to end.
  struct branch {
    number pattern;
    number begin, end;
  };
  class walk;

  std::vector<limit> limits_;  // by id
  glob_index subjects_[scopes], tenants_, models_;
  std::vector<branch> by_subject_[scopes];  // by the pattern's number: entries of by_tenant_
  std::vector<branch> by_tenant_;           // of each subject, ascending: entries of by_model_
  std::vector<branch> by_model_;            // of each tenant, ascending: entries of filed_
  std::vector<number> filed_;               // in limits_
};

}  // namespace llm_admin::limits
