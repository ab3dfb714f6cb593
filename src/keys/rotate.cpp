// rotate_root_key, rotate_data_key, shred_tenant_keys: the life of root and data keys. Each is one
// transaction under the lock that store/data_keys.hpp names, so a kill at any point leaves what was before, and
// a second call does what is left to do.
#include <string>

#include "core/error.hpp"
#include "core/given_name.hpp"
#include "core/keys/redact.hpp"
#include "pg/args.hpp"
#include "pg/entry.hpp"
#include "pg/result.hpp"
#include "pg/role.hpp"
#include "pg/spi.hpp"
#include "pg/stop_point.hpp"
#include "store/audit.hpp"
#include "store/data_keys.hpp"
#include "store/entered_tenant.hpp"
#include "store/key_cache.hpp"
#include "store/keyring.hpp"
#include "store/owner.hpp"
#include "store/rewrap.hpp"
#include "store/root_keys.hpp"
#include "store/tenant.hpp"

using namespace llm_admin;

namespace {

// Without waiting: whoever holds the row may be about to ask for the lock on data_keys that is held here.
pg::statement forget_key{
    "UPDATE llm_admin.llm_configs AS c SET api_key_encrypted = '' WHERE c.tenant_id OPERATOR(pg_catalog.=) "
    "ANY "
    "(SELECT l.tenant_id FROM llm_admin.llm_configs l WHERE l.tenant_id OPERATOR(pg_catalog.=) $1 "
    "AND pg_catalog.starts_with(l.api_key_encrypted, 'lma1.') FOR NO KEY UPDATE SKIP LOCKED)",
    {TEXTOID}};
pg::statement key_is_left{
    "SELECT 1 FROM llm_admin.llm_configs c WHERE c.tenant_id OPERATOR(pg_catalog.=) $1 "
    "AND pg_catalog.starts_with(c.api_key_encrypted, 'lma1.')",
    {TEXTOID}};

// A root key that an operator has just added may be in the file and not yet in this backend.
void require_in_file(std::int32_t root_id) {
  store::keyring::require_newest();
  (void)store::require_root(root_id);
}

// What stays behind is said at once, and by key_status() as long as it is so.
void warn_of_damaged(const store::data_keys::rewrapped& found) {
  if (found.damaged == 0) return;
  std::string owners;
  for (const std::string& one : found.owners) owners += (owners.empty() ? "" : ", ") + one;
  const auto more = found.damaged - static_cast<std::int64_t>(found.owners.size());
  if (more > 0) owners += " and " + std::to_string(more) + " more";
  const std::string shred = found.first_tenant.empty() ? std::string()
                                                       : ", or SELECT * FROM llm_admin.shred_tenant_keys(" +
                                                             sql_literal(found.first_tenant, "'<tenant>'") +
                                                             ") and store the key again";
  const char* who = owners.c_str();
  const char* otherwise = shred.c_str();
  const auto count = static_cast<long long>(found.damaged);
  pg::call([=] {
    ereport(WARNING, (errmsg_plural("%lld data key does not open and stays under its old root key",
                                    "%lld data keys do not open and stay under their old root keys",
                                    static_cast<unsigned long>(count), count),
                      errdetail("They belong to %s.", who),
                      errhint("restore their rows of llm_admin.data_keys from a backup and run this again%s",
                              otherwise)));
  });
}

void require_tenant(const std::optional<std::string_view>& tenant) {
  if (!tenant) return;
  store::require_tenant_id(*tenant);
  store::require_entered(*tenant);
}

// What goes through all tenants tells how many there are.
void require_no_tenant(const std::string& call) {
  if (!store::entered_tenant()) return;
  throw error(sqlstate::not_in_state,
              call.substr(0, call.find('(')) + " works on all tenants, and this transaction has entered one",
              "", "in a transaction that has entered none: SELECT * FROM llm_admin." + call);
}

// Its data keys are gone, so the envelope opens for nobody; only its text is still there.
void warn_of_rest(std::string_view tenant) {
  const std::string id(shortened(tenant, 200));
  const char* const name = id.c_str();
  pg::call([=] {
    ereport(
        WARNING,
        (errmsg("the stored key of tenant %s could not be blanked", name),
         errdetail("Another transaction holds the row. The data keys are destroyed: the envelope that still "
                   "stands there opens for nobody once this transaction has committed."),
         errhint("When that transaction has ended: SELECT * FROM llm_admin.shred_tenant_keys(%s)",
                 quote_literal_cstr(name))));
  });
}

}  // namespace

LLM_ADMIN_FUNCTION(llm_admin_rotate_root_key)(FunctionCallInfo fcinfo) {
  const auto id = pg::args(fcinfo).integer(0);
  if (!id) throw error(sqlstate::null_not_allowed, "argument new_id must not be null");
  if (*id < 1)
    throw error(sqlstate::invalid_parameter, "ids of root keys begin at 1", "",
                "SELECT * FROM llm_admin.key_status() shows the ids that the keyring holds");
  require_no_tenant("rotate_root_key(" + std::to_string(*id) + ")");
  pg::require_primary("rotate_root_key");
  require_in_file(*id);
  store::data_keys::lock_for_change();
  (void)store::key_cache::installation();
  (void)store::root_keys::activate(*id);
  pg::stop_point("rotate_root_key.activated");
  const store::data_keys::rewrapped found = store::data_keys::rewrap(*id);
  warn_of_damaged(found);
  store::write_audit({.action = "rotated", .resource_type = "root_key", .resource_id = std::to_string(*id)},
                     {{"data_keys", found.done}, {"damaged", found.damaged}});
  pg::stop_point("rotate_root_key.done");
  pg::row_builder row;
  row.add_integer(*id).add_bigint(found.done);
  return pg::make_row(fcinfo, row);
}

LLM_ADMIN_SCALAR(llm_admin_rotate_data_key, INT4OID)(FunctionCallInfo fcinfo) {
  const auto tenant = pg::args(fcinfo).text(0);
  require_tenant(tenant);
  pg::require_primary("rotate_data_key");
  const std::int32_t version = store::key_cache::rotate(tenant.value_or(std::string_view()));
  store::write_audit({.action = "rotated", .resource_type = "data_key", .tenant_id = tenant.value_or("")},
                     {{"version", version}});
  pg::stop_point("rotate_data_key.made");
  return Int32GetDatum(version);
}

LLM_ADMIN_FUNCTION(llm_admin_shred_tenant_keys)(FunctionCallInfo fcinfo) {
  const std::string_view tenant = pg::args(fcinfo).required_text(0, "tenant_id");
  require_tenant(tenant);
  pg::require_primary("shred_tenant_keys");
  store::data_keys::lock_for_change();
  const std::int64_t keys = store::data_keys::shred(tenant);
  pg::stop_point("shred_tenant_keys.deleted");
  std::int64_t secrets = 0;
  bool is_left = false;
  {
    const store::as_owner owner;
    pg::spi sql;
    secrets = static_cast<std::int64_t>(sql.run_on_latest(forget_key, {pg::value(tenant)}));
    is_left = sql.run_on_latest(key_is_left, {pg::value(tenant)}) > 0;
  }
  if (is_left) warn_of_rest(tenant);
  store::write_audit({.action = "shredded", .resource_type = "data_key", .tenant_id = tenant},
                     {{"data_keys", keys}, {"stored_keys", secrets}, {"stored_keys_left", is_left ? 1 : 0}});
  pg::stop_point("shred_tenant_keys.done");
  pg::row_builder row;
  row.add_bigint(keys).add_bigint(secrets);
  return pg::make_row(fcinfo, row);
}
