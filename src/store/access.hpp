// Whether a call may use a model: explicit permissions first, then the rules of the caller's tier.
//
// Levels of permissions: user, agent, role, tier; at one level deny goes before allow. Those of a tier count while
// there is such a tier. Only the canonical name
// of the requested model is looked at (store/model_name.hpp), so that no other spelling gets round a deny.
// Compiled rules are kept in the session until somebody commits a change (store/cache_version.hpp). Whatever
// fails raises; nothing falls back to allowed.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/tier_rules.hpp"

namespace llm_admin::store {

struct access_request {
  std::optional<std::string_view> tier;
  std::string_view model;
  std::string_view user_id, tenant_id, provider, agent;  // empty: none
  std::vector<std::string_view> roles;
};

struct access_decision {
  bool allowed;
  const char* reason;  // one word, static
  std::optional<row_id> rule, permission;
  std::string canonical_model;
  std::string tier;  // the one that counted, known or not; empty: none
  std::optional<std::int32_t> max_requests_per_day, max_context_length;  // 0 where it is denied
  std::string note;                                                      // empty: none
};

access_decision check_access(const access_request& request);

// What a user's permissions are filed under: 'tenant/user', or the user where there is no tenant. No two users have
// the same: a '/' in the tenant's id is %2F there and a '%' is %25, and a user without a tenant that has a '/' in its
// id gets one in front.
std::string user_value(std::string_view tenant_id, std::string_view user_id);

struct tier_with_rules {
  std::string code;
  tier_rules rules;
};
// All tiers, by sort_order and code, with their rules; as the running statement sees them.
std::shared_ptr<const std::vector<tier_with_rules>> all_tiers();
// 42704 with the nearest names where there is no tier of that code.
void require_tier(std::string_view code);

}  // namespace llm_admin::store
