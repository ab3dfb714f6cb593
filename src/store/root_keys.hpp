// The rows of root_keys: which root keys this database uses, and whether the keyring holds those.
//
// A check value tells a right root key from a wrong one. It may itself be damaged: a data key that opens with
// the keyring's key proves that key right (GCM authenticates it), whatever the check value says. Then sealing
// goes on, key_status() reports it, and activate() writes the check value anew. All run as the owner.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/encoding.hpp"
#include "core/secret_bytes.hpp"

namespace llm_admin::store::root_keys {

// What the data keys under a root key say about a key of the keyring: there are none (or none was asked
// that is whole), one opens with it, none of those asked does.
enum class evidence : std::uint8_t { none, opens, opens_not };
evidence of_data_keys(std::int32_t root_id, byte_view root);

// Whether the database knows `root` by the check value that it keeps for this id.
bool matches(std::int32_t root_id, const secret_bytes& root);

// A copy of the keyring's root key of this id, read anew where needed; LA030 unless it is the one that this
// database uses. A row of it must be there, or a data key that opens with it.
secret_bytes require_right(std::int32_t root_id);
// The same; the row is made when there is none.
secret_bytes adopt(std::int32_t root_id, bool active);
// The active root key, in the keyring and right. The very first one is what the keyring says; where no row is
// active any more, the one that wraps the newest data key becomes so.
std::int32_t active();
// Makes it the active one, its check value the right one. False when it is so already.
bool activate(std::int32_t root_id);

}  // namespace llm_admin::store::root_keys
