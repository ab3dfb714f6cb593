// Data keys, opened with the keyring's root keys and kept in this backend: what seals and opens every secret.
//
// A data key is immutable once stored, so the cache is keyed by its id. It is emptied when data keys are
// rotated or shredded (every session is told at commit), whatever else changes their table's description
// (VACUUM does), and when rows that it knows may be gone with the transaction that made them
// (store/own_rows.hpp). It holds up to 131,072 of them in up to 8 MB, as many as were used, each with the uses
// that this session may still make of it (store/key_uses.hpp): a miss costs a row and an unwrap. Reading works
// on a standby; making keys, and counting uses, does not (25006).
#pragma once

#include <string>
#include <string_view>

#include "core/crypto/aead.hpp"
#include "core/crypto/envelope.hpp"
#include "core/secret_bytes.hpp"

namespace llm_admin::store {

struct data_key {
  envelope::key_id id;
  crypto::aead_key sealing;
};

namespace key_cache {

// While one lives, keys that are opened take the places of others instead of new ones: what goes through all
// keys opens each once, and would leave the session with memory for all of them.
class passing {
 public:
  passing() noexcept;
  ~passing();
  passing(const passing&) = delete;
  passing& operator=(const passing&) = delete;
};

// A reference stays valid until the next call of a function of this namespace.
// The current data key of a tenant, or of the installation for ""; made when there is none. Counts one use.
data_key& for_sealing(std::string_view tenant = {});
// The key of an envelope; LA031 when this database does not know it, LA030 when the keyring cannot open it.
data_key& find(const envelope::key_id& id);
// The uuid of the installation's first data key; for_sealing() makes one when there is none.
const envelope::key_id& installation();
// Whether any data key exists yet.
bool exists();
// The key of all fingerprints, whichever data key sealed the secret.
secret_bytes fingerprint_key();
// The key of receipts (core/calls/receipt.hpp) under a data key of the installation; LA031 and LA030 as find().
const secret_bytes& receipt_key(const envelope::key_id& id);
// What a statement that may seal tenants' keys takes before any row: data_keys::lock_for_use(), or the
// stronger lock where the very first data key may have to be made, so that nobody has to trade one for the
// other.
void lock_for_sealing();
// Makes the next version of a tenant's (or the installation's) data key and returns it.
std::int32_t rotate(std::string_view tenant);

}  // namespace key_cache

}  // namespace llm_admin::store
