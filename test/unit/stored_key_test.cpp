#include "core/keys/stored_key.hpp"

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

TEST(StoredKey, SealedFormsNeedNoSetting) {
  for (const std::string& text :
       {sealed(envelope::kind::bound), sealed(envelope::kind::unbound), std::string("kms:AQICAHj"),
        std::string("vault-2:v1:abc"), std::string("kms-stub:x"),
        std::string("\\xc30d040703020102030405060708c9d20201aa")})
    EXPECT_TRUE(has_sealed_form(text)) << text;
}

TEST(StoredKey, RawKeysHaveNoSealedForm) {
  const std::string cut = sealed(envelope::kind::bound).substr(0, 30);
  for (const std::string_view raw :
       {std::string_view(""), std::string_view(" "), std::string_view("secret"), std::string_view(cut),
        std::string_view("lma1."), std::string_view("lma1.a:b"),
        std::string_view("sk-or-v1-0123456789abcdef"), std::string_view("sk-proj:abc"),
        std::string_view("pk-lf:abc"), std::string_view("key-1:abc"),
        std::string_view("a1b2c3d4-0000-4000-8000-123456789abc:0123456789abcdef"),
        std::string_view("1kms:abc"), std::string_view("KMS:abc"), std::string_view("kms:"),
        std::string_view(":abc"), std::string_view("kms:a b"), std::string_view("kms:a\nb"),
        std::string_view("user name:pw"), std::string_view("\\xc30d04")})
    EXPECT_FALSE(has_sealed_form(raw)) << raw;
}

TEST(StoredKey, OpenPgpByItsHeader) {
  EXPECT_EQ(classify("\\xc30d040703020102030405060708c9d20201aa", "", false), stored_key::openpgp);
  EXPECT_EQ(classify("\\xc30d040703020102030405060708c9", "", false), stored_key::refused);
}

}  // namespace
}  // namespace llm_admin
