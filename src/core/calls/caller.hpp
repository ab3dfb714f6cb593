// Who a call is for: what its caller says, and what the access key that it comes with has fixed.
//
// A key fixes its tenant, and its user, team and tier where it names them; a key without a tenant is the platform's,
// and calls for no tenant. An argument that is empty is not given. One that differs from what is fixed is LA011, all of
// them at once, and so is a tenant that the transaction has entered and the key is not of. Tags of the key are the
// call's; a call cannot give one of them another value, or a limit on it would hold nobody.
//
// Views; nothing is copied. No value stands in a message.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "core/call_tags.hpp"

namespace llm_admin::calls {

struct caller {
  std::string_view tenant_id, user_id, team, tier;  // empty: not given, or not fixed
  std::vector<call_tag> tags;                       // by name
};

// Without an access key, a call within an entered tenant is that tenant's; another one is left to the caller of this.
caller settle_caller(const caller& given, std::optional<std::string_view> entered_tenant);
caller settle_caller(const caller& given, const caller& fixed_by_key,
                     std::optional<std::string_view> entered_tenant);

}  // namespace llm_admin::calls
