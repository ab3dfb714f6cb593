// validate_schema()'s look at accounts, and at what foreign keys and triggers of models and tiers say: a load takes
// rows in any order and asks none of them.
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "core/http/connection.hpp"
#include "core/keys/redact.hpp"
#include "ledger/schema_report.hpp"
#include "pg/cursor.hpp"
#include "pg/scratch.hpp"
#include "pg/settings.hpp"
#include "pg/spi.hpp"
#include "store/alias.hpp"
#include "store/bounds.hpp"
#include "store/entered_tenant.hpp"
#include "store/owner.hpp"
#include "store/provider.hpp"
#include "store/tables.hpp"

namespace llm_admin::ledger {

namespace {

// Whose it is, type, URL, key, what names the row in a statement.
pg::statement all_accounts{
    "SELECT pg_catalog.concat(a.name, ' (', a.type, ')'), a.type::pg_catalog.text, "
    "a.base_url::pg_catalog.text, a.api_key_encrypted, pg_catalog.quote_literal(a.id) "
    "FROM llm_admin.llm_providers a ORDER BY a.name, a.type",
    {}};

// Table, rows that lead nowhere, what they lead to, what takes them away. Of a tenant's, $1 is the one entered.
pg::statement astray{
    "SELECT v.object, v.count, v.detail, v.statement FROM (VALUES "
    "('installed_models', (SELECT pg_catalog.count(*) FROM llm_admin.installed_models m WHERE NOT EXISTS "
    "(SELECT FROM llm_admin.model_servers s WHERE s.id OPERATOR(pg_catalog.=) m.server_id)), "
    "'a server that is not in model_servers', "
    "'DELETE FROM llm_admin.installed_models m WHERE NOT EXISTS (SELECT FROM llm_admin.model_servers s "
    "WHERE s.id = m.server_id)'), "
    "('model_deployments', (SELECT pg_catalog.count(*) FROM llm_admin.model_deployments d WHERE NOT EXISTS "
    "(SELECT FROM llm_admin.installed_models m JOIN llm_admin.model_servers s ON s.id "
    "OPERATOR(pg_catalog.=) m.server_id WHERE m.id OPERATOR(pg_catalog.=) d.model_id "
    "AND m.server_id OPERATOR(pg_catalog.=) d.server_id)), "
    "'a model that is not installed on their server', "
    "'DELETE FROM llm_admin.model_deployments d WHERE NOT EXISTS (SELECT FROM llm_admin.installed_models m "
    "JOIN llm_admin.model_servers s ON s.id = m.server_id WHERE m.id = d.model_id AND m.server_id = "
    "d.server_id)'), "
    "('tier_model_rules', (SELECT pg_catalog.count(*) FROM llm_admin.tier_model_rules r WHERE NOT EXISTS "
    "(SELECT FROM llm_admin.tiers t WHERE t.tier_code OPERATOR(pg_catalog.=) r.tier_code)), "
    "'a tier that is not in tiers', "
    "'DELETE FROM llm_admin.tier_model_rules r WHERE NOT EXISTS (SELECT FROM llm_admin.tiers t "
    "WHERE t.tier_code = r.tier_code)'), "
    "('user_tiers', (SELECT pg_catalog.count(*) FROM llm_admin.user_tiers u WHERE ($1 IS NULL OR u.tenant_id "
    "OPERATOR(pg_catalog.=) $1) AND NOT EXISTS "
    "(SELECT FROM llm_admin.tiers t WHERE t.tier_code OPERATOR(pg_catalog.=) u.tier_code)), "
    "'a tier that is not in tiers', "
    "'DELETE FROM llm_admin.user_tiers u WHERE NOT EXISTS (SELECT FROM llm_admin.tiers t "
    "WHERE t.tier_code = u.tier_code)'), "
    "('access_keys', (SELECT pg_catalog.count(*) FROM llm_admin.access_keys k WHERE ($1 IS NULL OR "
    "k.tenant_id "
    "OPERATOR(pg_catalog.=) $1) AND k.tier_code IS NOT NULL AND NOT EXISTS "
    "(SELECT FROM llm_admin.tiers t WHERE t.tier_code OPERATOR(pg_catalog.=) k.tier_code)), "
    "'a tier that is not in tiers', "
    "'DELETE FROM llm_admin.access_keys k WHERE k.tier_code IS NOT NULL AND NOT EXISTS "
    "(SELECT FROM llm_admin.tiers t WHERE t.tier_code = k.tier_code)')) AS v (object, count, detail, "
    "statement)",
    {TEXTOID}};

void check_url(schema_report& report, const std::string& object, std::string_view url,
               const store::provider& provider, const std::string& statement) {
  const connection c{url, provider.text(store::provider_column::endpoint_path_template),
                     provider.text(store::provider_column::auth_scheme),
                     provider.is_null(store::provider_column::auth_header_template)
                         ? std::nullopt
                         : std::optional(provider.text(store::provider_column::auth_header_template)),
                     json::node()};
  const auto problems = connection_problems(c, pg::settings::plain_http_hosts(), store::poll);
  if (!problems.empty()) report.fault("account", object, problems.front(), statement);
}

}  // namespace

void check_accounts(schema_report& report) {
  const std::int64_t before = report.faults();
  const store::as_owner owner;
  if (!store::exists(store::table::accounts)) return;  // what 0.6 brings
  std::int64_t count = 0;
  pg::cursor rows(all_accounts, {});
  pg::scratch memory;
  while (const auto row = rows.next()) {
    memory.reset();
    ++count;
    const std::string object(shortened(row->text(1), 200));
    const std::string where = " WHERE id = " + row->text(5);
    const std::string supply =
        "UPDATE llm_admin.llm_providers SET api_key_encrypted = llm_admin.encrypt_key('<key>')" + where;
    const auto provider = store::find_named_provider(row->text(2));
    if (!provider)
      report.fault(
          "account", object,
          "its type leads to no provider; llm_provider_configs and provider_aliases of the same "
          "dump, or what ships, bring it back",
          store::statement_for_shipped(row->text(2)).value_or("DELETE FROM llm_admin.llm_providers" + where));
    else if (const auto url = row->maybe_text(3))
      check_url(report, object, *url, *provider,
                "UPDATE llm_admin.llm_providers SET base_url = '<url>', api_key_encrypted = "
                "llm_admin.encrypt_key('<key>')" +
                    where);
    const std::string key = row->maybe_text(4).value_or("");
    if (!key.empty()) check_key_text(report, {"account", object, key, supply});
  }
  add_if_clean(report, before, "account", "llm_providers", count);
}

void check_references(schema_report& report) {
  const std::int64_t before = report.faults();
  const store::as_owner owner;
  if (!store::exists(store::table::deployments)) return;  // what 0.6 brings
  pg::spi sql;
  sql.run(astray, {pg::value(store::entered_tenant())}, true);
  const std::uint64_t tables = sql.rows();
  for (std::uint64_t n = 0; n < tables; ++n) {
    const pg::row row = sql.at(n);
    const std::int64_t count = row.bigint(2);
    if (count == 0) continue;
    report.fault("reference", row.text(1),
                 std::to_string(count) + (count == 1 ? " row leads to " : " rows lead to ") + row.text(3) +
                     ": load that table of the same dump, or let them go",
                 row.text(4));
  }
  if (report.faults() == before)
    report.add("reference", "models and tiers", verdict::ok, std::to_string(tables) + " tables");
}

}  // namespace llm_admin::ledger
