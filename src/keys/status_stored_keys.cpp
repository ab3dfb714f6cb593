// The part of key_status() that looks at stored keys: what they are, and by which data key. Nothing is
// opened.
#include <array>
#include <string>

#include "core/given_name.hpp"
#include "core/keys/stored_key.hpp"
#include "keys/status.hpp"
#include "pg/args.hpp"
#include "pg/cursor.hpp"
#include "pg/scratch.hpp"
#include "pg/settings.hpp"
#include "pg/spi.hpp"
#include "store/all_keys.hpp"
#include "store/entered_tenant.hpp"
#include "store/owner.hpp"
#include "store/provider.hpp"
#include "store/tables.hpp"

namespace llm_admin::keys {

namespace {

pg::statement provider_keys{
    "SELECT p.api_key_encrypted, p.provider_name::pg_catalog.text FROM llm_admin.llm_provider_configs p "
    "ORDER BY p.provider_name",
    {}};
pg::statement account_keys{
    "SELECT a.api_key_encrypted, pg_catalog.format('name = %L AND type = %L', a.name, a.type) "
    "FROM llm_admin.llm_providers a ORDER BY a.name, a.type",
    {}};
// Null stands for all tenants.
pg::statement tenant_keys{
    "SELECT c.api_key_encrypted, c.tenant_id FROM llm_admin.llm_configs c WHERE $1 IS NULL OR c.tenant_id "
    "OPERATOR(pg_catalog.=) $1 ORDER BY c.tenant_id",
    {TEXTOID}};

// Sealed keys of tenants whose provider is not here, so that nothing tells what they are bound to.
pg::statement keys_without_provider{
    "SELECT pg_catalog.count(*), pg_catalog.min(c.tenant_id), pg_catalog.lower(pg_catalog.min(c.provider "
    "COLLATE pg_catalog.\"C\")) FROM llm_admin.llm_configs c WHERE c.api_key_encrypted "
    "OPERATOR(pg_catalog.<>) '' AND ($1 IS NULL OR c.tenant_id OPERATOR(pg_catalog.=) $1) AND "
    "pg_catalog.lower(c.provider COLLATE pg_catalog.\"C\") OPERATOR(pg_catalog.<>) ALL ("
    "SELECT p.provider_name::pg_catalog.text FROM llm_admin.llm_provider_configs p UNION ALL "
    "SELECT a.alias FROM llm_admin.provider_aliases a JOIN llm_admin.llm_provider_configs p "
    "ON p.provider_name OPERATOR(pg_catalog.=) a.provider_name)",
    {TEXTOID}};

// How many there are of each kind, and whose the first is.
struct counts {
  std::array<std::int64_t, 6> of_kind{};
  std::array<std::string, 6> firsts{};
  std::int64_t of(stored_key kind) const { return of_kind[static_cast<std::size_t>(kind)]; }
  const std::string& first(stored_key kind) const { return firsts[static_cast<std::size_t>(kind)]; }
};

std::string set_provider_key(std::string_view provider) {
  return "SELECT llm_admin.set_provider_key(" + sql_literal(provider, "'<provider>'") + ", '<key>')";
}
std::string put_tenant_key(std::string_view tenant) {
  return "SELECT llm_admin.put_llm_config(" + sql_literal(tenant, "'<tenant>'") +
         ", '{\"apiKey\": \"<key>\"}')";
}

std::string set_account_key(const std::string& account) {
  return "UPDATE llm_admin.llm_providers SET api_key_encrypted = llm_admin.encrypt_key('<key>') WHERE " +
         account;
}

counts count(const pg::statement& select, std::initializer_list<pg::parameter> parameters) {
  counts found;
  pg::cursor rows = store::cursor_by_owner(select, parameters);
  pg::scratch memory;
  while (const auto row = rows.next()) {
    memory.reset();
    const std::string_view text = row->is_null(1) ? std::string_view() : row->text_view(1);
    const auto kind = static_cast<std::size_t>(
        classify(text, pg::settings::foreign_schemes(), pg::settings::allow_stub_keys()));
    if (++found.of_kind[kind] == 1) found.firsts[kind] = row->text(2);
  }
  return found;
}

// The statement for the first key of the kind in each table where there are some.
std::string where_stored(const counts& of_providers, const counts& of_accounts, const counts& of_tenants,
                         stored_key kind) {
  std::string text;
  if (of_providers.of(kind) > 0) text = set_provider_key(of_providers.first(kind));
  if (of_accounts.of(kind) > 0) text += (text.empty() ? "" : "; ") + set_account_key(of_accounts.first(kind));
  if (of_tenants.of(kind) > 0) text += (text.empty() ? "" : "; ") + put_tenant_key(of_tenants.first(kind));
  return text;
}

void add_keys_without_provider(status_rows& rows) {
  const store::as_owner owner;
  pg::spi sql;
  sql.run(keys_without_provider, {pg::value(store::entered_tenant())}, true);
  const pg::row row = *sql.first();
  if (row.bigint(1) == 0) return;
  rows.add("keys of tenants whose provider is not here", std::to_string(row.bigint(1)), verdict::error,
           "restore llm_admin.llm_provider_configs and llm_admin.provider_aliases from the dump that these "
           "keys are from; else " +
               store::statement_for_shipped(row.text(3)).value_or("SELECT llm_admin.create_provider(...)") +
               " (tenant " + row.text(2) + (row.bigint(1) > 1 ? ", ..." : "") + ")");
}

}  // namespace

void add_stored_keys(status_rows& rows) {
  const counts of_providers = count(provider_keys, {});
  counts of_accounts, of_tenants;
  if (store::exists(store::table::accounts)) of_accounts = count(account_keys, {});
  const bool tenants = store::exists(store::table::tenants);
  if (tenants) of_tenants = count(tenant_keys, {pg::value(store::entered_tenant())});
  const auto add = [&](stored_key kind, const char* item, const char* when_any, std::string_view hint) {
    const std::int64_t count = of_providers.of(kind) + of_accounts.of(kind) + of_tenants.of(kind);
    rows.add(item, std::to_string(count), count > 0 ? when_any : verdict::ok, count > 0 ? hint : "");
  };
  const auto supply = [&](stored_key kind) {
    return where_stored(of_providers, of_accounts, of_tenants, kind);
  };
  const std::int64_t providers_without = of_providers.of(stored_key::none);
  rows.add("providers without a key", std::to_string(providers_without),
           providers_without > 0 ? verdict::info : verdict::ok,
           providers_without > 0 ? set_provider_key(of_providers.first(stored_key::none)) : "");
  const std::int64_t accounts_without = of_accounts.of(stored_key::none);
  if (accounts_without > 0)
    rows.add("accounts without a key", std::to_string(accounts_without), verdict::info,
             set_account_key(of_accounts.first(stored_key::none)));
  const std::int64_t tenants_without = of_tenants.of(stored_key::none);
  if (tenants_without > 0)
    rows.add("tenants without a key", std::to_string(tenants_without), verdict::info,
             put_tenant_key(of_tenants.first(stored_key::none)));
  add(stored_key::bound_envelope, "keys in envelopes", verdict::ok, "");
  add(stored_key::unbound_envelope, "keys in unbound envelopes", verdict::error,
      supply(stored_key::unbound_envelope));
  add(stored_key::foreign, "keys sealed by the application", verdict::info, "they are never decrypted here");
  add(stored_key::openpgp, "keys of pgcrypto", verdict::warning,
      "SELECT * FROM llm_admin.adopt_pgcrypto_keys('<passphrase>')");
  add(stored_key::refused, "values that are no key", verdict::error, supply(stored_key::refused));
  if (tenants) add_keys_without_provider(rows);
}

void add_data_keys_of_stored(status_rows& rows) {
  constexpr std::size_t most_names = 5;
  std::int64_t older = 0, missing = 0;
  std::string names, tenant;
  store::each_outdated_key([&](const store::stored_secret& secret, store::sealed_by by) {
    if (by == store::sealed_by::older_data_key) {
      ++older;
      return;
    }
    if (secret.of_tenant() && tenant.empty()) tenant = secret.name;
    if (static_cast<std::size_t>(++missing) <= most_names)
      names += (names.empty() ? "" : ", ") + secret.label();
  });
  rows.add("keys sealed by an older data key", std::to_string(older), older > 0 ? verdict::info : verdict::ok,
           older > 0 ? "SELECT * FROM llm_admin.reseal_keys()" : "");
  if (missing > static_cast<std::int64_t>(most_names)) names += ", ...";
  std::string hint =
      "restore llm_admin.data_keys and llm_admin.root_keys first, from the dump that these keys are "
      "from and before anything else is sealed here; else store the keys again";
  if (!tenant.empty())
    hint += "; where a tenant's keys were shredded: SELECT * FROM llm_admin.shred_tenant_keys(" +
            sql_literal(tenant, "'<tenant>'") + ")";
  hint += " (" + names + ")";
  rows.add("keys sealed by a data key that is not here", std::to_string(missing),
           missing > 0 ? verdict::error : verdict::ok, missing > 0 ? hint : "");
}

}  // namespace llm_admin::keys
