// A row of llm_configs.
//
// The row is read with the rights of the code: row-level security does not bear on it, so every function that
// takes a tenant asks require_entered() first (store/entered_tenant.hpp). What belongs to it has files of its
// own: store/alias.hpp (the provider that it names), store/tenant_key.hpp (its key).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/keys/stored_key.hpp"
#include "pg/fetch.hpp"
#include "store/provider.hpp"

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

}  // namespace llm_admin::store
