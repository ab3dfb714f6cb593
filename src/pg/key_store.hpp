// Data keys, opened with the keyring's root keys and kept in this backend: what seals and opens every secret.
//
// A data key is immutable once stored, so the cache is keyed by its id. It is emptied when data keys are
// rotated or shredded (every session is told at commit), whatever else changes their table's description
// (VACUUM does), and after a rollback that may have taken a new key with it. It holds up to 131,072 of them
// in up to 8 MB, as many as were used: a miss costs a row and an unwrap. Reading works on a standby; making
// keys, and counting uses, does not (25006).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/crypto/aead.hpp"
#include "core/crypto/envelope.hpp"
#include "core/crypto/keyring.hpp"
#include "core/crypto/wrap.hpp"
#include "core/secret_bytes.hpp"

namespace llm_admin::pg {

struct data_key {
  envelope::key_id id;
  std::int64_t first_use_block;
  crypto::aead_key sealing;
};

namespace key_store {

// NIST SP 800-38D allows 2^32 random nonces a key; we stop at a quarter of that. Backends take uses in
// blocks.
inline constexpr std::int64_t most_uses = std::int64_t{1} << 30;
inline constexpr std::int64_t uses_per_block = 1024;

// A reference stays valid until the next call into the key store.
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
// What a statement that may seal tenants' keys takes before any row: data_keys::lock_for_use(), or the
// stronger lock where the very first data key may have to be made, so that nobody has to trade one for the
// other.
void lock_for_sealing();
// Makes the next version of a tenant's (or the installation's) data key and returns it.
std::int32_t rotate(std::string_view tenant);

}  // namespace key_store

// The keyring of this backend: from llm_admin.keyring_file, else from the output of
// llm_admin.keyring_command. Read at first use and again when a root id is unknown or the settings changed;
// the last good one is kept when a later read fails. LA030 when there is none.
namespace keyring_source {

// `root_id` in the ring, after one re-read if it is not there; null when it is not there either.
const secret_bytes* find(std::int32_t root_id);
// What it wraps with, derived once; ours, valid as long as the ring.
crypto::wrapping_key* wrapping(std::int32_t root_id);
const crypto::keyring& current();
// Reads anew; false, and the kept one stays, when that fails. Pointers and references from before are void.
bool reread();
// Reads anew without touching the kept one: for key_status().
crypto::keyring read();
std::string describe();  // "file /path", "command", or "not configured"

}  // namespace keyring_source

// LA030 that says which root key is missing or, where a check value is expected, different; never anything of
// the keys but check values.
const secret_bytes& require_root(std::int32_t root_id, std::string_view expected_check);

}  // namespace llm_admin::pg
