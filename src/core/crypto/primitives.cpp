#include "core/crypto/primitives.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <climits>
#include <memory>
#include <new>
#include <string>

#include "core/error.hpp"

namespace llm_admin::crypto {

namespace {

template <auto Free>
struct deleter {
  template <typename T>
  void operator()(T* object) const noexcept {
    Free(object);
  }
};
using mac_ptr = std::unique_ptr<EVP_MAC, deleter<EVP_MAC_free>>;
using kdf_ctx_ptr = std::unique_ptr<EVP_KDF_CTX, deleter<EVP_KDF_CTX_free>>;
using mac_ctx_ptr = std::unique_ptr<EVP_MAC_CTX, deleter<EVP_MAC_CTX_free>>;

// OpenSSL's parameters are not const although it only reads these.
OSSL_PARAM octets(const char* name, byte_view bytes) {
  return OSSL_PARAM_construct_octet_string(name, const_cast<std::uint8_t*>(bytes.data()), bytes.size());
}
OSSL_PARAM digest_name(const char* name) {
  static char sha256_name[] = "SHA256";
  return OSSL_PARAM_construct_utf8_string(name, sha256_name, 0);
}

// Fetched at the first use in this process and kept for its life, as is what follows: fetching costs more
// than a digest does. Plain pointers, so that nothing runs when the process ends.
const EVP_MD* sha256_algorithm() {
  static const EVP_MD* fetched = nullptr;
  if (fetched == nullptr) fetched = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  if (fetched == nullptr) fail("SHA-256");
  return fetched;
}

// HMAC with its digest chosen and no key: copied for each use, so that no key outlives it.
EVP_MAC_CTX* keyless_hmac(std::string_view step) {
  static EVP_MAC_CTX* kept = nullptr;
  if (kept != nullptr) return kept;
  const mac_ptr algorithm(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
  if (!algorithm) fail(step);
  mac_ctx_ptr context(EVP_MAC_CTX_new(algorithm.get()));
  const OSSL_PARAM params[] = {digest_name(OSSL_MAC_PARAM_DIGEST), OSSL_PARAM_construct_end()};
  if (!context || EVP_MAC_CTX_set_params(context.get(), params) != 1) fail(step);
  return kept = context.release();
}

EVP_KDF* hkdf_algorithm() {
  static EVP_KDF* fetched = nullptr;
  if (fetched == nullptr) fetched = EVP_KDF_fetch(nullptr, "HKDF", nullptr);
  if (fetched == nullptr) fail("HKDF-SHA-256");
  return fetched;
}

}  // namespace

void fail(std::string_view step) {
  unsigned long last = 0;
  while (const unsigned long code = ERR_get_error()) last = code;
  if (last != 0 && ERR_GET_REASON(last) == ERR_R_MALLOC_FAILURE) throw std::bad_alloc();
  const char* reason = last == 0 ? nullptr : ERR_reason_error_string(last);
  throw error(sqlstate::internal_error, std::string(step) + " failed",
              std::string("OpenSSL reports: ") + (reason == nullptr ? "no reason given" : reason));
}

void random_bytes(std::span<std::uint8_t> out) {
  if (out.empty()) return;
  if (out.size() <= INT_MAX && RAND_bytes(out.data(), static_cast<int>(out.size())) == 1) return;
  OPENSSL_cleanse(out.data(), out.size());
  fail("random number generator");
}

digest sha256(byte_view data) {
  digest result;
  unsigned int size = 0;
  if (EVP_Digest(data.data(), data.size(), result.data(), &size, sha256_algorithm(), nullptr) != 1 ||
      size != result.size()) {
    fail("SHA-256");
  }
  return result;
}

digest hmac_sha256(byte_view key, byte_view data) { return hmac_sha256_parts(key, std::span(&data, 1)); }

digest hmac_sha256_parts(byte_view key, std::span<const byte_view> parts) {
  constexpr std::string_view step = "HMAC-SHA-256";
  static constexpr std::uint8_t nothing = 0;
  const std::uint8_t* key_data =
      key.empty() ? &nothing : key.data();  // a null key would mean "keep the last one"
  const mac_ctx_ptr context(EVP_MAC_CTX_dup(keyless_hmac(step)));
  digest result;
  std::size_t size = 0;
  bool good = context && EVP_MAC_init(context.get(), key_data, key.size(), nullptr) == 1;
  for (std::size_t n = 0; good && n < parts.size(); ++n)
    good = parts[n].empty() || EVP_MAC_update(context.get(), parts[n].data(), parts[n].size()) == 1;
  if (!good || EVP_MAC_final(context.get(), result.data(), &size, result.size()) != 1 ||
      size != result.size()) {
    OPENSSL_cleanse(result.data(), result.size());
    fail(step);
  }
  return result;
}

secret_bytes hkdf_sha256(byte_view key, byte_view salt, byte_view info, std::size_t length) {
  if (length == 0 || length > std::size_t{255} * digest_size) {
    throw error(sqlstate::internal_error, "HKDF-SHA-256 failed", "output length out of range");
  }
  OSSL_PARAM params[5];
  OSSL_PARAM* next = params;
  *next++ = digest_name(OSSL_KDF_PARAM_DIGEST);
  *next++ = octets(OSSL_KDF_PARAM_KEY, key);
  if (!salt.empty()) *next++ = octets(OSSL_KDF_PARAM_SALT, salt);
  if (!info.empty()) *next++ = octets(OSSL_KDF_PARAM_INFO, info);
  *next = OSSL_PARAM_construct_end();

  secret_bytes out(length);
  const kdf_ctx_ptr context(EVP_KDF_CTX_new(hkdf_algorithm()));
  if (!context || EVP_KDF_derive(context.get(), out.data(), length, params) != 1) fail("HKDF-SHA-256");
  return out;
}

bool constant_time_equal(byte_view left, byte_view right) noexcept {
  return left.size() == right.size() &&
         (left.empty() || CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0);
}

}  // namespace llm_admin::crypto
