#include "store/tables.hpp"

#include "pg/guard.hpp"
#include "pg/spi.hpp"
#include "store/damage.hpp"
#include "store/members.hpp"

namespace llm_admin::store {

namespace {

constexpr std::size_t table_count = static_cast<std::size_t>(table::count_);
constexpr std::size_t index_count = static_cast<std::size_t>(index::count_);
constexpr const char* table_names[table_count] = {"llm_provider_configs",
                                                  "llm_provider_config_history",
                                                  "data_keys",
                                                  "root_keys",
                                                  "llm_configs",
                                                  "provider_aliases",
                                                  "llm_providers",
                                                  "cache_versions",
                                                  "model_deployments",
                                                  "installed_models",
                                                  "model_aliases",
                                                  "model_permissions",
                                                  "tier_model_rules",
                                                  "tiers",
                                                  "user_tiers",
                                                  "model_pricing",
                                                  "model_price_history",
                                                  "audit_log",
                                                  "audit_payloads",
                                                  "provider_history_leaves",
                                                  "llm_usage_logs",
                                                  "usage_requests",
                                                  "access_keys",
                                                  "limits",
                                                  "limit_overrides",
                                                  "limit_events",
                                                  "limit_counters",
                                                  "quota_tickets",
                                                  "llm_calls",
                                                  "config_changes"};
constexpr const char* index_names[index_count] = {"llm_provider_configs_provider_name_key",
                                                  "llm_provider_configs_one_active",
                                                  "data_keys_pkey",
                                                  "llm_configs_tenant_id_key",
                                                  "provider_aliases_pkey",
                                                  "cache_versions_pkey",
                                                  "access_keys_pkey",
                                                  "access_keys_key_hash_key",
                                                  "access_keys_previous_hash_key",
                                                  "limit_counters_pkey",
                                                  "llm_calls_pkey",
                                                  "usage_requests_pkey",
                                                  "model_price_history_pkey"};

Oid table_oids[table_count];
Oid index_oids[index_count];
AttrNumber index_columns[index_count];
std::uint64_t generations[table_count];
Oid schema_oid = InvalidOid;
Oid owner_oid = InvalidOid;
std::uint64_t aborts = 0;

// Callbacks set plain data only; they run where nothing may fail.
extern "C" void on_relcache_event(Datum, Oid relation) noexcept {
  for (std::size_t i = 0; i < table_count; ++i)
    if (relation == InvalidOid || relation == table_oids[i]) {
      ++generations[i];
      table_oids[i] = InvalidOid;
      owner_oid = InvalidOid;
    }
  for (std::size_t i = 0; i < index_count; ++i)
    if (relation == InvalidOid || relation == index_oids[i]) index_oids[i] = InvalidOid;
}

extern "C" void on_namespace_event(Datum, int, uint32) noexcept {
  schema_oid = InvalidOid;
  // Nobody watches a table whose oid is not known: whatever was learnt of it is void as well.
  for (std::uint64_t& count : generations) ++count;
  for (Oid& oid : table_oids) oid = InvalidOid;
  for (Oid& oid : index_oids) oid = InvalidOid;
}

extern "C" void on_transaction_end(XactEvent event, void*) noexcept {
  // Whether a prepared transaction commits, and when, is told to nobody: what it made is not there until
  // then.
  if (event == XACT_EVENT_ABORT || event == XACT_EVENT_PREPARE) ++aborts;
}

extern "C" void on_subtransaction_end(SubXactEvent event, SubTransactionId, SubTransactionId,
                                      void*) noexcept {
  if (event == SUBXACT_EVENT_ABORT_SUB) ++aborts;
}

}  // namespace

Oid schema() {
  if (!OidIsValid(schema_oid)) schema_oid = pg::call([] { return get_namespace_oid("llm_admin", true); });
  if (!OidIsValid(schema_oid)) throw damage::of_relation(table_names[0]);
  return schema_oid;
}

Oid checking_trigger() {
  const Oid in = schema();
  return pg::call([=] {
    return GetSysCacheOid3(PROCNAMEARGSNSP, Anum_pg_proc_oid, CStringGetDatum("check_row"),
                           PointerGetDatum(buildoidvector(nullptr, 0)), ObjectIdGetDatum(in));
  });
}

Oid oid_of(table which) {
  Oid& oid = table_oids[static_cast<std::size_t>(which)];
  if (OidIsValid(oid)) return oid;
  const char* name = table_names[static_cast<std::size_t>(which)];
  const Oid found = relation_in(schema(), name);
  // A view of that name has no rows to fetch, nor has a partitioned table that should be none.
  if (!OidIsValid(found) || kind_of(found) != description(which).kind) throw damage::of_relation(name);
  return oid = found;
}

Oid lock(table which, int mode) {
  for (;;) {
    const Oid relation = oid_of(which);
    pg::call([=] { LockRelationOid(relation, mode); });
    // Whatever happened to the table before the lock was granted has been heard of by now.
    if (table_oids[static_cast<std::size_t>(which)] == relation) return relation;
    pg::call([=] {
      UnlockRelationOid(relation, mode);
      CHECK_FOR_INTERRUPTS();
    });
  }
}

bool exists(table which) {
  if (OidIsValid(table_oids[static_cast<std::size_t>(which)])) return true;
  return OidIsValid(relation_in(schema(), table_names[static_cast<std::size_t>(which)]));
}

bool expects(table which) {
  if (exists(which)) return true;
  const char* name = table_names[static_cast<std::size_t>(which)];
  if (creating_extension || minor_of(installed_extension().version) < minor_of(find_own_table(name)->since))
    return false;
  throw damage::of_relation(name);
}

Oid oid_of(index which) {
  const auto at = static_cast<std::size_t>(which);
  if (!OidIsValid(index_oids[at])) {
    const own_index& described = *find_own_index(index_names[at]);
    const Oid found = relation_in(schema(), described.name);
    AttrNumber column = InvalidAttrNumber;
    // Another index of that name would be searched with values of the wrong type.
    if (!OidIsValid(found) || !is_like(found, relation_in(schema(), described.table), described, &column))
      throw damage::of_index(described);
    index_columns[at] = column;
    index_oids[at] = found;
  }
  return index_oids[at];
}

AttrNumber key_column(index which) {
  (void)oid_of(which);
  return index_columns[static_cast<std::size_t>(which)];
}

bool is_known(table which, Oid relation, std::uint64_t in_generation) noexcept {
  const auto at = static_cast<std::size_t>(which);
  return table_oids[at] == relation && generations[at] == in_generation;
}

bool is_known(index which, Oid relation) noexcept {
  return index_oids[static_cast<std::size_t>(which)] == relation;
}

const own_table& description(table which) {
  return *find_own_table(table_names[static_cast<std::size_t>(which)]);
}

Oid owner() {
  while (!OidIsValid(owner_oid)) {
    const Oid relation = oid_of(table::providers);
    const Oid found = pg::call([=] {
      HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
      if (!HeapTupleIsValid(tuple)) return InvalidOid;
      const Oid role = reinterpret_cast<Form_pg_class>(GETSTRUCT(tuple))->relowner;
      ReleaseSysCache(tuple);
      return role;
    });
    // Dropped in between: the look-up by name says so, or finds the new table.
    if (!OidIsValid(found)) table_oids[static_cast<std::size_t>(table::providers)] = InvalidOid;
    owner_oid = found;
  }
  return owner_oid;
}

std::uint64_t generation(table which) noexcept { return generations[static_cast<std::size_t>(which)]; }

void invalidate_table(table which) {
  const Oid relation = oid_of(which);
  pg::call([&] { CacheInvalidateRelcacheByRelid(relation); });
}

std::uint64_t abort_count() noexcept { return aborts; }

void register_callbacks() {
  pg::detail::explain = damage::explain;
  pg::detail::find_damage = damage::find;
  pg::detail::explain_column = damage::explain_column;
  CacheRegisterRelcacheCallback(on_relcache_event, 0);
  CacheRegisterSyscacheCallback(NAMESPACEOID, on_namespace_event, 0);
  RegisterXactCallback(on_transaction_end, nullptr);
  RegisterSubXactCallback(on_subtransaction_end, nullptr);
}

}  // namespace llm_admin::store
