// The keyring of this backend: from llm_admin.keyring_file, else from the output of
// llm_admin.keyring_command.
//
// Read at first use, and again when a root key is missing or another one, or the settings changed. One
// statement of the client reads once at most, however many rows, keys and functions are in it, and remembers
// how that went: while the source is in trouble no call asks it twice. The last good ring is kept when a
// later read fails, and the server's log says so once for each reason. LA030 when there is none.
//
// Nothing here refers into the ring, which any call may replace: keys are copies.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/crypto/keyring.hpp"
#include "core/crypto/wrap.hpp"
#include "core/error.hpp"
#include "core/secret_bytes.hpp"

namespace llm_admin::store {

namespace keyring {

// A root key of the ring; nothing when it is not there, also after a re-read.
std::optional<secret_bytes> find(std::int32_t root_id);
// The data key that the ring's root key unwraps; nothing for a root key that is missing or does not open it.
std::optional<secret_bytes> unwrap(const crypto::wrap_place& place, byte_view wrapped);
std::vector<std::int32_t> ids();
// What the very first use of this database takes.
std::int32_t first_active();
// Takes up what the source holds now; false, and the kept ring stays, when it cannot be read or this
// statement has taken it up before.
bool reread();
// The same for who must have the newest: raises why it cannot be read.
void require_newest();
// What a new session would read now, whatever this one keeps. Raises why it cannot be read.
crypto::keyring newest();
// Raises what was found: where the keyring lies, and what is wrong there, is told to whom
// caller_may_see_keyring() says; to others the server's log has it.
[[noreturn]] void refuse(const llm_admin::error& found);
std::string describe();  // "file /path", "command", or "not configured"

}  // namespace keyring

// LA030 that says which root key is missing; else a copy of it.
secret_bytes require_root(std::int32_t root_id, std::string_view expected_check = {});

}  // namespace llm_admin::store
