#include "store/account.hpp"

#include "core/crypto/envelope.hpp"
#include "core/given_name.hpp"
#include "core/keys/redact.hpp"
#include "pg/spi.hpp"
#include "store/cache_version.hpp"
#include "store/owner.hpp"
#include "store/tables.hpp"

namespace llm_admin::store {

namespace {

pg::statement select_account{
    "SELECT a.id::pg_catalog.text, a.name::pg_catalog.text, a.type::pg_catalog.text, "
    "a.base_url::pg_catalog.text, a.api_key_encrypted FROM llm_admin.llm_providers a "
    "WHERE a.enabled AND (a.type OPERATOR(pg_catalog.=) $1::pg_catalog.varchar OR a.type::pg_catalog.text "
    "OPERATOR(pg_catalog.=) ANY (SELECT n.alias FROM llm_admin.provider_aliases n WHERE n.provider_name "
    "OPERATOR(pg_catalog.=) $1::pg_catalog.varchar)) "
    "AND ($2 OR a.api_key_encrypted OPERATOR(pg_catalog.<>) '') "
    "AND NOT EXISTS (SELECT FROM llm_admin.account_state s WHERE s.subject OPERATOR(pg_catalog.=) "
    "a.id::pg_catalog.text AND s.tenant_id OPERATOR(pg_catalog.=) '' AND s.model OPERATOR(pg_catalog.=) '' "
    "AND s.state OPERATOR(pg_catalog.=) 'open' AND s.until OPERATOR(pg_catalog.>) pg_catalog.now()) "
    "ORDER BY COALESCE((a.metadata OPERATOR(pg_catalog.->>) 'priority')::pg_catalog.numeric, "
    "0::pg_catalog.numeric) DESC, a.name, a.type LIMIT 1",
    {TEXTOID, BOOLOID}};

}  // namespace

std::optional<account> account_for(const provider& of) {
  if (!expects(table::accounts) || !may_have_rows(cached::accounts)) return std::nullopt;
  const bool needs_no_key = of.text(provider_column::auth_scheme) == "none";
  const as_owner owner;
  pg::spi sql;
  if (sql.run(select_account, {pg::value(of.name()), pg::value(needs_no_key)}, true) == 0)
    return std::nullopt;
  const pg::row row = sql.at(0);
  return account{row.text(1), row.text(2), row.text(3),
                 row.maybe_text(4).value_or(std::string(of.text(provider_column::base_url))),
                 row.maybe_text(5).value_or("")};
}

key_place place_of(const account& of, const provider& provider) {
  return {of.name,
          of.base_url,
          provider.text(provider_column::auth_scheme),
          provider.text(provider_column::auth_header_template),
          key_holder::account,
          of.type};
}

secret_bytes key_of(const account& of, const provider& provider) {
  const key_texts texts = texts_of_account(of.name, of.type, true);
  if (!envelope::has_prefix(of.stored_key)) refuse_key(of.stored_key, texts);
  return open_of(place_of(of, provider), of.stored_key, texts);
}

key_texts texts_of_account(std::string_view name, std::string_view type, bool stored) {
  const std::string shown = stored ? std::string(shortened(name, 200)) : named_or_length(name);
  return {
      "account " + shown + " (" + std::string(type) + ")",
      "UPDATE llm_admin.llm_providers SET api_key_encrypted = llm_admin.encrypt_key('<key>') WHERE name = " +
          sql_literal(shown == name ? name : std::string_view(), "'<account>'") +
          " AND type = " + sql_literal(type, "'<provider>'"),
      "build_request"};
}

}  // namespace llm_admin::store
