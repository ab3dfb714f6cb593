// Recognises what pgcrypto's pgp_sym_encrypt left in a key column, by its packet header and not by its looks.
//
// Formats: RFC 4880 sections 4.2 (packet headers), 3.7 (S2K), 5.3 (symmetric-key encrypted session key), 6
// (armor).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace llm_admin {

// The binary message behind `text`: `\x` and hex, bare hex, or ASCII armor (its CRC-24 checked when it has
// one); white space around it is ignored. Nothing unless the first packet is a version 4 symmetric-key
// encrypted session key with a known cipher, hash and S2K, whole, and followed by another packet that may
// stand there (session key or encrypted data). Ciphertext only, so a plain vector. Throws std::bad_alloc
// only.
std::optional<std::vector<std::uint8_t>> decode_openpgp(std::string_view text);

}  // namespace llm_admin
