#include "core/crypto/primitives.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <algorithm>
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
using mac_ctx_ptr = std::unique_ptr<EVP_MAC_CTX, deleter<EVP_MAC_CTX_free>>;

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
  static char sha256_name[] = "SHA256";
  const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, sha256_name, 0),
                               OSSL_PARAM_construct_end()};
  if (!context || EVP_MAC_CTX_set_params(context.get(), params) != 1) fail(step);
  return kept = context.release();
}

// HMAC-SHA-256 over some messages, each under a key of its own. Cleanses `out` on the way to an error.
class hmac {
 public:
  explicit hmac(std::string_view step) : step_(step), context_(EVP_MAC_CTX_dup(keyless_hmac(step))) {
    if (!context_) fail(step_);
  }

  template <class... Parts>
  void operator()(byte_view key, std::span<std::uint8_t, digest_size> out, const Parts&... parts) {
    static constexpr std::uint8_t nothing = 0;
    // A null key would mean "keep the last one".
    const std::uint8_t* key_data = key.empty() ? &nothing : key.data();
    std::size_t size = 0;
    if (EVP_MAC_init(context_.get(), key_data, key.size(), nullptr) == 1 && (add(parts) && ...) &&
        EVP_MAC_final(context_.get(), out.data(), &size, out.size()) == 1 && size == out.size()) {
      return;
    }
    OPENSSL_cleanse(out.data(), out.size());
    fail(step_);
  }

 private:
  bool add(byte_view part) const {
    return part.empty() || EVP_MAC_update(context_.get(), part.data(), part.size()) == 1;
  }

  std::string_view step_;
  mac_ctx_ptr context_;
};

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

digest hmac_sha256(byte_view key, byte_view data) {
  digest result;
  hmac("HMAC-SHA-256")(key, result, data);
  return result;
}

// By hand over HMAC: OpenSSL's own fetches HMAC and SHA-256 anew in each derivation.
secret_bytes hkdf_sha256(byte_view key, byte_view salt, byte_view info, std::size_t length) {
  if (length == 0 || length > std::size_t{255} * digest_size) {
    throw error(sqlstate::internal_error, "HKDF-SHA-256 failed", "output length out of range");
  }
  static constexpr std::array<std::uint8_t, digest_size> zeros{};
  secret_bytes work(2 * digest_size);
  const std::span<std::uint8_t, digest_size> extracted(work.data(), digest_size);
  const std::span<std::uint8_t, digest_size> block(work.data() + digest_size, digest_size);
  secret_bytes out(length);
  hmac run("HKDF-SHA-256");
  run(salt.empty() ? byte_view(zeros) : salt, extracted, key);
  byte_view before;
  for (std::size_t at = 0, n = 1; at < length; at += digest_size, ++n) {
    const auto counter = static_cast<std::uint8_t>(n);
    run(extracted, block, before, info, byte_view(&counter, 1));
    std::copy_n(block.begin(), std::min(digest_size, length - at), out.data() + at);
    before = block;
  }
  return out;
}

bool constant_time_equal(byte_view left, byte_view right) noexcept {
  return left.size() == right.size() &&
         (left.empty() || CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0);
}

}  // namespace llm_admin::crypto
