// encrypt_key, decrypt_key, decrypt_provider_key, set_provider_key, mask_key, key_fingerprint, and the
// trigger that tells sessions of changed data keys. Plaintext exists in the caller's argument, in
// secret_bytes, and in the result.
#include <string>

#include "core/crypto/envelope.hpp"
#include "core/crypto/primitives.hpp"
#include "core/crypto/wrap.hpp"
#include "core/error.hpp"
#include "core/given_name.hpp"
#include "core/keys/key_text.hpp"
#include "core/keys/redact.hpp"
#include "core/keys/stored_key.hpp"
#include "core/secret_bytes.hpp"
#include "pg/entry.hpp"
#include "pg/fetch.hpp"
#include "pg/role.hpp"
#include "pg/settings.hpp"
#include "pg/spi.hpp"
#include "store/alias.hpp"
#include "store/all_keys.hpp"
#include "store/data_keys.hpp"
#include "store/entered_tenant.hpp"
#include "store/key_cache.hpp"
#include "store/own_update.hpp"
#include "store/owner.hpp"
#include "store/provider.hpp"
#include "store/provider_key.hpp"
#include "store/sealing.hpp"
#include "store/tables.hpp"
#include "store/trigger.hpp"

using namespace llm_admin;

namespace {

pg::statement store_key{
    "UPDATE llm_admin.llm_provider_configs AS p SET api_key_encrypted = $2 "
    "WHERE p.provider_name OPERATOR(pg_catalog.=) $1::pg_catalog.varchar",
    {TEXTOID, TEXTOID}};
pg::statement store_key_by{
    "UPDATE llm_admin.llm_provider_configs AS p SET api_key_encrypted = $2, updated_by = $3 "
    "WHERE p.provider_name OPERATOR(pg_catalog.=) $1::pg_catalog.varchar",
    {TEXTOID, TEXTOID, TEXTOID}};
pg::statement lock_row{
    "SELECT 1 FROM llm_admin.llm_provider_configs p "
    "WHERE p.provider_name OPERATOR(pg_catalog.=) $1::pg_catalog.varchar FOR NO KEY UPDATE",
    {TEXTOID}};

// What does not even begin like an envelope is a slip, a provider's name for instance; it may also be a key,
// so it is not quoted.
void require_envelope(std::string_view given, const std::string& hint) {
  if (envelope::has_prefix(given)) return;
  throw error(sqlstate::invalid_parameter, "the argument is no envelope",
              "envelopes begin with lma1.; nothing is said of the stored keys", hint);
}

Datum text_from(const secret_bytes& plain) { return pg::make_text(plain.text()); }

}  // namespace

LLM_ADMIN_SCALAR(llm_admin_encrypt_key, TEXTOID)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  const std::string_view plain = in.required_text(0, "plaintext", pg::most::key);
  if (plain.empty()) throw error(sqlstate::invalid_parameter, "the plaintext is empty");
  return pg::make_text(store::seal_unbound(as_bytes(plain), in.required_text(1, "context", pg::most::key)));
}

LLM_ADMIN_SCALAR(llm_admin_decrypt_key, TEXTOID)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  const std::string_view given = in.required_text(0, "envelope", pg::most::key);
  require_envelope(
      given,
      "for what encrypt_key() made: SELECT llm_admin.decrypt_key('<envelope>'); for stored keys: SELECT "
      "llm_admin.decrypt_provider_key('<provider>'), SELECT llm_admin.decrypt_tenant_key('<tenant>')");
  return text_from(store::open_unbound(given, in.required_text(1, "context", pg::most::key)));
}

LLM_ADMIN_SCALAR(llm_admin_decrypt_provider_key, TEXTOID)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  return text_from(store::key_of(store::require_provider(in.required_text(0, "provider_name"))));
}

LLM_ADMIN_SCALAR(llm_admin_set_provider_key, TEXTOID)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  const std::string_view given = in.required_text(0, "provider_name");
  const std::string_view key = in.required_text(1, "api_key", pg::most::key);
  const auto by = in.text(2);
  require_key(key);
  pg::require_primary("set_provider_key");
  const std::string name = store::provider_named(given);
  if (!store::find_provider(name, pg::as_of::latest)) store::unknown_provider(name);
  store::key_cache::lock_for_sealing();  // before the row's
  {
    const store::as_owner owner;
    pg::spi sql;
    if (sql.run_on_latest(lock_row, {pg::value(name)}) == 0) store::unknown_provider(name);
    const auto row = store::find_provider(name, pg::as_of::latest);
    if (!row) store::unknown_provider(name);
    const std::string sealed = store::seal_for(store::place_of(*row), as_bytes(key));
    const auto changed = by ? sql.run(store_key_by, {pg::value(name), pg::value(sealed), pg::value(*by)})
                            : sql.run(store_key, {pg::value(name), pg::value(sealed)});
    if (changed != 1)
      throw error(sqlstate::not_in_state, "the key of provider " + name + " could not be stored",
                  "another trigger on llm_provider_configs suppressed the change");
  }
  return pg::make_text(mask_key(key));
}

LLM_ADMIN_SCALAR(llm_admin_mask_key, TEXTOID)(FunctionCallInfo fcinfo) {
  return pg::make_text(mask_key(pg::args(fcinfo).required_text(0, "key", pg::most::key)));
}

LLM_ADMIN_SCALAR(llm_admin_key_fingerprint, TEXTOID)(FunctionCallInfo fcinfo) {
  const std::string_view given = pg::args(fcinfo).required_text(0, "envelope", pg::most::key);
  const auto named = envelope::has_prefix(given) ? std::nullopt : store::find_provider(given);
  require_envelope(given,
                   "SELECT llm_admin.key_fingerprint(api_key_encrypted) FROM llm_admin.llm_provider_configs "
                   "WHERE provider_name = " +
                       (named ? sql_literal(named->name(), "'<provider>'") : std::string("'<provider>'")));
  const auto sealed = envelope::parse(given);
  if (!sealed) envelope::reject();
  if (!store::key_cache::exists()) envelope::reject_unknown_key();
  secret_bytes plain;
  if (sealed->kind == envelope::kind::unbound) {
    plain = store::open_unbound(given, "");
  } else {
    // A bound envelope opens only in its place, so the place is looked up.
    const bool found = store::with_key_text(given, [&](const store::stored_secret& secret) {
      if (!secret.place || (secret.of_tenant() && store::is_out_of_reach(secret.name))) envelope::reject();
      plain = store::open_at(*secret.place, secret.text);
    });
    if (!found) envelope::reject();
  }
  return pg::make_text(crypto::fingerprint(store::key_cache::fingerprint_key().span(), plain.span()));
}

LLM_ADMIN_FUNCTION(llm_admin_data_keys_changed)(FunctionCallInfo fcinfo) {
  const store::trigger_call trigger(
      fcinfo, store::table::data_keys,
      {{true, false, {TRIGGER_EVENT_UPDATE, TRIGGER_EVENT_DELETE, TRIGGER_EVENT_TRUNCATE}},
       {false,
        false,
        {TRIGGER_EVENT_INSERT, TRIGGER_EVENT_UPDATE, TRIGGER_EVENT_DELETE, TRIGGER_EVENT_TRUNCATE}},
       {false, true, {TRIGGER_EVENT_INSERT, TRIGGER_EVENT_UPDATE, TRIGGER_EVENT_DELETE}}});
  // Rows that somebody changes by hand keep the uses that are counted meanwhile: nobody counts under this
  // lock.
  if (trigger.before()) {
    store::data_keys::lock_for_change();
    return trigger.unchanged();
  }
  // A new key changes nothing that a session holds; where one must be taken up, rotation says so itself. On a
  // logical subscriber it is the row that comes.
  if (trigger.for_row()) {
    store::invalidate_table(store::table::data_keys);
    return trigger.unchanged();
  }
  if (!trigger.inserts() && store::own_update::current() != store::own_change::rewrapping)
    store::invalidate_table(store::table::data_keys);
  return trigger.unchanged();
}
