#include "core/crypto/wrap.hpp"

#include <gtest/gtest.h>

#include <set>

#include "core/error.hpp"

namespace llm_admin::crypto {
namespace {

using bytes = std::vector<std::uint8_t>;

wrap_place usual_place() {
  wrap_place place;
  place.key_id.fill(0x11);
  place.tenant = "tenant-a";
  place.version = 3;
  place.root_id = 7;
  return place;
}

TEST(Wrap, RoundTrip) {
  const bytes root(32, 1), data(32, 2);
  const bytes wrapped = wrap(root, usual_place(), data);
  EXPECT_EQ(wrapped.size(), 61U);
  EXPECT_EQ(wrapped[0], 1);
  const auto back = unwrap(root, usual_place(), wrapped);
  ASSERT_TRUE(back);
  EXPECT_TRUE(constant_time_equal(back->span(), data));
  EXPECT_NE(wrap(root, usual_place(), data), wrapped) << "the nonce is not fresh";
}

TEST(Wrap, ThePlaceIsBound) {
  const bytes root(32, 1);
  const bytes wrapped = wrap(root, usual_place(), bytes(32, 2));
  wrap_place other = usual_place();
  other.key_id[15] ^= 1;
  EXPECT_FALSE(unwrap(root, other, wrapped));
  other = usual_place();
  other.tenant = "tenant-b";
  EXPECT_FALSE(unwrap(root, other, wrapped));
  other.tenant = "";
  EXPECT_FALSE(unwrap(root, other, wrapped));
  other = usual_place();
  other.version = 4;
  EXPECT_FALSE(unwrap(root, other, wrapped));
  other = usual_place();
  other.root_id = 8;
  EXPECT_FALSE(unwrap(root, other, wrapped));
  other = usual_place();
  other.version = 7;
  other.root_id = 3;
  EXPECT_FALSE(unwrap(root, other, wrapped));
  EXPECT_FALSE(unwrap(bytes(32, 9), usual_place(), wrapped));
}

TEST(Wrap, EveryBitAndEveryByteCounts) {
  const bytes root(32, 1);
  bytes wrapped = wrap(root, usual_place(), bytes(32, 2));
  for (std::size_t bit = 0; bit < wrapped.size() * 8; ++bit) {
    wrapped[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    EXPECT_FALSE(unwrap(root, usual_place(), wrapped)) << bit;
    wrapped[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
  }
  for (std::size_t size = 0; size < wrapped.size(); ++size) {
    EXPECT_FALSE(unwrap(root, usual_place(), byte_view(wrapped).first(size))) << size;
  }
  wrapped.push_back(0);
  EXPECT_FALSE(unwrap(root, usual_place(), wrapped));
}

TEST(Wrap, KeysAre32Bytes) {
  EXPECT_THROW((void)wrap(bytes(31), usual_place(), bytes(32)), error);
  EXPECT_THROW((void)wrap(bytes(32), usual_place(), bytes(33)), error);
  EXPECT_THROW((void)sealing_key(bytes(16)), error);
}

TEST(Derivation, EachPurposeHasAKeyOfItsOwn) {
  const bytes key(32, 5);
  const std::set<std::string> all{
      hex_encode(key), hex_encode(sealing_key(key).span()), hex_encode(fingerprint_key(key).span()),
      hex_encode(hkdf_sha256(key, {}, as_bytes("llm_admin/wrap/v1"), 32).span()),
      hex_encode(hkdf_sha256(key, {}, as_bytes("llm_admin/check/v1"), 32).span())};
  EXPECT_EQ(all.size(), 5U);
  EXPECT_EQ(hex_encode(sealing_key(key).span()),
            hex_encode(hkdf_sha256(key, {}, as_bytes("llm_admin/seal/v1"), 32).span()));
}

TEST(CheckValue, TellsKeysAndDomainsApart) {
  const bytes key(32, 5), other(32, 6);
  EXPECT_EQ(check_value(key, "root").size(), 16U);
  EXPECT_EQ(check_value(key, "root"), check_value(key, "root"));
  EXPECT_NE(check_value(key, "root"), check_value(other, "root"));
  EXPECT_NE(check_value(key, "root"), check_value(key, "data"));
}

TEST(Fingerprint, SameKeySameFingerprint) {
  const secret_bytes mine = fingerprint_key(bytes(32, 5));
  const secret_bytes other = fingerprint_key(bytes(32, 6));
  EXPECT_EQ(fingerprint(mine.span(), as_bytes("sk-1")).size(), 32U);
  EXPECT_EQ(fingerprint(mine.span(), as_bytes("sk-1")), fingerprint(mine.span(), as_bytes("sk-1")));
  EXPECT_NE(fingerprint(mine.span(), as_bytes("sk-1")), fingerprint(mine.span(), as_bytes("sk-2")));
  EXPECT_NE(fingerprint(mine.span(), as_bytes("sk-1")), fingerprint(other.span(), as_bytes("sk-1")));
}

}  // namespace
}  // namespace llm_admin::crypto
