// validate_schema()'s look at tenants, at what key columns hold, and at data keys.
#include <algorithm>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "core/crypto/envelope.hpp"
#include "core/error.hpp"
#include "core/given_name.hpp"
#include "core/http/connection.hpp"
#include "core/keys/redact.hpp"
#include "core/text.hpp"
#include "ledger/schema_report.hpp"
#include "pg/cursor.hpp"
#include "pg/scratch.hpp"
#include "pg/settings.hpp"
#include "store/alias.hpp"
#include "store/entered_tenant.hpp"
#include "store/owner.hpp"
#include "store/provider.hpp"
#include "store/tenant.hpp"

namespace llm_admin::ledger {

namespace {

// Names as a statement takes them, also inside its JSON.
pg::statement all_tenants{
    "SELECT c.tenant_id, c.provider, c.base_url, c.api_key_encrypted, pg_catalog.quote_literal(c.tenant_id), "
    "pg_catalog.quote_literal(c.id) FROM llm_admin.llm_configs c ORDER BY c.tenant_id",
    {}};
pg::statement data_key_here{"SELECT 1 FROM llm_admin.data_keys k WHERE k.key_id OPERATOR(pg_catalog.=) $1",
                            {UUIDOID}};
pg::statement current_database{
    "SELECT pg_catalog.quote_ident(pg_catalog.current_database()::pg_catalog.text)", {}};
// Of data keys, $1 is the tenant entered, if any: others' are not counted and not named.
pg::statement lone_data_keys{
    "SELECT pg_catalog.concat('root key ', k.root_id), pg_catalog.count(*), k.root_id FROM "
    "llm_admin.data_keys k "
    "WHERE NOT EXISTS (SELECT FROM llm_admin.root_keys r WHERE r.root_id OPERATOR(pg_catalog.=) k.root_id) "
    "AND ($1 IS NULL OR k.tenant_id IS NULL OR k.tenant_id OPERATOR(pg_catalog.=) $1) "
    "GROUP BY k.root_id ORDER BY k.root_id",
    {TEXTOID}};
pg::statement count_data_keys{
    "SELECT pg_catalog.count(*), pg_catalog.count(*) FILTER (WHERE k.tenant_id IS NULL) "
    "FROM llm_admin.data_keys k WHERE $1 IS NULL OR k.tenant_id IS NULL "
    "OR k.tenant_id OPERATOR(pg_catalog.=) $1",
    {TEXTOID}};
// As jsonb a row of 0.3, which has no such column, lacks it.
// Of the newest data key of each owner: nothing is sealed by the others any more.
pg::statement damaged_counts{
    "SELECT k.tenant_id FROM (SELECT DISTINCT ON (d.tenant_id) d.* FROM llm_admin.data_keys d "
    "WHERE $1 IS NULL OR d.tenant_id IS NULL OR d.tenant_id OPERATOR(pg_catalog.=) $1 "
    "ORDER BY d.tenant_id, d.version DESC) k, LATERAL (SELECT (pg_catalog.to_jsonb(k) "
    "OPERATOR(pg_catalog.->>) 'uses')::pg_catalog.numeric) AS u (uses) WHERE (k.first_use_block "
    "OPERATOR(pg_catalog.>=) '-1048576'::pg_catalog.int8 AND COALESCE(u.uses, 0) OPERATOR(pg_catalog.>=) 0) "
    "IS NOT TRUE "
    "ORDER BY k.tenant_id, k.version LIMIT 100",
    {TEXTOID}};

bool is_here(const envelope::key_id& id) {
  pg_uuid_t key;
  static_assert(sizeof key.data == std::tuple_size_v<envelope::key_id>);
  std::copy(id.begin(), id.end(), key.data);
  const store::as_owner owner;
  pg::spi sql;
  return sql.run(data_key_here, {pg::datum_value(UUIDPGetDatum(&key), UUIDOID)}, true) > 0;
}

// Asked once for a name that many tenants have in a row.
class shipped_names {
 public:
  const std::optional<std::string>& operator()(std::string_view name) {
    std::string lower = ascii_lower(name);
    if (!asked_ || *asked_ != lower) {
      statement_ = store::statement_for_shipped(lower);
      asked_ = std::move(lower);
    }
    return statement_;
  }

 private:
  std::optional<std::string> asked_;
  std::optional<std::string> statement_;
};

std::string database() {
  pg::spi sql;
  sql.run(current_database, {}, true);
  return sql.first()->text(1);
}

void check_unlisted(schema_report& report, const key_column& column) {
  const std::string scheme(column.text.substr(0, column.text.find(':')));
  if (scheme == "kms-stub")
    return report.fault(column.kind, column.object, "its key is a kms-stub: value, which is not encrypted",
                        column.statement);
  const std::string schemes(pg::settings::foreign_schemes());
  report.fault(column.kind, column.object,
               "the scheme of its key is not in llm_admin.foreign_schemes: " + scheme,
               "ALTER DATABASE " + database() + " SET llm_admin.foreign_schemes = '" + schemes +
                   (schemes.empty() ? "" : ",") + scheme + "'");
}

}  // namespace

void check_key_text(schema_report& report, const key_column& column) {
  const auto fault = [&](std::string_view detail) {
    report.fault(column.kind, column.object, detail, column.statement);
  };
  switch (classify(column.text, pg::settings::foreign_schemes(), pg::settings::allow_stub_keys())) {
    case stored_key::none:
    case stored_key::foreign:
      return;
    case stored_key::bound_envelope: {
      const auto sealed = envelope::parse(column.text);
      if (sealed && !is_here(sealed->key_id))
        fault(
            "its key is sealed by a data key that is not here: load data_keys and root_keys of the same "
            "dump, or give the key again");
      return;
    }
    case stored_key::unbound_envelope:
      return fault("its key is in an envelope that is bound to no row, and opens for nobody");
    case stored_key::openpgp:
      return report.add(column.kind, column.object, verdict::yours, "its key is a pgcrypto value",
                        "SELECT * FROM llm_admin.adopt_pgcrypto_keys('<passphrase>')");
    case stored_key::refused:
      break;
  }
  if (has_sealed_form(column.text) && !envelope::has_prefix(column.text))
    return check_unlisted(report, column);
  fault(envelope::has_prefix(column.text) ? "its key is an envelope that is cut short or altered"
                                          : "what stands for its key is no encrypted key");
}

void check_tenants(schema_report& report) {
  const std::int64_t before = report.faults();
  std::int64_t count = 0;
  shipped_names again_from_shipped;
  const store::as_owner owner;
  {
    pg::cursor rows(all_tenants, {});
    pg::scratch memory;
    while (const auto row = rows.next()) {
      memory.reset();
      const std::string id = row->text(1);
      if (store::is_out_of_reach(id)) continue;
      ++count;
      const std::string object(shortened(id, 200));
      const std::string again = "SELECT llm_admin.put_llm_config(" + row->text(5) +
                                ", '{\"provider\": \"<provider>\", \"baseUrl\": null, "
                                "\"apiKey\": \"<key>\"}')";
      try {
        store::require_tenant_id(id);
      } catch (const error& e) {
        if (e.is_fault()) throw;
        report.fault("tenant", object, e.message() + (e.detail().empty() ? "" : ": " + e.detail()),
                     "DELETE FROM llm_admin.llm_configs WHERE id = " + row->text(6));
      }
      if (!store::find_named_provider(row->text(2))) {
        const auto shipped = again_from_shipped(row->text(2));
        report.fault("tenant", object,
                     "its provider does not exist: " + std::string(shortened(row->text(2), 200)) +
                         (shipped ? "; llm_provider_configs and provider_aliases of the same dump, or what "
                                    "ships, bring it back"
                                  : ""),
                     shipped.value_or(again));
      }
      if (const auto url = row->maybe_text(3)) {
        const auto problems = tenant_url_problems(*url, pg::settings::plain_http_hosts());
        if (!problems.empty()) report.fault("tenant", object, "base_url: " + problems.front(), again);
      }
      const std::string key = row->text(4);
      const std::string supply =
          "SELECT llm_admin.put_llm_config(" + row->text(5) + ", '{\"apiKey\": \"<key>\"}')";
      if (!key.empty()) check_key_text(report, {"tenant", object, key, supply});
    }
  }
  if (store::entered_tenant())  // whether there are others or not
    report.add("tenant", "other tenants", verdict::not_tried,
               "this transaction has entered a tenant; of others nothing is told");
  add_if_clean(report, before, "tenant", "llm_configs", count);
}

void check_data_keys(schema_report& report) {
  const std::int64_t before = report.faults();
  const store::as_owner owner;
  pg::spi sql;
  const auto entered = store::entered_tenant();
  sql.run(lone_data_keys, {pg::value(entered)}, true);
  for (std::uint64_t n = 0; n < sql.rows(); ++n)
    report.fault("data key", sql.at(n).text(1),
                 "wraps " + std::to_string(sql.at(n).bigint(2)) +
                     " data keys and has no row in root_keys: load root_keys of the same dump, or have it "
                     "made from the keyring",
                 "SELECT * FROM llm_admin.rotate_root_key(" + std::to_string(sql.at(n).integer(3)) + ")");
  sql.run(damaged_counts, {pg::value(entered)}, true);
  for (std::uint64_t n = 0; n < sql.rows(); ++n) {
    const auto tenant = sql.at(n).maybe_text(1);
    report.fault("data key", tenant ? tenant_named(*tenant, true) : std::string("installation"),
                 "the count of its uses is damaged: nothing more is sealed by it",
                 "SELECT llm_admin.rotate_data_key(" + (tenant ? tenant_literal(*tenant, true) : "") + ")");
  }
  sql.run(count_data_keys, {pg::value(entered)}, true);
  const std::int64_t count = sql.first()->bigint(1);
  if (count > 0 && sql.first()->bigint(2) == 0)
    report.fault("data key", "installation",
                 "tenants have data keys and the installation has none: load data_keys of the same dump", "");
  add_if_clean(report, before, "data key", "data_keys", count);
}

}  // namespace llm_admin::ledger
