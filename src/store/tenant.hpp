// A tenant as stored: its row of llm_configs, the provider it names, its key; and which tenant the
// transaction has entered.
//
// The row is read with the rights of the code: row-level security does not bear on it, so every function that
// takes a tenant asks require_entered() first.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/keys/stored_key.hpp"
#include "core/secret_bytes.hpp"
#include "pg/fetch.hpp"
#include "store/provider.hpp"
#include "store/sealing.hpp"

namespace llm_admin::store {

enum class tenant_column : std::uint8_t {
  tenant_id,
  provider,
  api_key_encrypted,
  base_url,
  default_model,
  policy,
  last_tested_at,
  last_test_result,
  last_test_latency,
  count_
};

// Valid in the memory context that was current when it was read.
class tenant {
 public:
  static constexpr int columns = static_cast<int>(tenant_column::count_);
  std::string_view text(tenant_column c) const;  // empty when NULL
  bool is_null(tenant_column c) const noexcept { return nulls_[static_cast<int>(c)]; }
  Datum raw(tenant_column c) const noexcept { return values_[static_cast<int>(c)]; }
  std::string_view id() const { return text(tenant_column::tenant_id); }
  std::string_view stored_key() const { return text(tenant_column::api_key_encrypted); }
  llm_admin::stored_key kind_of_key() const;

 private:
  friend std::optional<tenant> find_tenant(std::string_view id, pg::as_of when);
  Datum values_[columns] = {};
  bool nulls_[columns] = {};
};

std::optional<tenant> find_tenant(std::string_view id, pg::as_of when = pg::as_of::statement);

// 22023 for what can be no tenant's name: empty, more than 255 characters, control characters.
void require_tenant_id(std::string_view id);

// The provider that a tenant's configuration names: by its name, else by an alias, both in lower case.
std::optional<provider> find_named_provider(std::string_view name, pg::as_of when = pg::as_of::statement);
provider require_named_provider(std::string_view name, pg::as_of when = pg::as_of::statement);

// Where the tenant's key is sent: its own base URL, else the provider's.
std::string_view base_url_of(const tenant& tenant, const provider& provider);
key_place place_of(const tenant& tenant, const provider& provider);
// The tenant's key; errors for a missing, foreign or unadopted one, LA031 and LA030 as open_at() says.
secret_bytes key_of(const tenant& tenant, const provider& provider);

// The tenant of this transaction: what enter_tenant() or the setting says; nothing when none.
std::optional<std::string_view> entered_tenant();
// Binds the transaction to `id`; 55000 when it is bound to another one, or the role is by its settings.
void enter_tenant(std::string_view id);
// 42501 when the transaction has entered another tenant than `id`.
void require_entered(std::string_view id);
// Whether it has entered another one: for what goes through all tenants.
bool is_out_of_reach(std::string_view id);

}  // namespace llm_admin::store
