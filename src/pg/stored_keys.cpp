#include "pg/stored_keys.hpp"

#include "core/error.hpp"
#include "core/redact.hpp"
#include "pg/catalog.hpp"
#include "pg/role.hpp"
#include "pg/spi.hpp"
#include "pg/tenant.hpp"

namespace llm_admin::pg {

namespace {

statement provider_keys{
    "SELECT p.provider_name::pg_catalog.text FROM llm_admin.llm_provider_configs p "
    "WHERE p.api_key_encrypted IS NOT NULL ORDER BY p.provider_name",
    {}};
statement some_provider_keys{
    "SELECT p.provider_name::pg_catalog.text FROM llm_admin.llm_provider_configs p "
    "WHERE p.api_key_encrypted IS NOT NULL ORDER BY pg_catalog.random() LIMIT $1",
    {INT8OID}};
statement tenant_keys{
    "SELECT c.tenant_id FROM llm_admin.llm_configs c "
    "WHERE c.api_key_encrypted OPERATOR(pg_catalog.<>) '' ORDER BY c.tenant_id",
    {}};
statement some_tenant_keys{
    "SELECT c.tenant_id FROM llm_admin.llm_configs c "
    "WHERE c.api_key_encrypted OPERATOR(pg_catalog.<>) '' ORDER BY pg_catalog.random() LIMIT $1",
    {INT8OID}};
statement lock_provider{
    "SELECT 1 FROM llm_admin.llm_provider_configs p "
    "WHERE p.provider_name OPERATOR(pg_catalog.=) $1::pg_catalog.varchar FOR NO KEY UPDATE",
    {TEXTOID}};
statement lock_tenant{
    "SELECT 1 FROM llm_admin.llm_configs c WHERE c.tenant_id OPERATOR(pg_catalog.=) $1 FOR NO KEY UPDATE",
    {TEXTOID}};
statement provider_with{
    "SELECT p.provider_name::pg_catalog.text FROM llm_admin.llm_provider_configs p "
    "WHERE p.api_key_encrypted OPERATOR(pg_catalog.=) $1 LIMIT 1",
    {TEXTOID}};
statement tenant_with{
    "SELECT c.tenant_id FROM llm_admin.llm_configs c WHERE c.api_key_encrypted OPERATOR(pg_catalog.=) $1 "
    "LIMIT 1",
    {TEXTOID}};
statement store_provider_key{
    "UPDATE llm_admin.llm_provider_configs AS p SET api_key_encrypted = $2 "
    "WHERE p.provider_name OPERATOR(pg_catalog.=) $1::pg_catalog.varchar",
    {TEXTOID, TEXTOID}};
statement store_tenant_key{
    "UPDATE llm_admin.llm_configs AS c SET api_key_encrypted = $2 WHERE c.tenant_id OPERATOR(pg_catalog.=) "
    "$1",
    {TEXTOID, TEXTOID}};

using visitor = std::function<void(const stored_secret&)>;

bool visit_provider(std::string_view name, as_of when, const visitor& visit) {
  const auto row = find_provider(name, when);
  if (!row || row->text(provider_column::api_key_encrypted).empty()) return false;
  visit({false, row->name(), row->text(provider_column::api_key_encrypted), place_of(*row)});
  return true;
}

bool visit_tenant(std::string_view id, as_of when, const visitor& visit) {
  const auto row = find_tenant(id, when);
  if (!row || row->stored_key().empty()) return false;
  const auto provider = find_named_provider(row->text(tenant_column::provider), when);
  visit({true, row->id(), row->stored_key(),
         provider ? std::optional<key_place>(place_of(*row, *provider)) : std::nullopt});
  return true;
}

void visit_all(statement& all, statement& some, std::optional<std::int64_t> sample, bool of_tenant,
               const visitor& visit) {
  const as_owner owner;
  spi sql;
  if (sample)
    sql.run(some, {value(*sample)}, true);
  else
    sql.run(all, {}, true);
  for (std::uint64_t n = 0; n < sql.rows(); ++n) {
    call([] { CHECK_FOR_INTERRUPTS(); });
    const std::string_view name = sql.at(n).text_view(1);
    if (of_tenant)
      (void)visit_tenant(name, as_of::statement, visit);
    else
      (void)visit_provider(name, as_of::statement, visit);
  }
}

bool have_tenants() { return catalog::exists(catalog::table::tenants); }

std::optional<std::string> holder(statement& of, std::string_view text) {
  const as_owner owner;
  spi sql;
  sql.run(of, {value(text)}, true);
  const auto row = sql.first();
  return row ? std::optional<std::string>(row->text(1)) : std::nullopt;
}

}  // namespace

std::string stored_secret::label() const {
  return std::string(of_tenant ? "tenant " : "provider ") + std::string(shortened(name, 200));
}

void each_stored_key(std::optional<std::int64_t> sample, const visitor& visit) {
  visit_all(provider_keys, some_provider_keys, sample, false, visit);
  if (have_tenants()) visit_all(tenant_keys, some_tenant_keys, sample, true, visit);
}

bool with_locked_key(bool of_tenant, std::string_view name, const visitor& visit) {
  {
    const as_owner owner;
    spi sql;
    if (sql.run_on_latest(of_tenant ? lock_tenant : lock_provider, {value(name)}) == 0) return false;
  }
  return of_tenant ? visit_tenant(name, as_of::latest, visit) : visit_provider(name, as_of::latest, visit);
}

bool with_key_text(std::string_view text, const visitor& visit) {
  if (const auto name = holder(provider_with, text)) return visit_provider(*name, as_of::statement, visit);
  if (!have_tenants()) return false;
  const auto id = holder(tenant_with, text);
  return id && visit_tenant(*id, as_of::statement, visit);
}

void store_key_text(bool of_tenant, std::string_view name, std::string_view envelope) {
  const as_owner owner;
  spi sql;
  if (sql.run(of_tenant ? store_tenant_key : store_provider_key, {value(name), value(envelope)}) == 1) return;
  throw llm_admin::error(sqlstate::not_in_state,
                         std::string("the key of ") + (of_tenant ? "tenant " : "provider ") +
                             std::string(shortened(name, 200)) + " could not be stored",
                         "another trigger suppressed the change");
}

}  // namespace llm_admin::pg
