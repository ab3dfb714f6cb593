// Sealing and opening the secrets of rows. A sealed key is bound to the place it was given for: installation,
// table, column, the row's natural key, and where and how it is sent (origin of the base URL, auth scheme,
// header template). Nothing of that can change without the key being given again. A tenant's key is sealed by
// the tenant's own data key, every other one by the installation's. Plaintext exists only in secret_bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/crypto/envelope.hpp"
#include "core/encoding.hpp"
#include "core/secret_bytes.hpp"

namespace llm_admin::store {

// Whose the key is: a row of llm_provider_configs, llm_configs or llm_providers.
enum class key_holder : std::uint8_t { provider, tenant, account };

// Views; valid as long as what they were made of.
struct key_place {
  std::string_view natural_key;  // provider_name, tenant_id, or the account's name
  std::string_view base_url;     // the one that the key is sent to
  std::string_view auth_scheme;
  std::string_view auth_header_template;
  key_holder holder = key_holder::provider;
  std::string_view type = {};  // of an account, which has its name from the name and the type

  std::string_view tenant() const noexcept {
    return holder == key_holder::tenant ? natural_key : std::string_view();
  }
};

// Whether the key of `a` would still go to the same place, in the same way, under `b`.
bool same_origin(const key_place& a, const key_place& b);

std::string seal_for(const key_place& place, byte_view plaintext);
// The same as another installation, under a data key that the key cache does not hold (new_identity.hpp).
std::string seal_for(const key_place& place, byte_view plaintext, const envelope::key_id& installation,
                     const envelope::key_id& id, crypto::aead_key& key);
// The plaintext; LA031 when the envelope is not this place's, LA030 without the right keyring.
secret_bytes open_at(const key_place& place, std::string_view envelope);
// Unbound envelopes: what encrypt_key() makes and decrypt_key() opens.
std::string seal_unbound(byte_view plaintext, std::string_view context);
secret_bytes open_unbound(std::string_view envelope, std::string_view context);

// What may stand in a key column, for the row triggers of the tables that have one: the text that belongs
// there when it differs from `stored`. `before` and `before_place` are those of the row as it was, null for a
// new one.
// An unbound envelope is bound; one bound elsewhere, and a place that changed under the key, are errors that
// name `owner` ("the key of provider x") and the statement of `hint` that supplies the key; a row that is
// renamed has its key sealed anew. Anything that is no key is refused.
struct key_change {
  std::string_view stored;
  const key_place& place;
  const std::string_view* before;
  const key_place* before_place;
};
struct key_texts {
  std::string owner;
  std::string supply;      // SQL that stores a key here
  std::string build = "";  // the function that builds requests with it
};
// As open_at(). A caller names providers and tenants itself; of an account the error tells which one it is, and the
// statement that stores its key.
secret_bytes open_of(const key_place& place, std::string_view envelope, const key_texts& texts);
// Nothing: what stands there stays.
std::optional<std::string> bound_key(const key_change& change, const key_texts& texts);

// The same for a row that is loaded, where nothing is opened or bound: refuses only what has no form of
// anything sealed. What the row held before may stay.
void require_sealed_form(std::string_view stored, const std::string_view* before, const key_texts& texts);

// Why a stored text that is no envelope gives no key: there is none, it is opaque, it awaits adoption.
[[noreturn]] void refuse_key(std::string_view stored, const key_texts& texts);

}  // namespace llm_admin::store
