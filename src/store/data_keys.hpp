// The rows of data_keys: reading, making, wrapping anew, destroying data keys.
//
// A tenant of "" is the installation. Locks: who seals a tenant's secret or makes a data key takes ROW
// EXCLUSIVE on data_keys before any row of another table, who rotates or shreds SHARE ROW EXCLUSIVE. So no
// data key escapes a rotation, and nothing is sealed under one that is being shredded. All run as the owner.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/crypto/envelope.hpp"
#include "core/secret_bytes.hpp"
#include "pg/guard.hpp"

namespace llm_admin::store::data_keys {

struct named {
  envelope::key_id id;
  std::int32_t version;
  TransactionId xmin;  // of its row
};

void lock_for_use();
void lock_for_change();

// By the newest snapshot: rows of data_keys never change but for their wrap and their count of uses.
std::optional<named> first();  // of the installation
std::optional<named> newest(std::string_view tenant);

envelope::key_id id_of(Datum uuid);
// Which root key wraps the data key; nothing when there is no such row.
std::optional<std::int32_t> root_of(const envelope::key_id& id);

struct opened {
  secret_bytes key;
  TransactionId xmin;  // of its row
};
// Unwraps; LA031 that says so when there is no such row, LA030 when the keyring cannot open it.
opened open(const envelope::key_id& id);

// Makes the data key of that version under the active root key (which the very first one chooses), `uses` of
// it taken; nothing when another session has made it meanwhile. The caller holds a lock.
std::optional<envelope::key_id> make(std::string_view tenant, std::int32_t version, std::int32_t uses);

// Deletes a tenant's data keys; how many. Every session forgets them with the commit. Under
// lock_for_change().
std::int64_t shred(std::string_view tenant);

}  // namespace llm_admin::store::data_keys
