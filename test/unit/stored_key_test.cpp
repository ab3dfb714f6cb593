#include "core/stored_key.hpp"

#include <gtest/gtest.h>

#include "core/crypto/envelope.hpp"

namespace llm_admin {
namespace {

std::string sealed(envelope::kind kind) {
  const std::array<std::uint8_t, 32> raw{};
  crypto::aead_key key{byte_view(raw)};
  return envelope::seal(key, {}, kind, {}, as_bytes("sk-test"));
}

TEST(StoredKey, Envelopes) {
  EXPECT_EQ(classify(sealed(envelope::kind::unbound), "", false), stored_key::unbound_envelope);
  EXPECT_EQ(classify(sealed(envelope::kind::bound), "", false), stored_key::bound_envelope);
  EXPECT_EQ(classify("", "kms", false), stored_key::none);
}

TEST(StoredKey, BrokenEnvelopesAreRefused) {
  const std::string whole = sealed(envelope::kind::bound);
  EXPECT_EQ(classify(whole + "=", "lma1", false), stored_key::refused);
  EXPECT_EQ(classify(whole + "\n", "", false), stored_key::refused);
  EXPECT_EQ(classify("lma1.", "", false), stored_key::refused);
  EXPECT_EQ(classify("lma1.abc:def", "lma1.abc", false), stored_key::refused);
}

TEST(StoredKey, ForeignSchemesAreListed) {
  EXPECT_EQ(classify("kms:AQICAHj", "kms", false), stored_key::foreign);
  EXPECT_EQ(classify("vault:v1:abc", "kms, vault ,x", false), stored_key::foreign);
  EXPECT_EQ(classify("vault:v1:abc", "kms", false), stored_key::refused);
  EXPECT_EQ(classify("KMS:AQICAHj", "kms", false), stored_key::refused);
  EXPECT_EQ(classify("kms:", "kms", false), stored_key::refused);
  EXPECT_EQ(classify("kms", "kms", false), stored_key::refused);
  EXPECT_EQ(classify(":x", ",", false), stored_key::refused);
  EXPECT_EQ(classify("kms:a b", "kms", false), stored_key::refused);
  EXPECT_EQ(classify("kms:a\nb", "kms", false), stored_key::refused);
  EXPECT_EQ(classify("k/ms:a", "k/ms", false), stored_key::refused);
  EXPECT_EQ(classify("sk:a", "", false), stored_key::refused);
}

TEST(StoredKey, TheStubNeedsItsOwnSetting) {
  EXPECT_EQ(classify("kms-stub:abc", "kms,kms-stub", false), stored_key::refused);
  EXPECT_EQ(classify("kms-stub:abc", "", true), stored_key::foreign);
  EXPECT_EQ(classify("kms-stub:", "", true), stored_key::refused);
}

TEST(StoredKey, RawKeysAreRefused) {
  for (const std::string_view raw : {"sk-or-v1-0123456789abcdef0123456789abcdef", "AIzaSyD-0123456789",
                                     "secret", "0123456789abcdef0123456789abcdef", " ", "hf_abc"}) {
    EXPECT_EQ(classify(raw, "kms", true), stored_key::refused) << raw;
  }
}

TEST(StoredKey, OpenPgpByItsHeader) {
  EXPECT_EQ(classify("\\xc30d040703020102030405060708c9d20201aa", "", false), stored_key::openpgp);
  EXPECT_EQ(classify("\\xc30d040703020102030405060708c9", "", false), stored_key::refused);
}

}  // namespace
}  // namespace llm_admin
