#include "store/seen_tenant.hpp"

#include "pg/role.hpp"
#include "store/entered_tenant.hpp"
#include "store/tables.hpp"

extern "C" {
#include "miscadmin.h"
}

namespace llm_admin::store {

std::optional<std::string> seen_tenant(std::optional<std::string_view> asked) {
  if (asked && !asked->empty()) {
    require_entered(*asked);
    return std::string(*asked);
  }
  if (const auto entered = entered_tenant()) return std::string(*entered);
  if (asked) return std::string();
  if (pg::may_execute(GetOuterUserId(), schema(), "sees_all_tenants", {})) return std::nullopt;
  return std::string();
}

}  // namespace llm_admin::store
