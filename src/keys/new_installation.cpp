// new_installation: an identity of its own for a copy of a database. Every sealed key is opened, sealed under
// a new data key and bound to the new installation; the old data keys go. One transaction: whatever stops it
// leaves all as it was. updated_at, config_version and history stay as they are.
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "core/keys/redact.hpp"
#include "core/keys/stored_key.hpp"
#include "core/secret_bytes.hpp"
#include "core/text.hpp"
#include "pg/cursor.hpp"
#include "pg/entry.hpp"
#include "pg/fetch.hpp"
#include "pg/result.hpp"
#include "pg/role.hpp"
#include "pg/scratch.hpp"
#include "pg/settings.hpp"
#include "pg/stop_point.hpp"
#include "store/all_keys.hpp"
#include "store/audit.hpp"
#include "store/data_keys.hpp"
#include "store/entered_tenant.hpp"
#include "store/key_cache.hpp"
#include "store/new_identity.hpp"
#include "store/own_update.hpp"
#include "store/owner.hpp"
#include "store/provider.hpp"
#include "store/sealing.hpp"
#include "store/tables.hpp"
#include "store/tenant.hpp"

using namespace llm_admin;

namespace {

pg::statement provider_names{
    "SELECT p.provider_name::pg_catalog.text FROM llm_admin.llm_provider_configs p "
    "WHERE p.api_key_encrypted IS NOT NULL ORDER BY p.provider_name",
    {}};
pg::statement tenant_names{
    "SELECT c.tenant_id FROM llm_admin.llm_configs c WHERE c.api_key_encrypted OPERATOR(pg_catalog.<>) '' "
    "ORDER BY c.tenant_id",
    {}};
pg::statement account_ids{
    "SELECT a.id::pg_catalog.text FROM llm_admin.llm_providers a WHERE a.api_key_encrypted "
    "OPERATOR(pg_catalog.<>) '' ORDER BY a.id",
    {}};
pg::statement count_provider_keys{
    "SELECT pg_catalog.count(*) FROM llm_admin.llm_provider_configs p WHERE p.api_key_encrypted IS NOT NULL",
    {}};
pg::statement count_account_keys{
    "SELECT pg_catalog.count(*) FROM llm_admin.llm_providers a WHERE a.api_key_encrypted "
    "OPERATOR(pg_catalog.<>) ''",
    {}};

// Providers' rows first: who seals a provider's key holds one while the data key is being looked up. After
// these nobody seals, and what was sealed before is committed and seen.
void lock_all() {
  const Oid providers = store::oid_of(store::table::providers);
  pg::call([=] { LockRelationOid(providers, ShareRowExclusiveLock); });
  if (store::expects(store::table::accounts)) {
    const Oid accounts = store::oid_of(store::table::accounts);
    pg::call([=] { LockRelationOid(accounts, ShareRowExclusiveLock); });
  }
  store::data_keys::lock_for_change();
}

void refuse_within_tenant() {
  const auto entered = store::entered_tenant();
  if (!entered) return;
  throw error(sqlstate::insufficient_privilege,
              "this transaction has entered tenant " + std::string(shortened(*entered, 200)) +
                  ", and new_installation changes the keys of all",
              "", "COMMIT first");
}

std::string literal(std::string_view text) {
  const std::string copy(text);
  const char* characters = copy.c_str();
  return pg::call([=] { return quote_literal_cstr(characters); });
}

// What gives the key anew, and what lets it go.
std::string supply(const store::stored_secret& secret) {
  const std::string name = literal(secret.name);
  if (secret.holder == store::key_holder::account)
    return "UPDATE llm_admin.llm_providers SET api_key_encrypted = llm_admin.encrypt_key('<key>') WHERE id "
           "= " +
           name + ", or UPDATE llm_admin.llm_providers SET api_key_encrypted = NULL WHERE id = " + name;
  if (!secret.of_tenant())
    return "SELECT llm_admin.set_provider_key(" + name +
           ", '<key>'), or UPDATE llm_admin.llm_provider_configs SET api_key_encrypted = NULL WHERE "
           "provider_name = " +
           name;
  return "SELECT llm_admin.put_llm_config(" + name +
         ", '{\"apiKey\": \"<key>\"}'), or SELECT llm_admin.delete_llm_config(" + name + ")";
}

// Giving the key anew would meet the same missing provider.
std::string supply_provider(const store::stored_secret& secret) {
  if (secret.holder == store::key_holder::account)
    return store::statement_for_shipped(ascii_lower(secret.type))
        .value_or(
            "UPDATE llm_admin.llm_providers SET type = '<provider>', api_key_encrypted = "
            "llm_admin.encrypt_key('<key>') WHERE id = " +
            literal(secret.name));
  const auto tenant = store::find_tenant(secret.name, pg::as_of::latest);
  const auto shipped =
      tenant ? store::statement_for_shipped(ascii_lower(tenant->text(store::tenant_column::provider)))
             : std::nullopt;
  const std::string name = literal(secret.name);
  return shipped.value_or("SELECT llm_admin.put_llm_config(" + name +
                          ", '{\"provider\": \"<provider>\", \"baseUrl\": null, \"apiKey\": \"<key>\"}')") +
         ", or SELECT llm_admin.delete_llm_config(" + name + ")";
}

[[noreturn]] void refuse(const store::stored_secret& secret, sqlstate_t state, const std::string& why,
                         const std::string& hint = {}) {
  throw error(state, "the key of " + secret.label() + " does not open: every one has to be sealed anew", why,
              hint.empty() ? supply(secret) : hint);
}

secret_bytes opened(const store::stored_secret& secret) {
  if (!secret.place)
    refuse(secret, sqlstate::envelope_rejected, "its configuration names a provider that is not there",
           supply_provider(secret));
  try {
    return store::open_at(*secret.place, secret.text);
  } catch (const error& refused) {
    const std::string_view state = refused.sqlstate();
    const std::string why = refused.message() + (refused.detail().empty() ? "" : ": " + refused.detail());
    if (state == sqlstate::keyring) refuse(secret, sqlstate::keyring, why, refused.hint());
    if (state == sqlstate::envelope_rejected) refuse(secret, sqlstate::envelope_rejected, why);
    throw;
  }
}

class move {
 public:
  // Every row by its newest state, whatever snapshot the caller's statement has: the locks may have been
  // waited for.
  void run() {
    go_through(provider_names, store::key_holder::provider);
    pg::stop_point("new_installation.half");
    if (store::expects(store::table::accounts)) go_through(account_ids, store::key_holder::account);
    if (store::expects(store::table::tenants)) go_through(tenant_names, store::key_holder::tenant);
    pg::stop_point("new_installation.sealed");
    gone = identity_.take_over();
    pg::stop_point("new_installation.done");
  }

  std::int64_t made() const noexcept { return identity_.made(); }
  std::int64_t gone = 0, providers = 0, accounts = 0, tenants = 0, foreign = 0, openpgp = 0, refused = 0;

 private:
  void go_through(pg::statement& names, store::key_holder holder) {
    const store::as_owner owner;
    pg::cursor rows(names, {}, pg::as_of::latest);
    pg::scratch memory;
    while (const auto next = rows.next()) {
      memory.reset();
      (void)store::with_locked_key(holder, next->text_view(1),
                                   [&](const store::stored_secret& secret) { visit(secret); });
    }
  }

  void visit(const store::stored_secret& secret) {
    switch (classify(secret.text, pg::settings::foreign_schemes(), pg::settings::allow_stub_keys())) {
      case stored_key::none:
        return;
      case stored_key::foreign:
        ++foreign;
        return;
      case stored_key::openpgp:
        ++openpgp;
        return;
      case stored_key::refused:
        // Cut short or altered, it was sealed once; anything else never was.
        if (envelope::has_prefix(secret.text))
          refuse(secret, sqlstate::envelope_rejected, "the envelope is not whole");
        ++refused;
        return;
      case stored_key::unbound_envelope:
        refuse(secret, sqlstate::envelope_rejected, "the envelope is bound to no row, as after a load");
      case stored_key::bound_envelope:
        seal(secret);
    }
  }

  void seal(const store::stored_secret& secret) {
    const secret_bytes plain = opened(secret);
    const store::own_update note(store::own_change::resealing);
    store::store_key_text(secret, identity_.seal(*secret.place, plain.span()));
    ++(secret.of_tenant() ? tenants : secret.holder == store::key_holder::account ? accounts : providers);
  }

  static std::int64_t platform_keys() {
    const store::as_owner owner;
    pg::spi sql;
    sql.run_on_latest(count_provider_keys, {});
    std::int64_t count = sql.first()->bigint(1);
    if (!store::expects(store::table::accounts)) return count;
    sql.run_on_latest(count_account_keys, {});
    return count + sql.first()->bigint(1);
  }

  store::new_identity identity_{platform_keys()};
};

using facts = std::vector<std::pair<const char*, std::string>>;

facts told(const move& work) {
  return {{"data keys made", std::to_string(work.made())},
          {"data keys deleted", std::to_string(work.gone)},
          {"keys of providers sealed anew", std::to_string(work.providers)},
          {"keys of accounts sealed anew", std::to_string(work.accounts)},
          {"keys of tenants sealed anew", std::to_string(work.tenants)},
          {"keys sealed by the application, left as they are", std::to_string(work.foreign)},
          {"keys of pgcrypto, left as they are", std::to_string(work.openpgp)},
          {"values that are no key, left as they are", std::to_string(work.refused)},
          {"fingerprints", "key_fingerprint() gives other ones from now on"},
          {"envelopes elsewhere", "what encrypt_key() made before opens here no more"}};
}

}  // namespace

LLM_ADMIN_FUNCTION(llm_admin_new_installation)(FunctionCallInfo fcinfo) {
  pg::row_set rows(fcinfo);
  refuse_within_tenant();
  pg::require_primary("new_installation");
  lock_all();
  facts found;
  if (store::key_cache::exists()) {
    move work;
    work.run();
    found = told(work);
    store::write_audit({.action = "renewed", .resource_type = "installation"},
                       {{"data_keys_made", work.made()},
                        {"data_keys_deleted", work.gone},
                        {"provider_keys", work.providers},
                        {"tenant_keys", work.tenants}});
  } else {
    // No envelope opens without a data key: one that is there has lost its own.
    store::each_stored_key(std::nullopt, [](const store::stored_secret& secret) {
      if (envelope::has_prefix(secret.text)) (void)opened(secret);
    });
    found = {{"data keys", "none yet: the first key that is set makes them, and with them an identity"}};
  }
  for (const auto& [item, value] : found) {
    pg::row_builder row;
    row.add_text(item).add_text(value);
    rows.add(row);
  }
  return Datum{0};
}
