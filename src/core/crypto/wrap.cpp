#include "core/crypto/wrap.hpp"

#include <algorithm>

#include "core/crypto/binding.hpp"
#include "core/error.hpp"

namespace llm_admin::crypto {

namespace {

constexpr std::string_view wrap_info = "llm_admin/wrap/v1";
constexpr std::string_view seal_info = "llm_admin/seal/v1";
constexpr std::string_view fingerprint_info = "llm_admin/fingerprint/v1";
constexpr std::string_view receipt_info = "llm_admin/receipt/v1";
constexpr std::string_view check_info = "llm_admin/check/v1";

void require_key(byte_view key) {
  if (key.size() != key_size) {
    throw error(sqlstate::internal_error, "key derivation failed", "the key is not 32 bytes long");
  }
}

secret_bytes derive(byte_view key, std::string_view info) {
  require_key(key);
  return hkdf_sha256(key, {}, as_bytes(info), key_size);
}

binding place_of(const wrap_place& place) {
  binding bound(wrap_info);
  bound.add(byte_view(place.key_id)).add(place.tenant);
  bound.add(std::to_string(place.version)).add(std::to_string(place.root_id));
  return bound;
}

}  // namespace

wrapping_key::wrapping_key(byte_view root_key) : key_(derive(root_key, wrap_info).span()) {}

std::vector<std::uint8_t> wrapping_key::wrap(const wrap_place& place, byte_view data_key) {
  require_key(data_key);
  std::vector<std::uint8_t> bytes(wrapped_size);
  const std::span<std::uint8_t> all(bytes);
  bytes[0] = wrap_version;
  const auto nonce = all.subspan(1, nonce_size);
  random_bytes(nonce);
  key_.seal(nonce, place_of(place).bytes(), data_key, all.subspan(1 + nonce_size, key_size),
            all.last(tag_size));
  return bytes;
}

std::optional<secret_bytes> wrapping_key::unwrap(const wrap_place& place, byte_view wrapped) {
  if (wrapped.size() != wrapped_size || wrapped[0] != wrap_version) return std::nullopt;
  std::optional<secret_bytes> data_key(std::in_place, key_size);
  if (!key_.open(wrapped.subspan(1, nonce_size), place_of(place).bytes(),
                 wrapped.subspan(1 + nonce_size, key_size), wrapped.last(tag_size), data_key->span())) {
    return std::nullopt;
  }
  return data_key;
}

std::vector<std::uint8_t> wrap(byte_view root_key, const wrap_place& place, byte_view data_key) {
  return wrapping_key(root_key).wrap(place, data_key);
}

std::optional<secret_bytes> unwrap(byte_view root_key, const wrap_place& place, byte_view wrapped) {
  if (wrapped.size() != wrapped_size || wrapped[0] != wrap_version) return std::nullopt;
  return wrapping_key(root_key).unwrap(place, wrapped);
}

std::string check_value(byte_view key, std::string_view domain) {
  return hex_encode(byte_view(hmac_sha256(derive(key, check_info).span(), as_bytes(domain))).first(8));
}

secret_bytes sealing_key(byte_view data_key) { return derive(data_key, seal_info); }
secret_bytes fingerprint_key(byte_view data_key) { return derive(data_key, fingerprint_info); }
secret_bytes receipt_key(byte_view data_key) { return derive(data_key, receipt_info); }

std::string fingerprint(byte_view fingerprint_key, byte_view plaintext) {
  return hex_encode(byte_view(hmac_sha256(fingerprint_key, plaintext)).first(16));
}

}  // namespace llm_admin::crypto
