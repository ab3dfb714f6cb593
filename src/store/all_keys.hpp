// Every stored API key of the database, of providers, accounts and tenants, with the place it is bound to: what
// verification, adoption, re-sealing and fingerprints go through.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/function_ref.hpp"
#include "store/sealing.hpp"

namespace llm_admin::store {

// One key column's value. Views are valid while it is being visited.
struct stored_secret {
  key_holder holder;
  std::string_view name;  // provider_name, tenant_id, or the account's id
  std::string_view text;  // what stands in the column; not empty
  // Where it belongs; nothing when a tenant or account names a provider that is not there.
  std::optional<key_place> place;
  std::string_view account = {}, type = {};  // of an account: its name and type

  bool of_tenant() const noexcept { return holder == key_holder::tenant; }
  std::string label() const;  // "provider x", "tenant x", "account x (type)"
};

using key_visitor = function_ref<void(const stored_secret&)>;

// Calls `visit` for every key, of providers, then accounts, then tenants, by name. `sample` random ones of each table with a number.
// Ours only to read. A transaction that has entered a tenant is shown no other one's. Each visit has memory
// of its own (pg/scratch.hpp), so that the number of keys does not matter, and the rights of the caller.
void each_stored_key(std::optional<std::int64_t> sample, key_visitor visit);

// The same for the keys that are not sealed by their owner's newest data key: by an older one of an owner
// whose data key was rotated (or by somebody else's), or by one that is not in this database, whose row was
// not restored or was destroyed. Told by what the envelope says, nothing is opened. Sees the newest committed
// state.
enum class sealed_by : std::uint8_t { older_data_key, missing_data_key };
void each_outdated_key(function_ref<void(const stored_secret&, sealed_by)> visit);

// The same row read anew and locked against change until the transaction ends, its newest committed version.
// Never waits for another transaction that holds the row: `in_use`.
enum class visited : std::uint8_t { done, in_use, gone };
visited with_locked_key(key_holder holder, std::string_view name, key_visitor visit);

// The place of the key column that holds this very text; false when none does.
bool with_key_text(std::string_view text, key_visitor visit);

// Stores `envelope` in place of what stands there.
void store_key_text(const stored_secret& of, std::string_view envelope);

}  // namespace llm_admin::store
