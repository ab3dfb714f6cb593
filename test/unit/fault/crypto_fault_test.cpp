// Every n-th call that can fail does fail: allocation, randomness and each OpenSSL entry point, counted over
// one whole operation. Required each time: no result, no crash, no leak (the sanitised build looks), and a
// working operation right after. CMakeLists.txt lists the wrapped functions.
#include <gtest/gtest.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/rand.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <new>

#include "core/crypto/keyring.hpp"
#include "core/crypto/opened_keys.hpp"
#include "core/crypto/wrap.hpp"
#include "core/error.hpp"

namespace {

bool armed = false;
long calls_left = 0;  // the call that finds 0 fails
bool failed = false;

bool fails_now() noexcept {
  if (!armed || calls_left-- != 0) return false;
  failed = true;
  return true;
}

}  // namespace

// NOLINTBEGIN: the linker's names
#define WRAP(result, name, failure, params, args) \
  extern "C" result __real_##name params;         \
  extern "C" result __wrap_##name params { return fails_now() ? (failure) : __real_##name args; }

WRAP(int, RAND_bytes, 0, (unsigned char* out, int size), (out, size))
WRAP(void*, CRYPTO_malloc, nullptr, (size_t size, const char* file, int line), (size, file, line))
WRAP(void*, CRYPTO_zalloc, nullptr, (size_t size, const char* file, int line), (size, file, line))
WRAP(EVP_CIPHER*, EVP_CIPHER_fetch, nullptr, (OSSL_LIB_CTX * lib, const char* name, const char* props),
     (lib, name, props))
WRAP(EVP_CIPHER_CTX*, EVP_CIPHER_CTX_new, nullptr, (), ())
#define INIT_PARAMS                                                                                      \
  (EVP_CIPHER_CTX * ctx, const EVP_CIPHER* cipher, const unsigned char* key, const unsigned char* nonce, \
   const OSSL_PARAM* params)
WRAP(int, EVP_EncryptInit_ex2, 0, INIT_PARAMS, (ctx, cipher, key, nonce, params))
WRAP(int, EVP_DecryptInit_ex2, 0, INIT_PARAMS, (ctx, cipher, key, nonce, params))
#define UPDATE_PARAMS \
  (EVP_CIPHER_CTX * ctx, unsigned char* out, int* size, const unsigned char* in, int in_size)
WRAP(int, EVP_EncryptUpdate, 0, UPDATE_PARAMS, (ctx, out, size, in, in_size))
WRAP(int, EVP_DecryptUpdate, 0, UPDATE_PARAMS, (ctx, out, size, in, in_size))
WRAP(int, EVP_EncryptFinal_ex, 0, (EVP_CIPHER_CTX * ctx, unsigned char* out, int* size), (ctx, out, size))
WRAP(int, EVP_DecryptFinal_ex, 0, (EVP_CIPHER_CTX * ctx, unsigned char* out, int* size), (ctx, out, size))
WRAP(int, EVP_CIPHER_CTX_get_params, 0, (EVP_CIPHER_CTX * ctx, OSSL_PARAM* params), (ctx, params))
#define FETCH_PARAMS (OSSL_LIB_CTX * lib, const char* name, const char* props)
WRAP(EVP_KDF*, EVP_KDF_fetch, nullptr, FETCH_PARAMS, (lib, name, props))
WRAP(EVP_KDF_CTX*, EVP_KDF_CTX_new, nullptr, (EVP_KDF * kdf), (kdf))
WRAP(int, EVP_KDF_derive, 0, (EVP_KDF_CTX * ctx, unsigned char* key, size_t size, const OSSL_PARAM* params),
     (ctx, key, size, params))
WRAP(EVP_MD*, EVP_MD_fetch, nullptr, FETCH_PARAMS, (lib, name, props))
WRAP(int, EVP_Digest, 0,
     (const void* data, size_t count, unsigned char* md, unsigned int* size, const EVP_MD* type,
      ENGINE* engine),
     (data, count, md, size, type, engine))
WRAP(EVP_MAC*, EVP_MAC_fetch, nullptr, FETCH_PARAMS, (lib, name, props))
WRAP(EVP_MAC_CTX*, EVP_MAC_CTX_new, nullptr, (EVP_MAC * mac), (mac))
WRAP(int, EVP_MAC_CTX_set_params, 0, (EVP_MAC_CTX * ctx, const OSSL_PARAM* params), (ctx, params))
WRAP(EVP_MAC_CTX*, EVP_MAC_CTX_dup, nullptr, (const EVP_MAC_CTX* ctx), (ctx))
WRAP(int, EVP_MAC_init, 0,
     (EVP_MAC_CTX * ctx, const unsigned char* key, size_t size, const OSSL_PARAM* params),
     (ctx, key, size, params))
WRAP(int, EVP_MAC_update, 0, (EVP_MAC_CTX * ctx, const unsigned char* data, size_t size), (ctx, data, size))
WRAP(int, EVP_MAC_final, 0, (EVP_MAC_CTX * ctx, unsigned char* out, size_t* size, size_t room),
     (ctx, out, size, room))

// The library's own allocations. Not inlined: the compiler would see malloc meet delete and free meet new.
[[gnu::noinline]] void* operator new(std::size_t size) {
  void* memory = fails_now() ? nullptr : std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
// NOLINTEND

namespace llm_admin {
namespace {

using bytes = std::vector<std::uint8_t>;

// Fails the first, second, ... call of `operation` until one run meets no failure. `operation` tells whether
// it gave a result; a run with a failure in it must give none, by its answer or by an exception. Returns the
// failures tried.
int fail_each_call(const std::function<bool()>& operation) {
  for (int n = 0;; ++n) {
    bool result = false;
    bool threw = false;
    calls_left = n;
    failed = false;
    armed = true;
    try {
      result = operation();
    } catch (const std::bad_alloc&) {
      threw = true;
    } catch (const error&) {
      threw = true;
    }
    armed = false;
    EXPECT_EQ(ERR_peek_error(), 0U) << "call " << n << " left something in the error queue";
    if (!failed) {
      EXPECT_TRUE(result && !threw) << "no failure, yet no result";
      return n;
    }
    EXPECT_FALSE(result) << "a result in spite of failing call " << n;
    EXPECT_TRUE(operation()) << "broken for good after failing call " << n;
    if (n > 500) {
      ADD_FAILURE() << "no end";
      return n;
    }
  }
}

bool all_zero(byte_view view) {
  return std::all_of(view.begin(), view.end(), [](std::uint8_t b) { return b == 0; });
}

const bytes raw_key(32, 7);
const bytes place(60, 3);
const bytes secret(50, 's');

TEST(Fault, SealWithANewKey) {
  EXPECT_GE(fail_each_call([] {
              crypto::aead_key key{byte_view(raw_key)};
              return !envelope::seal(key, {}, envelope::kind::bound, place, secret).empty();
            }),
            8);
}

TEST(Fault, SealWithAKeyInUse) {
  crypto::aead_key key{byte_view(raw_key)};
  EXPECT_GE(fail_each_call([&key] {
              const std::string text = envelope::seal(key, {}, envelope::kind::bound, place, secret);
              return !text.empty();
            }),
            7);
}

TEST(Fault, OpenWithAChangedKey) {
  const bytes other(32, 8);
  crypto::aead_key sealer{byte_view(raw_key)};
  const std::string text = envelope::seal(sealer, {}, envelope::kind::bound, place, secret);
  const auto sealed = envelope::parse(text);
  crypto::aead_key key{byte_view(other)};
  EXPECT_FALSE(envelope::open(key, *sealed, place).has_value());
  EXPECT_GE(fail_each_call([&] {
              key.change_key(other);
              key.change_key(raw_key);
              return envelope::open(key, *sealed, place).has_value();
            }),
            5);
}

TEST(Fault, SealLeavesNothingInItsOutputs) {
  crypto::aead_key key{byte_view(raw_key)};
  EXPECT_GE(fail_each_call([&key] {
              bytes text(secret.size(), 0xee);
              bytes tag(crypto::tag_size, 0xee);
              try {
                key.seal(bytes(12), place, secret, text, tag);
                return true;
              } catch (const error&) {
                EXPECT_TRUE(all_zero(text) && all_zero(tag));
                throw;
              }
            }),
            5);
}

TEST(Fault, OpenGivesNoPlaintext) {
  crypto::aead_key sealer{byte_view(raw_key)};
  const std::string text = envelope::seal(sealer, {}, envelope::kind::bound, place, secret);
  EXPECT_GE(fail_each_call([&text] {
              bytes out(secret.size(), 0xee);
              crypto::aead_key key{byte_view(raw_key)};
              const auto sealed = envelope::parse(text);
              bool opened = false;
              try {
                opened = envelope::open_into(key, *sealed, place, out);
              } catch (const error&) {
                EXPECT_TRUE(all_zero(out));
                throw;
              }
              EXPECT_EQ(opened ? out == secret : all_zero(out), true);
              return opened;
            }),
            7);
}

TEST(Fault, OpenIntoASecret) {
  crypto::aead_key key{byte_view(raw_key)};
  const std::string text = envelope::seal(key, {}, envelope::kind::bound, place, secret);
  EXPECT_GE(fail_each_call([&] {
              const auto sealed = envelope::parse(text);
              const auto plain = envelope::open(key, *sealed, place);
              return plain.has_value();
            }),
            5);
}

TEST(Fault, LargeEnvelopesOnTheHeap) {
  crypto::aead_key key{byte_view(raw_key)};
  const std::string text = envelope::seal(key, {}, envelope::kind::bound, bytes(1000), bytes(5000, 'x'));
  EXPECT_GE(fail_each_call([&] {
              const auto sealed = envelope::parse(text);
              return sealed && envelope::open(key, *sealed, bytes(1000)).has_value();
            }),
            7);
}

TEST(Fault, WrapAndUnwrap) {
  const bytes root(32, 1);
  crypto::wrap_place where;
  where.key_id.fill(9);
  where.tenant = "tenant";
  EXPECT_GE(fail_each_call([&] { return !crypto::wrap(root, where, raw_key).empty(); }), 12);
  const bytes wrapped = crypto::wrap(root, where, raw_key);
  EXPECT_GE(fail_each_call([&] { return crypto::unwrap(root, where, wrapped).has_value(); }), 11);
}

TEST(Fault, Digests) {
  EXPECT_GE(fail_each_call([] { return crypto::sha256(secret) != crypto::digest{}; }), 1);
  EXPECT_GE(fail_each_call([] { return crypto::hmac_sha256(raw_key, secret) != crypto::digest{}; }), 4);
  EXPECT_GE(fail_each_call([] { return !crypto::check_value(raw_key, "root").empty(); }), 7);
}

TEST(Fault, Derivation) {
  const secret_bytes right = crypto::hkdf_sha256(raw_key, {}, place, 70);
  EXPECT_GE(fail_each_call([&] {
              const secret_bytes made = crypto::hkdf_sha256(raw_key, {}, place, 70);
              EXPECT_TRUE(crypto::constant_time_equal(made.span(), right.span()));
              return true;
            }),
            3);
}

TEST(Fault, OpenedKeys) {
  envelope::key_id id{};
  EXPECT_GE(fail_each_call([&] {
              crypto::opened_keys keys(256);
              for (std::uint8_t n = 1; n <= 100; ++n) {
                id[0] = n;
                try {
                  keys.insert(id, raw_key);
                } catch (const std::bad_alloc&) {
                  id[0] = 1;
                  EXPECT_EQ(keys.find(id).has_value(), n > 1) << "what was there is lost";
                  throw;
                }
              }
              return keys.find(id)->uses->left == 0;
            }),
            2);
}

TEST(Fault, RandomBytesAreCleansed) {
  EXPECT_EQ(fail_each_call([] {
              bytes out;
              armed = false;  // the vector is not what is tested
              out.assign(16, 0xee);
              armed = true;
              try {
                crypto::random_bytes(out);
                return true;
              } catch (const error&) {
                EXPECT_TRUE(all_zero(out));
                throw;
              }
            }),
            1);
}

TEST(Fault, KeyringsAndSecrets) {
  std::string text;
  for (int id = 1; id <= 9; ++id) text += std::to_string(id) + ":" + std::string(64, 'a') + "\n";
  EXPECT_GE(fail_each_call([&text] { return crypto::keyring::parse(text).size() == 9; }), 10);
  EXPECT_GE(fail_each_call([] {
              secret_bytes grown = secret_bytes::copy_of(raw_key);
              grown.append(secret);
              secret_bytes other(10);
              other = std::move(grown);
              return other.size() == raw_key.size() + secret.size();
            }),
            3);
}

}  // namespace
}  // namespace llm_admin
