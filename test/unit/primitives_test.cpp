#include "core/crypto/primitives.hpp"

#include <gtest/gtest.h>
#include <openssl/err.h>

#include <set>
#include <string>

#include "core/crypto/binding.hpp"
#include "core/error.hpp"

namespace llm_admin::crypto {
namespace {

std::vector<std::uint8_t> hex(std::string_view text) { return hex_decode(text).value(); }
std::string hkdf(std::string_view key, std::string_view salt, std::string_view info, std::size_t length) {
  return hex_encode(hkdf_sha256(hex(key), hex(salt), hex(info), length).span());
}

TEST(Sha256, Fips180Examples) {
  EXPECT_EQ(hex_encode(sha256(as_bytes("abc"))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex_encode(sha256({})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Hmac, Rfc4231Cases) {
  EXPECT_EQ(hex_encode(hmac_sha256(as_bytes("Jefe"), as_bytes("what do ya want for nothing?"))),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hex_encode(hmac_sha256(hex("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"), as_bytes("Hi There"))),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(hex_encode(hmac_sha256({}, {})),
            "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(Hmac, OfPartsIsThatOfTheWhole) {
  const std::string text = "what do ya want for nothing?";
  const auto whole = hmac_sha256(as_bytes("Jefe"), as_bytes(text));
  for (std::size_t first = 0; first <= text.size(); ++first) {
    for (std::size_t second = first; second <= text.size(); second += 7) {
      const std::string_view all = text;
      const byte_view parts[] = {as_bytes(all.substr(0, first)),
                                 as_bytes(all.substr(first, second - first)),
                                 {},
                                 as_bytes(all.substr(second))};
      ASSERT_EQ(hmac_sha256_parts(as_bytes("Jefe"), parts), whole);
    }
  }
  EXPECT_EQ(hmac_sha256_parts({}, {}), hmac_sha256({}, {}));
}

TEST(Hkdf, Rfc5869Cases) {
  EXPECT_EQ(hkdf("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "000102030405060708090a0b0c",
                 "f0f1f2f3f4f5f6f7f8f9", 42),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
  EXPECT_EQ(
      hkdf(
          "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f30"
          "3132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f",
          "606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f808182838485868788898a8b8c8d8e8f90"
          "9192939495969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeaf",
          "b0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0"
          "e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
          82),
      "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275"
      "600c"
      "2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87");
  EXPECT_EQ(hkdf("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "", "", 42),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

TEST(Hkdf, LengthHasBounds) {
  const auto key = hex("00112233");
  EXPECT_EQ(hkdf_sha256(key, {}, {}, 255 * 32).size(), 255U * 32);
  EXPECT_THROW(hkdf_sha256(key, {}, {}, 255 * 32 + 1), error);
  EXPECT_THROW(hkdf_sha256(key, {}, {}, 0), error);
}

TEST(RandomBytes, FillsAndDiffers) {
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    std::array<std::uint8_t, 16> bytes{};
    random_bytes(bytes);
    seen.emplace(as_text(bytes));
  }
  EXPECT_EQ(seen.size(), 100U);
  EXPECT_NO_THROW(random_bytes({}));
}

TEST(ConstantTimeEqual, ComparesContentAndSize) {
  EXPECT_TRUE(constant_time_equal(as_bytes("abc"), as_bytes("abc")));
  EXPECT_TRUE(constant_time_equal({}, {}));
  EXPECT_FALSE(constant_time_equal(as_bytes("abc"), as_bytes("abd")));
  EXPECT_FALSE(constant_time_equal(as_bytes("abc"), as_bytes("ab")));
}

TEST(Fail, TellsTheReasonAndDrainsTheQueue) {
  ERR_raise_data(ERR_LIB_USER, ERR_R_INTERNAL_ERROR, "data that must stay inside: hunter2");
  try {
    fail("step");
    FAIL() << "fail() returned";
  } catch (const error& e) {
    EXPECT_STREQ(e.sqlstate(), sqlstate::internal_error);
    EXPECT_EQ(e.message(), "step failed");
    EXPECT_EQ(e.detail().find("hunter2"), std::string::npos);
    EXPECT_NE(e.detail().find("internal error"), std::string::npos);
  }
  EXPECT_EQ(ERR_peek_error(), 0U);
  ERR_raise(ERR_LIB_USER, ERR_R_MALLOC_FAILURE);
  EXPECT_THROW(fail("step"), std::bad_alloc);
}

TEST(Binding, NoTwoListsShareTheirBytes) {
  const auto bytes = [](std::initializer_list<std::string_view> fields) {
    binding bound("d");
    for (const std::string_view field : fields) bound.add(field);
    return std::string(as_text(bound.bytes()));
  };
  const std::set<std::string> all{bytes({}),
                                  bytes({""}),
                                  bytes({"", ""}),
                                  bytes({"ab", "c"}),
                                  bytes({"a", "bc"}),
                                  bytes({"abc"}),
                                  bytes({"", "abc"}),
                                  bytes({"abc", ""}),
                                  bytes({"a", "b", "c"}),
                                  bytes({std::string_view("\0\0\0\1c", 5)})};
  EXPECT_EQ(all.size(), 10U);
  EXPECT_NE(as_text(binding("a").add("b").bytes()), as_text(binding("b").add("a").bytes()));
}

TEST(Binding, LengthsAreFourBytesBigEndian) {
  binding bound("ab");
  bound.add(std::string(258, 'x'));
  EXPECT_EQ(hex_encode(bound.bytes().first(11)), "0000000261620000010278");
}

}  // namespace
}  // namespace llm_admin::crypto
