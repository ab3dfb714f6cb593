#include "store/all_keys.hpp"

#include "core/crypto/envelope.hpp"
#include "core/error.hpp"
#include "core/keys/redact.hpp"
#include "pg/cursor.hpp"
#include "pg/fetch.hpp"
#include "pg/scratch.hpp"
#include "pg/spi.hpp"
#include "store/alias.hpp"
#include "store/data_keys.hpp"
#include "store/entered_tenant.hpp"
#include "store/key_cache.hpp"
#include "store/owner.hpp"
#include "store/provider.hpp"
#include "store/provider_key.hpp"
#include "store/tables.hpp"
#include "store/tenant.hpp"
#include "store/tenant_key.hpp"

namespace llm_admin::store {

namespace {

// What a visit needs of a row: its name, the text, and what its place is made of. In statements about
// tenants a null $1 stands for all of them.
pg::statement provider_keys{
    "SELECT p.provider_name::pg_catalog.text, p.api_key_encrypted, p.base_url, "
    "p.auth_scheme::pg_catalog.text, p.auth_header_template FROM llm_admin.llm_provider_configs p "
    "WHERE p.api_key_encrypted IS NOT NULL ORDER BY p.provider_name",
    {}};
pg::statement some_provider_keys{
    "SELECT p.provider_name::pg_catalog.text, p.api_key_encrypted, p.base_url, "
    "p.auth_scheme::pg_catalog.text, p.auth_header_template FROM llm_admin.llm_provider_configs p "
    "WHERE p.api_key_encrypted IS NOT NULL ORDER BY pg_catalog.random() LIMIT $1",
    {INT8OID}};
pg::statement tenant_keys{
    "SELECT c.tenant_id, c.api_key_encrypted, c.base_url, c.provider FROM llm_admin.llm_configs c "
    "WHERE c.api_key_encrypted OPERATOR(pg_catalog.<>) '' "
    "AND ($1 IS NULL OR c.tenant_id OPERATOR(pg_catalog.=) $1) ORDER BY c.tenant_id",
    {TEXTOID}};
pg::statement some_tenant_keys{
    "SELECT c.tenant_id, c.api_key_encrypted, c.base_url, c.provider FROM llm_admin.llm_configs c "
    "WHERE c.api_key_encrypted OPERATOR(pg_catalog.<>) '' "
    "AND ($1 IS NULL OR c.tenant_id OPERATOR(pg_catalog.=) $1) ORDER BY pg_catalog.random() LIMIT $2",
    {TEXTOID, INT8OID}};
// The newest data key of each tenant, in the order of tenant_keys.
pg::statement newest_data_keys{
    "SELECT DISTINCT ON (k.tenant_id COLLATE pg_catalog.\"C\") k.tenant_id, k.key_id, k.version "
    "FROM llm_admin.data_keys k WHERE k.tenant_id IS NOT NULL "
    "AND ($1 IS NULL OR k.tenant_id OPERATOR(pg_catalog.=) $1) "
    "ORDER BY k.tenant_id COLLATE pg_catalog.\"C\", k.version DESC",
    {TEXTOID}};
// Without waiting: whoever holds the row may be about to ask for a lock that we hold.
pg::statement lock_provider{
    "SELECT p.provider_name::pg_catalog.text, p.api_key_encrypted, p.base_url, "
    "p.auth_scheme::pg_catalog.text, p.auth_header_template FROM llm_admin.llm_provider_configs p "
    "WHERE p.provider_name OPERATOR(pg_catalog.=) $1::pg_catalog.varchar AND p.api_key_encrypted IS NOT NULL "
    "FOR NO KEY UPDATE SKIP LOCKED",
    {TEXTOID}};
pg::statement lock_tenant{
    "SELECT c.tenant_id, c.api_key_encrypted, c.base_url, c.provider FROM llm_admin.llm_configs c "
    "WHERE c.tenant_id OPERATOR(pg_catalog.=) $1 AND c.api_key_encrypted OPERATOR(pg_catalog.<>) '' "
    "FOR NO KEY UPDATE SKIP LOCKED",
    {TEXTOID}};
pg::statement provider_is_there{
    "SELECT 1 FROM llm_admin.llm_provider_configs p WHERE p.provider_name OPERATOR(pg_catalog.=) "
    "$1::pg_catalog.varchar AND p.api_key_encrypted IS NOT NULL",
    {TEXTOID}};
pg::statement tenant_is_there{
    "SELECT 1 FROM llm_admin.llm_configs c WHERE c.tenant_id OPERATOR(pg_catalog.=) $1 "
    "AND c.api_key_encrypted OPERATOR(pg_catalog.<>) ''",
    {TEXTOID}};
pg::statement provider_with{
    "SELECT p.provider_name::pg_catalog.text FROM llm_admin.llm_provider_configs p "
    "WHERE p.api_key_encrypted OPERATOR(pg_catalog.=) $1 LIMIT 1",
    {TEXTOID}};
pg::statement tenant_with{
    "SELECT c.tenant_id FROM llm_admin.llm_configs c WHERE c.api_key_encrypted OPERATOR(pg_catalog.=) $1 "
    "LIMIT 1",
    {TEXTOID}};
pg::statement store_provider_key{
    "UPDATE llm_admin.llm_provider_configs AS p SET api_key_encrypted = $2 "
    "WHERE p.provider_name OPERATOR(pg_catalog.=) $1::pg_catalog.varchar",
    {TEXTOID, TEXTOID}};
pg::statement store_tenant_key{
    "UPDATE llm_admin.llm_configs AS c SET api_key_encrypted = $2 WHERE c.tenant_id OPERATOR(pg_catalog.=) "
    "$1",
    {TEXTOID, TEXTOID}};

bool visit_provider(std::string_view name, pg::as_of when, key_visitor visit) {
  const auto row = find_provider(name, when);
  if (!row || row->text(provider_column::api_key_encrypted).empty()) return false;
  visit({false, row->name(), row->text(provider_column::api_key_encrypted), place_of(*row)});
  return true;
}

bool visit_tenant(std::string_view id, pg::as_of when, key_visitor visit) {
  const auto row = find_tenant(id, when);
  if (!row || row->stored_key().empty()) return false;
  const auto provider = find_named_provider(row->text(tenant_column::provider), when);
  visit({true, row->id(), row->stored_key(),
         provider ? std::optional<key_place>(place_of(*row, *provider)) : std::nullopt});
  return true;
}

std::string_view text_or_empty(const pg::row& of, int column) {
  return of.is_null(column) ? std::string_view() : of.text_view(column);
}

void visit_read_provider(const pg::row& of, pg::as_of, key_visitor visit) {
  const std::string_view name = of.text_view(1);
  const key_place place{name, of.text_view(3), of.text_view(4), text_or_empty(of, 5)};
  visit({false, name, of.text_view(2), place});
}

// The place is put together here as place_of() does it, without looking the tenant up once more.
void visit_read_tenant(const pg::row& of, pg::as_of when, key_visitor visit) {
  const std::string_view id = of.text_view(1);
  const std::string_view own_url = text_or_empty(of, 3);
  const auto provider = find_named_provider(of.text_view(4), when);
  if (!provider) return visit({true, id, of.text_view(2), std::nullopt});
  const key_place place{id, own_url.empty() ? provider->text(provider_column::base_url) : own_url,
                        provider->text(provider_column::auth_scheme),
                        provider->text(provider_column::auth_header_template), true};
  visit({true, id, of.text_view(2), place});
}

// The visits run with the caller's rights.
template <class Visit>
void visit_all(const pg::statement& all, std::initializer_list<pg::parameter> parameters, pg::as_of when,
               const Visit& visit, pg::spi* shared = nullptr) {
  const key_cache::passing all_keys_once;
  pg::cursor rows = cursor_by_owner(all, parameters, when, shared);
  pg::scratch memory;
  while (const auto next = rows.next()) {
    memory.reset();
    visit(*next);
  }
}

// Both tables are read in one order, so that neither has to be held in memory.
class newest_of_tenants {
 public:
  explicit newest_of_tenants(pg::spi& shared)
      : rows_(cursor_by_owner(newest_data_keys, {pg::value(entered_tenant())}, pg::as_of::latest, &shared)) {}

  // To be asked in ascending order.
  std::optional<data_keys::named> find(std::string_view tenant) {
    while (!ended_ && tenant_ < tenant) read();
    return !ended_ && tenant_ == tenant ? std::optional(newest_) : std::nullopt;
  }

 private:
  void read() {
    const auto next = rows_.next();
    ended_ = !next;
    if (ended_) return;
    tenant_ = next->text(1);
    newest_ = {data_keys::id_of(next->raw(2, UUIDOID)), next->integer(3), InvalidTransactionId};
  }

  pg::cursor rows_;
  std::string tenant_;
  data_keys::named newest_{};
  bool ended_ = false;
};

// What only begins like an envelope names no data key, and one that is bound to nothing opens for nobody.
std::optional<sealed_by> outdated(std::string_view text, const std::optional<data_keys::named>& newest) {
  const auto sealed = envelope::parse(text);
  if (!sealed || sealed->kind != envelope::kind::bound) return std::nullopt;
  if (newest && newest->id == sealed->key_id) return std::nullopt;
  if (!data_keys::root_of(sealed->key_id)) return sealed_by::missing_data_key;
  return newest && newest->version > 1 ? std::optional(sealed_by::older_data_key) : std::nullopt;
}

bool have_tenants() { return exists(table::tenants); }

std::optional<std::string> holder(pg::statement& of, std::string_view text) {
  const as_owner owner;
  pg::spi sql;
  sql.run(of, {pg::value(text)}, true);
  const auto row = sql.first();
  return row ? std::optional<std::string>(row->text(1)) : std::nullopt;
}

}  // namespace

std::string stored_secret::label() const {
  return std::string(of_tenant ? "tenant " : "provider ") + std::string(shortened(name, 200));
}

void each_stored_key(std::optional<std::int64_t> sample, key_visitor visit) {
  const auto of_provider = [&](const pg::row& of) { visit_read_provider(of, pg::as_of::statement, visit); };
  if (sample)
    visit_all(some_provider_keys, {pg::value(*sample)}, pg::as_of::statement, of_provider);
  else
    visit_all(provider_keys, {}, pg::as_of::statement, of_provider);
  if (!have_tenants()) return;
  const pg::parameter tenant = pg::value(entered_tenant());
  const auto of_tenant = [&](const pg::row& of) { visit_read_tenant(of, pg::as_of::statement, visit); };
  if (sample)
    visit_all(some_tenant_keys, {tenant, pg::value(*sample)}, pg::as_of::statement, of_tenant);
  else
    visit_all(tenant_keys, {tenant}, pg::as_of::statement, of_tenant);
}

void each_outdated_key(function_ref<void(const stored_secret&, sealed_by)> visit) {
  const auto newest = data_keys::newest({});
  visit_all(provider_keys, {}, pg::as_of::latest, [&](const pg::row& of) {
    if (const auto by = outdated(of.text_view(2), newest))
      visit_read_provider(of, pg::as_of::latest, [&](const stored_secret& secret) { visit(secret, *by); });
  });
  if (!have_tenants()) return;
  pg::spi shared;
  newest_of_tenants newest_of(shared);
  const auto of_tenant = [&](const pg::row& of) {
    if (const auto by = outdated(of.text_view(2), newest_of.find(of.text_view(1))))
      visit_read_tenant(of, pg::as_of::latest, [&](const stored_secret& secret) { visit(secret, *by); });
  };
  visit_all(tenant_keys, {pg::value(entered_tenant())}, pg::as_of::latest, of_tenant, &shared);
}

visited with_locked_key(bool of_tenant, std::string_view name, key_visitor visit) {
  pg::spi sql;
  std::uint64_t found = 0;
  {
    const as_owner owner;
    found = sql.run_on_latest(of_tenant ? lock_tenant : lock_provider, {pg::value(name)});
    if (found == 0) {
      const bool there =
          sql.run_on_latest(of_tenant ? tenant_is_there : provider_is_there, {pg::value(name)}) > 0;
      return there ? visited::in_use : visited::gone;
    }
  }
  const pg::row locked = *sql.first();
  if (of_tenant)
    visit_read_tenant(locked, pg::as_of::latest, visit);
  else
    visit_read_provider(locked, pg::as_of::latest, visit);
  return visited::done;
}

bool with_key_text(std::string_view text, key_visitor visit) {
  if (const auto name = holder(provider_with, text))
    return visit_provider(*name, pg::as_of::statement, visit);
  if (!have_tenants()) return false;
  const auto id = holder(tenant_with, text);
  return id && visit_tenant(*id, pg::as_of::statement, visit);
}

void store_key_text(bool of_tenant, std::string_view name, std::string_view envelope) {
  const as_owner owner;
  pg::spi sql;
  if (sql.run(of_tenant ? store_tenant_key : store_provider_key, {pg::value(name), pg::value(envelope)}) == 1)
    return;
  throw llm_admin::error(sqlstate::not_in_state,
                         std::string("the key of ") + (of_tenant ? "tenant " : "provider ") +
                             std::string(shortened(name, 200)) + " could not be stored",
                         "another trigger suppressed the change");
}

}  // namespace llm_admin::store
