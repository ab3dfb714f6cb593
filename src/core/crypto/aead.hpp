// AES-256-GCM (NIST SP 800-38D) with 96-bit nonces and 128-bit tags, one object a key.
//
// The key schedule is computed once a direction, at the first use of that direction; later calls set the
// nonce only. The object owns its OpenSSL contexts, which cleanse the key when freed; change_key() keeps them
// for the next key, which costs half of new ones. Not thread-safe; usable after any failure. Library failures
// throw error{internal_error} or std::bad_alloc (see core/crypto/primitives.hpp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "core/encoding.hpp"
#include "core/secret_bytes.hpp"

using EVP_CIPHER = struct evp_cipher_st;
using EVP_CIPHER_CTX = struct evp_cipher_ctx_st;
using OSSL_PARAM = struct ossl_param_st;

namespace llm_admin::crypto {

inline constexpr std::size_t nonce_size = 12;
inline constexpr std::size_t tag_size = 16;

class aead_key {
 public:
  // `key` is 32 bytes (else error{internal_error}); it is copied.
  explicit aead_key(byte_view key);
  aead_key(aead_key&&) noexcept = default;
  aead_key& operator=(aead_key&&) noexcept = default;
  aead_key(const aead_key&) = delete;
  aead_key& operator=(const aead_key&) = delete;
  ~aead_key() = default;

  // The same as a new object: of 32 bytes, or the error leaves the old key in place.
  void change_key(byte_view key);

  // Sizes: nonce 12, tag 16, ciphertext as plaintext (else error{internal_error}). The caller never gives the
  // same nonce twice. On failure both outputs are cleansed.
  void seal(byte_view nonce, byte_view aad, byte_view plaintext, std::span<std::uint8_t> ciphertext,
            std::span<std::uint8_t> tag);

  // True when the tag fits. Otherwise false, or an error for a library failure, and `plaintext` is cleansed:
  // bytes that were not authenticated never leave. Wrong sizes are false.
  [[nodiscard]] bool open(byte_view nonce, byte_view aad, byte_view ciphertext, byte_view tag,
                          std::span<std::uint8_t> plaintext);

 private:
  struct context_deleter {
    void operator()(EVP_CIPHER_CTX* context) const noexcept;
  };
  using context = std::unique_ptr<EVP_CIPHER_CTX, context_deleter>;

  // One direction. `keyed` when the context has this key's schedule.
  struct direction {
    context ctx;
    bool keyed = false;
  };
  using starter = int (*)(EVP_CIPHER_CTX*, const EVP_CIPHER*, const unsigned char* key,
                          const unsigned char* nonce, const OSSL_PARAM*);
  EVP_CIPHER_CTX* start(direction& way, starter init, byte_view nonce, const OSSL_PARAM* params);

  secret_bytes key_;
  direction sealer_;
  direction opener_;
};

}  // namespace llm_admin::crypto
