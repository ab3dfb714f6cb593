// The key hierarchy: a root key wraps data keys, a data key gives keys for sealing,
// fingerprints and receipts.
//
// All derivation is HKDF-SHA256 with an empty salt and a fixed info; the infos are part of the stored format:
//   wrapping key     "llm_admin/wrap/v1"         from the root key
//   sealing key      "llm_admin/seal/v1"         from the data key
//   fingerprint key  "llm_admin/fingerprint/v1"  from the data key
//   receipt key      "llm_admin/receipt/v1"      from the data key of the installation
//   check key        "llm_admin/check/v1"        from a root or data key
// Wrapped form: version (1 byte, 1), nonce (12), ciphertext (32), tag (16): 61 bytes of AES-256-GCM.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/crypto/envelope.hpp"
#include "core/crypto/primitives.hpp"

namespace llm_admin::crypto {

inline constexpr std::uint8_t wrap_version = 1;
inline constexpr std::size_t wrapped_size = 1 + nonce_size + key_size + tag_size;

// Where a wrapped data key belongs; all of it is additional data, so a wrap moved to another row does not
// open.
struct wrap_place {
  envelope::key_id key_id;   // the data key's uuid
  std::string_view tenant;   // empty for the installation's own key
  std::int32_t version = 0;  // of the data key
  std::int32_t root_id = 0;
};

// What a root key wraps with, derived once. Keys are 32 bytes, else error{internal_error}.
class wrapping_key {
 public:
  explicit wrapping_key(byte_view root_key);
  std::vector<std::uint8_t> wrap(const wrap_place& place, byte_view data_key);
  // Nothing for a wrong root key, altered bytes or another place.
  std::optional<secret_bytes> unwrap(const wrap_place& place, byte_view wrapped);

 private:
  aead_key key_;
};

// The same for one use.
std::vector<std::uint8_t> wrap(byte_view root_key, const wrap_place& place, byte_view data_key);
std::optional<secret_bytes> unwrap(byte_view root_key, const wrap_place& place, byte_view wrapped);

// 16 hex digits that tell a right key from a wrong one and nothing else: the first 8 bytes of HMAC-SHA256 of
// `domain` (such as "root" or "data") under the check key.
std::string check_value(byte_view key, std::string_view domain);

secret_bytes sealing_key(byte_view data_key);
secret_bytes fingerprint_key(byte_view data_key);
secret_bytes receipt_key(byte_view data_key);  // of core/calls/receipt.hpp
// 32 hex digits: the first 16 bytes of HMAC-SHA256 of the plaintext under a fingerprint key.
std::string fingerprint(byte_view fingerprint_key, byte_view plaintext);

}  // namespace llm_admin::crypto
