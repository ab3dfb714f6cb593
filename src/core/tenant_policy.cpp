#include "core/tenant_policy.hpp"

namespace llm_admin {

std::optional<tenant_policy> tenant_policy_named(std::string_view name) noexcept {
  if (name == "choice") return tenant_policy::choice;
  if (name == "byollm_only") return tenant_policy::byollm_only;
  if (name == "aegis_only") return tenant_policy::aegis_only;
  return std::nullopt;
}

std::optional<requested_key> requested_key_named(std::string_view name) noexcept {
  if (name == "byollm") return requested_key::byollm;
  if (name == "aegis") return requested_key::platform;
  return std::nullopt;
}

bool wants_tenant_key(tenant_policy policy, requested_key requested) noexcept {
  return policy == tenant_policy::byollm_only ||
         (policy == tenant_policy::choice && requested == requested_key::byollm);
}

tenant_decision decide(tenant_policy policy, requested_key requested, tenant_key key) noexcept {
  if (policy == tenant_policy::aegis_only) return {false, false, false, "policy_aegis_only"};
  if (!wants_tenant_key(policy, requested))
    return {false, false, false, requested == requested_key::platform ? "requested" : "not_requested"};
  const bool only = policy == tenant_policy::byollm_only;
  switch (key) {
    case tenant_key::usable:
      return {true, false, !only, only ? "policy_byollm_only" : "requested"};
    case tenant_key::no_config:
      return {false, only, false, "no_config"};
    case tenant_key::missing:
      return {false, only, false, "no_key"};
    case tenant_key::unreadable:
      break;
  }
  return {false, only, false, "key_unreadable"};
}

}  // namespace llm_admin
