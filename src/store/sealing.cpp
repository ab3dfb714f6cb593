#include "store/sealing.hpp"

#include "core/crypto/binding.hpp"
#include "core/error.hpp"
#include "core/http/url.hpp"
#include "core/keys/stored_key.hpp"
#include "pg/settings.hpp"
#include "store/key_cache.hpp"

namespace llm_admin::store {

namespace {

const char* table_of(key_holder holder) {
  if (holder == key_holder::tenant) return "llm_configs";
  return holder == key_holder::account ? "llm_providers" : "llm_provider_configs";
}

crypto::binding binding_of(const key_place& place, const envelope::key_id& installation) {
  crypto::binding b("llm_admin/bound/v1");
  b.add(byte_view(installation)).add(table_of(place.holder)).add("api_key_encrypted").add(place.natural_key);
  if (place.holder == key_holder::account) b.add(place.type);
  b.add(origin(place.base_url)).add(place.auth_scheme).add(place.auth_header_template);
  return b;
}

crypto::binding binding_of(const key_place& place) { return binding_of(place, key_cache::installation()); }

crypto::binding unbound_binding(std::string_view context) {
  crypto::binding b("llm_admin/unbound/v1");
  b.add(byte_view(key_cache::installation())).add(context);
  return b;
}

secret_bytes open(const envelope::sealed& sealed, const crypto::binding& bound) {
  std::optional<secret_bytes> plain =
      envelope::open(key_cache::find(sealed.key_id).sealing, sealed, bound.bytes());
  if (!plain) envelope::reject();
  return std::move(*plain);
}

[[noreturn]] void refuse_raw_key(const key_texts& texts) {
  throw llm_admin::error(
      sqlstate::config_invalid, "api_key_encrypted accepts only encrypted keys",
      "the value is no envelope (lma1.), no foreign scheme of llm_admin.foreign_schemes and no pgcrypto "
      "value",
      texts.supply + ", or store llm_admin.encrypt_key('<key>')")
      .without_context();
}

}  // namespace

bool same_origin(const key_place& a, const key_place& b) {
  return origin(a.base_url) == origin(b.base_url) && a.auth_scheme == b.auth_scheme &&
         a.auth_header_template == b.auth_header_template;
}

std::string seal_for(const key_place& place, byte_view plaintext) {
  const crypto::binding bound =
      binding_of(place);  // before the key: a reference lasts until the store's next call
  data_key& key = key_cache::for_sealing(place.tenant());
  return envelope::seal(key.sealing, key.id, envelope::kind::bound, bound.bytes(), plaintext);
}

std::string seal_for(const key_place& place, byte_view plaintext, const envelope::key_id& installation,
                     const envelope::key_id& id, crypto::aead_key& key) {
  return envelope::seal(key, id, envelope::kind::bound, binding_of(place, installation).bytes(), plaintext);
}

secret_bytes open_at(const key_place& place, std::string_view text) {
  const std::optional<envelope::sealed> sealed = envelope::parse(text);
  if (!sealed || sealed->kind != envelope::kind::bound) envelope::reject();
  if (!key_cache::exists()) envelope::reject_unknown_key();
  return open(*sealed, binding_of(place));
}

secret_bytes open_of(const key_place& place, std::string_view text, const key_texts& texts) {
  try {
    return open_at(place, text);
  } catch (const llm_admin::error& refused) {
    if (place.holder != key_holder::account ||
        std::string_view(refused.sqlstate()) != sqlstate::envelope_rejected)
      throw;
    throw llm_admin::error(refused.sqlstate(), refused.message(),
                           "the key of " + texts.owner + ": " + refused.detail(),
                           "store the key again: " + texts.supply);
  }
}

std::string seal_unbound(byte_view plaintext, std::string_view context) {
  const crypto::binding place = unbound_binding(context);
  data_key& key = key_cache::for_sealing();
  return envelope::seal(key.sealing, key.id, envelope::kind::unbound, place.bytes(), plaintext);
}

secret_bytes open_unbound(std::string_view text, std::string_view context) {
  const std::optional<envelope::sealed> sealed = envelope::parse(text);
  if (!sealed || sealed->kind != envelope::kind::unbound) envelope::reject();
  if (!key_cache::exists()) envelope::reject_unknown_key();
  return open(*sealed, unbound_binding(context));
}

std::optional<std::string> bound_key(const key_change& change, const key_texts& texts) {
  const bool as_before = change.before != nullptr && *change.before == change.stored;
  switch (classify(change.stored, pg::settings::foreign_schemes(), pg::settings::allow_stub_keys())) {
    case stored_key::none:
    case stored_key::foreign:
    case stored_key::openpgp:
      return std::nullopt;
    case stored_key::refused:
      if (as_before) return std::nullopt;                           // an old value may stay, it opens nothing
      if (envelope::has_prefix(change.stored)) envelope::reject();  // cut short or altered
      refuse_raw_key(texts);
    case stored_key::unbound_envelope: {
      const secret_bytes plain = open_unbound(change.stored, "");
      return seal_for(change.place, plain.span());
    }
    case stored_key::bound_envelope:
      break;
  }
  if (!as_before) {
    (void)open_of(change.place, change.stored,
                  texts);  // moved here from another row or origin it does not open
    return std::nullopt;
  }
  if (!same_origin(*change.before_place, change.place))
    throw llm_admin::error(
        sqlstate::config_invalid, "the key of " + texts.owner + " is bound to the place it was given for",
        "base_url's scheme, host or port, auth_scheme or auth_header_template changed; an existing key is "
        "never sent elsewhere",
        "supply the key in the same UPDATE (api_key_encrypted = llm_admin.encrypt_key('<key>')), or set it "
        "to " +
            std::string(change.place.holder == key_holder::tenant ? "''" : "NULL") + " first");
  if (change.before_place->natural_key == change.place.natural_key &&
      change.before_place->type == change.place.type)
    return std::nullopt;
  const secret_bytes plain = open_of(*change.before_place, change.stored, texts);
  return seal_for(change.place, plain.span());
}

void require_sealed_form(std::string_view stored, const std::string_view* before, const key_texts& texts) {
  if (stored.empty() || has_sealed_form(stored)) return;
  if (classify(stored, pg::settings::foreign_schemes(), pg::settings::allow_stub_keys()) !=
      stored_key::refused)
    return;
  if (before != nullptr && *before == stored) return;
  const bool cut = envelope::has_prefix(stored);
  throw llm_admin::error(
      sqlstate::config_invalid, "api_key_encrypted accepts only encrypted keys, in a load too",
      "the row of " + texts.owner +
          (cut ? " holds an envelope (lma1.) that is cut short or altered"
               : " holds a value that is no envelope (lma1.), has no foreign scheme and is no pgcrypto "
                 "value"),
      "leave the key out of that row (NULL for a provider or account, '' for a tenant), load it, then " +
          texts.supply)
      .without_context();
}

void refuse_key(std::string_view stored, const key_texts& texts) {
  switch (classify(stored, pg::settings::foreign_schemes(), pg::settings::allow_stub_keys())) {
    case stored_key::none:
      throw llm_admin::error(sqlstate::not_in_state, texts.owner + " has no key", "", texts.supply);
    case stored_key::foreign:
      throw llm_admin::error(sqlstate::not_in_state, "the key of " + texts.owner + " is opaque",
                             "it was sealed by the application and is never decrypted here",
                             "call " + texts.build + " with with_key => false and add the header yourself");
    case stored_key::openpgp:
      throw llm_admin::error(sqlstate::not_in_state,
                             "the key of " + texts.owner + " still is a pgcrypto value", "",
                             "SELECT * FROM llm_admin.adopt_pgcrypto_keys('<passphrase>')");
    case stored_key::bound_envelope:
    case stored_key::unbound_envelope:
    case stored_key::refused:
      break;
  }
  envelope::reject();
}

}  // namespace llm_admin::store
