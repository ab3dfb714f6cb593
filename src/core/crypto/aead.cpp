#include "core/crypto/aead.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <algorithm>
#include <array>
#include <climits>
#include <utility>

#include "core/crypto/primitives.hpp"
#include "core/error.hpp"

namespace llm_admin::crypto {

namespace {

constexpr const char* cipher_name = "AES-256-GCM";

// Fetched at the first use in this process and kept for its life: fetching costs more than sealing. A plain
// pointer, so that nothing runs when the process ends.
const EVP_CIPHER* cipher() {
  static const EVP_CIPHER* fetched = nullptr;
  if (fetched == nullptr) fetched = EVP_CIPHER_fetch(nullptr, cipher_name, nullptr);
  if (fetched == nullptr) fail(cipher_name);
  return fetched;
}

// Cleanses an output on every way out but success.
class cleanser {
 public:
  explicit cleanser(std::span<std::uint8_t> bytes) noexcept : bytes_(bytes) {}
  cleanser(const cleanser&) = delete;
  cleanser& operator=(const cleanser&) = delete;
  ~cleanser() {
    if (!bytes_.empty()) OPENSSL_cleanse(bytes_.data(), bytes_.size());
  }
  void keep() noexcept { bytes_ = {}; }

 private:
  std::span<std::uint8_t> bytes_;
};

}  // namespace

void aead_key::context_deleter::operator()(EVP_CIPHER_CTX* context) const noexcept {
  EVP_CIPHER_CTX_free(context);
}

aead_key::aead_key(byte_view key) : key_(key_size) { change_key(key); }

void aead_key::change_key(byte_view key) {
  if (key.size() != key_size) {
    throw error(sqlstate::internal_error, "AES-256-GCM failed", "the key is not 32 bytes long");
  }
  std::copy(key.begin(), key.end(), key_.data());
  sealer_.keyed = opener_.keyed = false;
}

// Gives a direction its nonce, and its key and context when it has none yet.
EVP_CIPHER_CTX* aead_key::start(direction& way, starter init, byte_view nonce, const OSSL_PARAM* params) {
  const bool keyed = std::exchange(way.keyed, false) && way.ctx;
  context fresh(way.ctx ? nullptr : EVP_CIPHER_CTX_new());
  EVP_CIPHER_CTX* const ctx = way.ctx ? way.ctx.get() : fresh.get();
  if (ctx == nullptr ||
      init(ctx, fresh ? cipher() : nullptr, keyed ? nullptr : key_.data(), nonce.data(), params) != 1) {
    fail(cipher_name);
  }
  if (fresh) way.ctx = std::move(fresh);
  way.keyed = true;
  return ctx;
}

void aead_key::seal(byte_view nonce, byte_view aad, byte_view plaintext, std::span<std::uint8_t> ciphertext,
                    std::span<std::uint8_t> tag) {
  cleanser clean_ciphertext(ciphertext);
  cleanser clean_tag(tag);
  if (nonce.size() != nonce_size || tag.size() != tag_size || ciphertext.size() != plaintext.size() ||
      plaintext.size() > INT_MAX || aad.size() > INT_MAX) {
    throw error(sqlstate::internal_error, "AES-256-GCM failed", "a buffer has the wrong size");
  }
  EVP_CIPHER_CTX* const ctx = start(sealer_, EVP_EncryptInit_ex2, nonce, nullptr);
  int size = 0;
  if (!aad.empty() && EVP_EncryptUpdate(ctx, nullptr, &size, aad.data(), static_cast<int>(aad.size())) != 1) {
    fail(cipher_name);
  }
  if (!plaintext.empty() && EVP_EncryptUpdate(ctx, ciphertext.data(), &size, plaintext.data(),
                                              static_cast<int>(plaintext.size())) != 1) {
    fail(cipher_name);
  }
  std::array<std::uint8_t, tag_size> rest{};  // GCM writes nothing here, but asks for a buffer
  if (EVP_EncryptFinal_ex(ctx, rest.data(), &size) != 1) fail(cipher_name);
  OSSL_PARAM params[] = {
      OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, tag.data(), tag.size()),
      OSSL_PARAM_construct_end()};
  if (EVP_CIPHER_CTX_get_params(ctx, params) != 1) fail(cipher_name);
  clean_ciphertext.keep();
  clean_tag.keep();
}

bool aead_key::open(byte_view nonce, byte_view aad, byte_view ciphertext, byte_view tag,
                    std::span<std::uint8_t> plaintext) {
  cleanser clean(plaintext);
  if (nonce.size() != nonce_size || tag.size() != tag_size || ciphertext.size() != plaintext.size() ||
      ciphertext.size() > INT_MAX || aad.size() > INT_MAX) {
    return false;
  }
  std::array<std::uint8_t, tag_size> expected{};
  std::copy(tag.begin(), tag.end(), expected.begin());
  const OSSL_PARAM params[] = {
      OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, expected.data(), expected.size()),
      OSSL_PARAM_construct_end()};
  EVP_CIPHER_CTX* const ctx = start(opener_, EVP_DecryptInit_ex2, nonce, params);
  int size = 0;
  if (!aad.empty() && EVP_DecryptUpdate(ctx, nullptr, &size, aad.data(), static_cast<int>(aad.size())) != 1) {
    fail(cipher_name);
  }
  if (!ciphertext.empty() && EVP_DecryptUpdate(ctx, plaintext.data(), &size, ciphertext.data(),
                                               static_cast<int>(ciphertext.size())) != 1) {
    fail(cipher_name);
  }
  std::array<std::uint8_t, tag_size> rest{};
  if (EVP_DecryptFinal_ex(ctx, rest.data(), &size) != 1) {
    ERR_clear_error();
    return false;
  }
  clean.keep();
  return true;
}

}  // namespace llm_admin::crypto
