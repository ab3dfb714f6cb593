// Where our own objects live: OIDs of the schema and its tables, found by name once and kept until a relcache
// event.
//
// Backend-local state that must go when a table changes shape, or when a statement says so explicitly
// (invalidate_table), hangs on generation(): a number that rises with every event about one of our tables.
#pragma once

#include <cstdint>

#include "pg/server.hpp"
#include "store/own_tables.hpp"

namespace llm_admin::store {

enum class table : std::uint8_t {
  providers,
  history,
  data_keys,
  root_keys,
  tenants,  // llm_configs, since 0.3
  aliases,  // provider_aliases, since 0.3
  // since 0.6
  accounts,  // llm_providers
  cache_versions,
  deployments,  // model_deployments
  installed_models,
  model_aliases,
  permissions,  // model_permissions
  tier_rules,   // tier_model_rules
  tiers,
  user_tiers,
  model_pricing,
  price_history,  // model_price_history
  audit_log,
  audit_payloads,  // both partitioned
  history_leaves,  // provider_history_leaves
  usage_log,       // llm_usage_logs; partitioned
  usage_requests,
  // since 0.7
  access_keys,
  limits,
  limit_overrides,
  limit_events,
  limit_counters,
  quota_tickets,
  llm_calls,
  config_changes,
  count_
};
enum class index : std::uint8_t {
  providers_name,
  providers_active,
  data_keys_id,
  tenants_tenant,
  aliases_alias,
  cache_versions_subject,
  access_keys_id,
  access_keys_hash,
  access_keys_previous,
  limit_counters_key,
  llm_calls_id,
  usage_requests_key,
  price_history_key,
  count_
};

// These raise an error that says what became of the object, with the statement that mends it
// (store/damage.hpp), when it is not there.
Oid oid_of(table which);
// Locks the table and returns its OID: the name still means this table when the lock is held.
Oid lock(table which, int mode);
bool exists(table which);  // false, too, in a database whose extension is older than the table
// False only in such a database, and while a script of the extension runs: the error of oid_of() where the table should be
// there and is not. For whoever writes, and must not leave out what would go there.
bool expects(table which);
Oid oid_of(index which);             // of one that does what ours does, whoever made it
AttrNumber key_column(index which);  // the table's column that the index begins with
const own_table& description(table which);

// Whether nothing has happened to it since its OID, and the table's columns, were looked up. Plain reads, for
// guarded code that holds a lock.
bool is_known(table which, Oid relation, std::uint64_t in_generation) noexcept;
bool is_known(index which, Oid relation) noexcept;
Oid schema();
// The trigger function that only asks a table's constraints in other words, for pg::keyed_table; InvalidOid: none.
Oid checking_trigger();
Oid owner();  // of the providers table: the role whose rights the definer code runs with

// Rises when cached data of `which` must be read again. Cheap: callbacks only set flags.
std::uint64_t generation(table which) noexcept;

// Tells every session, at commit, that data derived from `which` is stale.
void invalidate_table(table which);

// Rises with every transaction or subtransaction that rolls back or is prepared; see store/own_rows.hpp.
std::uint64_t abort_count() noexcept;

void register_callbacks();  // _PG_init only

}  // namespace llm_admin::store
