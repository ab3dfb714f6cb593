// The rows of data_keys and root_keys: reading, making, wrapping anew, destroying data keys.
//
// A tenant of "" is the installation. Locks, taken before any row of another table is: who seals or makes a
// data key takes ROW EXCLUSIVE on data_keys, who rotates or shreds SHARE ROW EXCLUSIVE. So no data key
// escapes a rotation, and nothing is sealed under one that is being shredded. All run as the owner.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/crypto/envelope.hpp"
#include "core/secret_bytes.hpp"
#include "pg/server.hpp"

namespace llm_admin::pg::data_keys {

struct named {
  envelope::key_id id;
  std::int32_t version;
};

void lock_for_use();
void lock_for_change();

// By the newest snapshot: rows of data_keys never change but for their wrap.
std::optional<named> first();  // of the installation
std::optional<named> newest(std::string_view tenant);

envelope::key_id id_of(Datum uuid);
// Which root key wraps the data key; nothing when there is no such row.
std::optional<std::int32_t> root_of(const envelope::key_id& id);

struct opened {
  secret_bytes key;
  std::int64_t first_use_block;
};
// Unwraps; LA031 that says so when there is no such row, LA030 when the keyring cannot open it.
opened open(const envelope::key_id& id);

// Makes the data key of that version under the active root key (which the very first one chooses); nothing
// when another session has made it meanwhile. Uses are counted from `block` on. The caller holds a lock.
std::optional<named> make(std::string_view tenant, std::int32_t version, std::int64_t block);

// A block of key uses, durable before it is used: an envelope may leave the transaction before its commit.
std::int64_t take_block();

// Makes `root_id`, which the keyring holds, the active root key. False when it is already.
bool activate_root(std::int32_t root_id);
// Wraps every data key that another root key wraps under `root_id`; how many. Under lock_for_change().
std::int64_t rewrap(std::int32_t root_id);

// Deletes a tenant's data keys; how many. Every session forgets them with the commit. Under
// lock_for_change().
std::int64_t shred(std::string_view tenant);

}  // namespace llm_admin::pg::data_keys
