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
#include "store/key_statements.hpp"
#include "store/owner.hpp"
#include "store/provider.hpp"
#include "store/provider_key.hpp"
#include "store/tables.hpp"
#include "store/tenant.hpp"
#include "store/tenant_key.hpp"

namespace llm_admin::store {

namespace {

bool visit_provider(std::string_view name, pg::as_of when, key_visitor visit) {
  const auto row = find_provider(name, when);
  if (!row || row->text(provider_column::api_key_encrypted).empty()) return false;
  visit({key_holder::provider, row->name(), row->text(provider_column::api_key_encrypted), place_of(*row)});
  return true;
}

bool visit_tenant(std::string_view id, pg::as_of when, key_visitor visit) {
  const auto row = find_tenant(id, when);
  if (!row || row->stored_key().empty()) return false;
  const auto provider = find_named_provider(row->text(tenant_column::provider), when);
  visit({key_holder::tenant, row->id(), row->stored_key(),
         provider ? std::optional<key_place>(place_of(*row, *provider)) : std::nullopt});
  return true;
}

std::string_view text_or_empty(const pg::row& of, int column) {
  return of.is_null(column) ? std::string_view() : of.text_view(column);
}

void visit_read_provider(const pg::row& of, pg::as_of, key_visitor visit) {
  const std::string_view name = of.text_view(1);
  const key_place place{name, of.text_view(3), of.text_view(4), text_or_empty(of, 5)};
  visit({key_holder::provider, name, of.text_view(2), place});
}

// The place is put together here as place_of() does it, without looking the tenant up once more.
void visit_read_tenant(const pg::row& of, pg::as_of when, key_visitor visit) {
  const std::string_view id = of.text_view(1);
  const std::string_view own_url = text_or_empty(of, 3);
  const auto provider = find_named_provider(of.text_view(4), when);
  if (!provider) return visit({key_holder::tenant, id, of.text_view(2), std::nullopt});
  const key_place place{id, own_url.empty() ? provider->text(provider_column::base_url) : own_url,
                        provider->text(provider_column::auth_scheme),
                        provider->text(provider_column::auth_header_template), key_holder::tenant};
  visit({key_holder::tenant, id, of.text_view(2), place});
}

void visit_read_account(const pg::row& of, pg::as_of when, key_visitor visit) {
  const std::string_view own_url = text_or_empty(of, 3), type = of.text_view(4), name = of.text_view(5);
  const auto provider = find_named_provider(type, when);
  stored_secret secret{key_holder::account, of.text_view(1), of.text_view(2), std::nullopt, name, type};
  if (provider)
    secret.place = key_place{name,
                             own_url.empty() ? provider->text(provider_column::base_url) : own_url,
                             provider->text(provider_column::auth_scheme),
                             provider->text(provider_column::auth_header_template),
                             key_holder::account,
                             type};
  visit(secret);
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

bool have_tenants() { return expects(table::tenants); }
bool have_accounts() { return expects(table::accounts); }

std::optional<std::string> holder_of(pg::statement& of, std::string_view text) {
  const as_owner owner;
  pg::spi sql;
  sql.run(of, {pg::value(text)}, true);
  const auto row = sql.first();
  return row ? std::optional<std::string>(row->text(1)) : std::nullopt;
}

}  // namespace

std::string stored_secret::label() const {
  if (holder == key_holder::account)
    return "account " + std::string(shortened(account, 200)) + " (" + std::string(type) + ")";
  return std::string(of_tenant() ? "tenant " : "provider ") + std::string(shortened(name, 200));
}

void each_stored_key(std::optional<std::int64_t> sample, key_visitor visit) {
  const auto of_provider = [&](const pg::row& of) { visit_read_provider(of, pg::as_of::statement, visit); };
  if (sample)
    visit_all(some_provider_keys, {pg::value(*sample)}, pg::as_of::statement, of_provider);
  else
    visit_all(provider_keys, {}, pg::as_of::statement, of_provider);
  const auto of_account = [&](const pg::row& of) { visit_read_account(of, pg::as_of::statement, visit); };
  if (have_accounts() && sample)
    visit_all(some_account_keys, {pg::value(*sample)}, pg::as_of::statement, of_account);
  else if (have_accounts())
    visit_all(account_keys, {}, pg::as_of::statement, of_account);
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
  if (have_accounts())
    visit_all(account_keys, {}, pg::as_of::latest, [&](const pg::row& of) {
      if (const auto by = outdated(of.text_view(2), newest))
        visit_read_account(of, pg::as_of::latest, [&](const stored_secret& secret) { visit(secret, *by); });
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

namespace {

struct row_statements {
  pg::statement &lock, &is_there, &put;
};

row_statements statements_of(key_holder holder) {
  if (holder == key_holder::account) return {lock_account, account_is_there, store_account_key};
  if (holder == key_holder::tenant) return {lock_tenant, tenant_is_there, store_tenant_key};
  return {lock_provider, provider_is_there, store_provider_key};
}

void visit_read(key_holder holder, const pg::row& of, pg::as_of when, key_visitor visit) {
  if (holder == key_holder::account)
    visit_read_account(of, when, visit);
  else if (holder == key_holder::tenant)
    visit_read_tenant(of, when, visit);
  else
    visit_read_provider(of, when, visit);
}

}  // namespace

visited with_locked_key(key_holder holder, std::string_view name, key_visitor visit) {
  const row_statements of = statements_of(holder);
  pg::spi sql;
  {
    const as_owner owner;
    if (sql.run_on_latest(of.lock, {pg::value(name)}) == 0)
      return sql.run_on_latest(of.is_there, {pg::value(name)}) > 0 ? visited::in_use : visited::gone;
  }
  visit_read(holder, *sql.first(), pg::as_of::latest, visit);
  return visited::done;
}

bool with_key_text(std::string_view text, key_visitor visit) {
  if (const auto name = holder_of(provider_with, text))
    return visit_provider(*name, pg::as_of::statement, visit);
  if (have_accounts()) {
    pg::spi sql;
    {
      const as_owner owner;
      sql.run(account_with, {pg::value(text)}, true);
    }
    if (const auto row = sql.first()) {
      visit_read_account(*row, pg::as_of::statement, visit);
      return true;
    }
  }
  if (!have_tenants()) return false;
  const auto id = holder_of(tenant_with, text);
  return id && visit_tenant(*id, pg::as_of::statement, visit);
}

void store_key_text(const stored_secret& of, std::string_view envelope) {
  const as_owner owner;
  pg::spi sql;
  if (sql.run(statements_of(of.holder).put, {pg::value(of.name), pg::value(envelope)}) == 1) return;
  throw llm_admin::error(sqlstate::not_in_state, "the key of " + of.label() + " could not be stored",
                         "another trigger suppressed the change");
}

}  // namespace llm_admin::store
