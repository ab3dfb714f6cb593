#include "pg/catalog.hpp"

#include "core/error.hpp"
#include "pg/guard.hpp"

namespace llm_admin::pg::catalog {

namespace {

constexpr std::size_t tables = static_cast<std::size_t>(table::count_);
constexpr std::size_t indexes = static_cast<std::size_t>(index::count_);
constexpr const char* table_names[tables] = {
    "llm_provider_configs", "llm_provider_config_history", "data_keys", "root_keys", "llm_configs",
    "provider_aliases"};
constexpr const char* index_names[indexes] = {"llm_provider_configs_provider_name_key",
                                              "llm_provider_configs_one_active", "data_keys_pkey",
                                              "llm_configs_tenant_id_key", "provider_aliases_pkey"};

Oid table_oids[tables];
Oid index_oids[indexes];
AttrNumber index_columns[indexes];
std::uint64_t generations[tables];
Oid schema_oid = InvalidOid;
Oid owner_oid = InvalidOid;
std::uint64_t aborts = 0;

// Callbacks set plain data only; they run where nothing may fail.
extern "C" void on_relcache_event(Datum, Oid relation) noexcept {
  for (std::size_t i = 0; i < tables; ++i)
    if (relation == InvalidOid || relation == table_oids[i]) {
      ++generations[i];
      table_oids[i] = InvalidOid;
      owner_oid = InvalidOid;
    }
  for (std::size_t i = 0; i < indexes; ++i)
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

[[noreturn]] void not_installed(const char* what) {
  throw llm_admin::error(sqlstate::undefined_object, "extension llm_admin is not installed in this database",
                         std::string("relation llm_admin.") + what + " does not exist",
                         "CREATE EXTENSION llm_admin");
}

Oid find(const char* name) {
  const Oid in = schema();
  const Oid oid = call([&] { return get_relname_relid(name, in); });
  if (!OidIsValid(oid)) not_installed(name);
  return oid;
}

}  // namespace

Oid schema() {
  if (!OidIsValid(schema_oid)) schema_oid = call([] { return get_namespace_oid("llm_admin", true); });
  if (!OidIsValid(schema_oid)) not_installed("llm_provider_configs");
  return schema_oid;
}

Oid oid_of(table which) {
  Oid& oid = table_oids[static_cast<std::size_t>(which)];
  if (!OidIsValid(oid)) oid = find(table_names[static_cast<std::size_t>(which)]);
  return oid;
}

bool exists(table which) {
  if (OidIsValid(table_oids[static_cast<std::size_t>(which)])) return true;
  const Oid in = schema();
  const char* name = table_names[static_cast<std::size_t>(which)];
  return call([=] { return OidIsValid(get_relname_relid(name, in)); });
}

Oid oid_of(index which) {
  const auto at = static_cast<std::size_t>(which);
  if (!OidIsValid(index_oids[at])) {
    const Oid oid = find(index_names[at]);
    index_columns[at] = call([&] {
      HeapTuple tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(oid));
      if (!HeapTupleIsValid(tuple)) elog(ERROR, "cache lookup failed for index %u", oid);
      const AttrNumber column = reinterpret_cast<Form_pg_index>(GETSTRUCT(tuple))->indkey.values[0];
      ReleaseSysCache(tuple);
      return column;
    });
    index_oids[at] = oid;
  }
  return index_oids[at];
}

AttrNumber key_column(index which) {
  (void)oid_of(which);
  return index_columns[static_cast<std::size_t>(which)];
}

Oid owner() {
  if (!OidIsValid(owner_oid)) {
    const Oid relation = oid_of(table::providers);
    owner_oid = call([&] {
      HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
      if (!HeapTupleIsValid(tuple)) elog(ERROR, "cache lookup failed for relation %u", relation);
      const Oid role = reinterpret_cast<Form_pg_class>(GETSTRUCT(tuple))->relowner;
      ReleaseSysCache(tuple);
      return role;
    });
  }
  return owner_oid;
}

std::uint64_t generation(table which) noexcept { return generations[static_cast<std::size_t>(which)]; }

void invalidate_table(table which) {
  const Oid relation = oid_of(which);
  call([&] { CacheInvalidateRelcacheByRelid(relation); });
}

std::uint64_t abort_count() noexcept { return aborts; }

void register_callbacks() {
  CacheRegisterRelcacheCallback(on_relcache_event, 0);
  CacheRegisterSyscacheCallback(NAMESPACEOID, on_namespace_event, 0);
  RegisterXactCallback(on_transaction_end, nullptr);
  RegisterSubXactCallback(on_subtransaction_end, nullptr);
}

}  // namespace llm_admin::pg::catalog
