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

#define LLM_ADMIN_ACCOUNT                                                            \
  "SELECT a.id::pg_catalog.text, a.name::pg_catalog.text, a.type::pg_catalog.text, " \
  "a.base_url::pg_catalog.text, a.api_key_encrypted FROM llm_admin.llm_providers a "
// $1: the provider, $2: whether it needs no key
#define LLM_ADMIN_USABLE_ACCOUNT                                                                          \
  "WHERE a.enabled AND (a.type OPERATOR(pg_catalog.=) $1::pg_catalog.varchar OR a.type::pg_catalog.text " \
  "OPERATOR(pg_catalog.=) ANY (SELECT n.alias FROM llm_admin.provider_aliases n WHERE n.provider_name "   \
  "OPERATOR(pg_catalog.=) $1::pg_catalog.varchar)) "                                                      \
  "AND ($2 OR a.api_key_encrypted OPERATOR(pg_catalog.<>) '') "
// $3: the model
#define LLM_ADMIN_AWAKE_ACCOUNT                                                                             \
  "AND NOT EXISTS (SELECT FROM llm_admin.account_state s WHERE s.subject OPERATOR(pg_catalog.=) "           \
  "a.id::pg_catalog.text AND s.tenant_id OPERATOR(pg_catalog.=) '' AND s.model OPERATOR(pg_catalog.=) ANY " \
  "(ARRAY['', $3]) AND s.state OPERATOR(pg_catalog.=) 'open' AND s.until OPERATOR(pg_catalog.>) "           \
  "pg_catalog.now()) "                                                                                      \
  "ORDER BY COALESCE((a.metadata OPERATOR(pg_catalog.->>) 'priority')::pg_catalog.numeric, "                \
  "0::pg_catalog.numeric) DESC, a.name, a.type"

pg::statement select_account{LLM_ADMIN_ACCOUNT LLM_ADMIN_USABLE_ACCOUNT LLM_ADMIN_AWAKE_ACCOUNT " LIMIT 1",
                             {TEXTOID, BOOLOID, TEXTOID}};
pg::statement select_accounts{LLM_ADMIN_ACCOUNT LLM_ADMIN_USABLE_ACCOUNT LLM_ADMIN_AWAKE_ACCOUNT " LIMIT 100",
                              {TEXTOID, BOOLOID, TEXTOID}};
pg::statement select_named_account{LLM_ADMIN_ACCOUNT LLM_ADMIN_USABLE_ACCOUNT
                                   "AND a.id OPERATOR(pg_catalog.=) $3::pg_catalog.uuid",
                                   {TEXTOID, BOOLOID, TEXTOID}};
pg::statement put_to_rest{
    "INSERT INTO llm_admin.account_state AS s (subject, model, state, until, reason, consecutive_failures) "
    "VALUES ($1, $2, 'open', $3, $4, 1) ON CONFLICT (subject, tenant_id, model) DO UPDATE SET state = "
    "'open', "
    "until = GREATEST(excluded.until, CASE WHEN s.state OPERATOR(pg_catalog.=) 'open' THEN s.until END), "
    "reason = excluded.reason, consecutive_failures = s.consecutive_failures OPERATOR(pg_catalog.+) 1",
    {TEXTOID, TEXTOID, TIMESTAMPTZOID, TEXTOID}};
pg::statement put_awake{
    "UPDATE llm_admin.account_state AS s SET state = 'closed', until = NULL, reason = NULL, "
    "consecutive_failures = 0 WHERE s.subject OPERATOR(pg_catalog.=) $1 AND s.tenant_id "
    "OPERATOR(pg_catalog.=) '' "
    "AND s.model OPERATOR(pg_catalog.=) ANY (ARRAY['', $2]) AND (s.state OPERATOR(pg_catalog.<>) 'closed' OR "
    "s.consecutive_failures OPERATOR(pg_catalog.>) 0)",
    {TEXTOID, TEXTOID}};

bool needs_no_key(const provider& of) { return of.text(provider_column::auth_scheme) == "none"; }

account account_in(const pg::row& row, const provider& of) {
  return {row.text(1), row.text(2), row.text(3),
          row.maybe_text(4).value_or(std::string(of.text(provider_column::base_url))),
          row.maybe_text(5).value_or("")};
}

bool may_be_any() { return expects(table::accounts) && may_have_rows(cached::accounts); }

}  // namespace

std::optional<account> account_for(const provider& of, std::string_view model) {
  if (!may_be_any()) return std::nullopt;
  const as_owner owner;
  pg::spi sql;
  if (sql.run(select_account, {pg::value(of.name()), pg::value(needs_no_key(of)), pg::value(model)}, true) ==
      0)
    return std::nullopt;
  return account_in(sql.at(0), of);
}

std::optional<account> account_of(const provider& of, const uuid_bytes& id) {
  if (!may_be_any()) return std::nullopt;
  const std::string text = uuid_string(id);
  const as_owner owner;
  pg::spi sql;
  if (sql.run(select_named_account, {pg::value(of.name()), pg::value(needs_no_key(of)), pg::value(text)},
              true) == 0)
    return std::nullopt;
  return account_in(sql.at(0), of);
}

std::vector<uuid_bytes> accounts_for(const provider& of, std::string_view model) {
  std::vector<uuid_bytes> found;
  if (!may_be_any()) return found;
  const as_owner owner;
  pg::spi sql;
  const std::uint64_t count =
      sql.run(select_accounts, {pg::value(of.name()), pg::value(needs_no_key(of)), pg::value(model)}, true);
  for (std::uint64_t n = 0; n < count; ++n)
    if (const auto id = read_uuid(sql.at(n).text_view(1))) found.push_back(*id);
  return found;
}

void rest_account(const uuid_bytes& id, std::string_view model, std::int64_t until, std::string_view reason) {
  const std::string subject = uuid_string(id);
  const as_owner owner;
  pg::spi sql;
  sql.run(put_to_rest, {pg::value(subject), pg::value(model),
                        pg::datum_value(TimestampTzGetDatum(until), TIMESTAMPTZOID), pg::value(reason)});
}

void note_success(const uuid_bytes& id, std::string_view model) {
  const std::string subject = uuid_string(id);
  const as_owner owner;
  pg::spi sql;
  sql.run(put_awake, {pg::value(subject), pg::value(model)});
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
