// Which tenant the transaction has entered.
//
// Two things hold it: the setting, which is copied to parallel workers and which row-level security asks, and
// this backend's memory of the transaction, so that neither RESET ALL nor a rolled back savepoint leads to a
// second tenant in one transaction. Both end with the transaction.
#pragma once

#include <optional>
#include <string_view>

namespace llm_admin::store {

// The tenant of this transaction: what the setting says, else what enter_tenant() was given; nothing when none.
// The view is valid until the setting changes or the transaction ends.
std::optional<std::string_view> entered_tenant();
// Binds the transaction to `id`; 55000 when it is bound to another one, or the role is by its settings.
void enter_tenant(std::string_view id);
// 42501 when the transaction has entered another tenant than `id`.
void require_entered(std::string_view id);
// Whether it has entered another one: for what goes through all tenants.
bool is_out_of_reach(std::string_view id);

}  // namespace llm_admin::store
