// Whose key pays for a tenant's call: the decision of resolve_llm(), apart from any row.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace llm_admin {

enum class tenant_policy : std::uint8_t {
  choice,       // the tenant's key when asked for; may fall back to the platform
  byollm_only,  // the tenant's key always, never the platform's
  aegis_only    // the platform's always; the tenant's key is kept
};
enum class requested_key : std::uint8_t { none, byollm, platform };
enum class tenant_key : std::uint8_t { no_config, missing, unreadable, usable };

std::optional<tenant_policy> tenant_policy_named(std::string_view name) noexcept;
// "byollm", "aegis" (the platform, in the words of the scripts before 0.1); nothing for other words.
std::optional<requested_key> requested_key_named(std::string_view name) noexcept;
inline constexpr std::string_view tenant_policy_names = "choice, byollm_only, aegis_only";

// Whether the tenant's key matters at all, so that it is not opened for nothing.
bool wants_tenant_key(tenant_policy policy, requested_key requested) noexcept;

struct tenant_decision {
  bool by_tenant;         // else by the platform
  bool refused;           // the tenant's key is the only one allowed and cannot be used
  bool fallback_allowed;  // to the platform, when the tenant's call fails
  const char* reason;     // one word, static
};
// `key` is looked at only where wants_tenant_key().
tenant_decision decide(tenant_policy policy, requested_key requested, tenant_key key) noexcept;

}  // namespace llm_admin
