#include "core/crypto/aead.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "core/crypto/primitives.hpp"
#include "core/error.hpp"

namespace llm_admin::crypto {
namespace {

using bytes = std::vector<std::uint8_t>;
bytes hex(std::string_view text) { return hex_decode(text).value(); }

std::optional<bytes> opened(aead_key& key, const bytes& nonce, const bytes& aad, const bytes& text,
                            const bytes& tag) {
  bytes plain(text.size(), 0xee);
  if (key.open(nonce, aad, text, tag, plain)) return plain;
  EXPECT_TRUE(std::all_of(plain.begin(), plain.end(), [](auto b) { return b == 0; }))
      << "output not cleansed";
  return std::nullopt;
}

struct vector {
  const char *key, *nonce, *aad, *plain, *sealed, *tag;
};

// Test cases 13 to 16 of the GCM submission to NIST (McGrew and Viega), those of 256-bit keys and 96-bit
// nonces.
constexpr vector vectors[] = {
    {"0000000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000", "", "",
     "", "530f8afbc74536b9a963b4f1c4cb738b"},
    {"0000000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000", "",
     "00000000000000000000000000000000", "cea7403d4d606b6e074ec5d3baf39d18",
     "d0d1c8a799996bf0265b98b5d48ab919"},
    {"feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888", "",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf"
     "5aa0de657"
     "ba637b391aafd255",
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6"
     "393ba7a0a"
     "bcc9f662898015ad",
     "b094dac5d93471bdec1a502270e3cc6c"},
    {"feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
     "feedfacedeadbeeffeedfacedeadbeefabaddad2",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf"
     "5aa0de657"
     "ba637b39",
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6"
     "393ba7a0a"
     "bcc9f662",
     "76fc6ece0f4e1768cddf8853bb2d551b"}};

TEST(Aead, NistVectorsBothWays) {
  for (const vector& v : vectors) {
    aead_key key{byte_view(hex(v.key))};
    const bytes plain = hex(v.plain);
    for (int again = 0; again < 2; ++again) {  // the second time on the kept context
      bytes text(plain.size());
      bytes tag(tag_size);
      key.seal(hex(v.nonce), hex(v.aad), plain, text, tag);
      EXPECT_EQ(hex_encode(text), v.sealed);
      EXPECT_EQ(hex_encode(tag), v.tag);
      EXPECT_EQ(opened(key, hex(v.nonce), hex(v.aad), hex(v.sealed), hex(v.tag)), plain);
    }
  }
}

TEST(Aead, EveryBitCounts) {
  const vector& v = vectors[3];
  aead_key key{byte_view(hex(v.key))};
  bytes parts[] = {hex(v.nonce), hex(v.aad), hex(v.sealed), hex(v.tag)};
  for (bytes& part : parts) {
    for (std::size_t bit = 0; bit < part.size() * 8; ++bit) {
      part[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
      EXPECT_FALSE(opened(key, parts[0], parts[1], parts[2], parts[3]));
      part[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    }
  }
  EXPECT_EQ(opened(key, parts[0], parts[1], parts[2], parts[3]), hex(v.plain));
}

TEST(Aead, WrongSizes) {
  aead_key key{byte_view(bytes(32))};
  bytes nonce(12), text(5), plain(5), tag(16);
  for (const std::size_t size : {0U, 11U, 13U}) {
    EXPECT_FALSE(key.open(bytes(size), {}, text, tag, plain));
    EXPECT_THROW(key.seal(bytes(size), {}, plain, text, tag), error);
  }
  for (const std::size_t size : {0U, 4U, 15U, 17U}) {
    bytes other(size);
    EXPECT_FALSE(key.open(nonce, {}, text, other, plain));
    EXPECT_THROW(key.seal(nonce, {}, plain, text, other), error);
    EXPECT_FALSE(key.open(nonce, {}, text, tag, other));
    EXPECT_THROW(key.seal(nonce, {}, plain, other, tag), error);
  }
  for (const std::size_t size : {0U, 16U, 31U, 33U}) EXPECT_THROW(aead_key{byte_view(bytes(size))}, error);
}

TEST(Aead, MovesKeepTheKey) {
  aead_key first{byte_view(bytes(32, 7))};
  bytes nonce(12), plain(5, 1), text(5), tag(16);
  first.seal(nonce, {}, plain, text, tag);
  aead_key second(std::move(first));
  EXPECT_EQ(opened(second, nonce, {}, text, tag), plain);
  aead_key third{byte_view(bytes(32, 8))};
  EXPECT_FALSE(opened(third, nonce, {}, text, tag));
  third = std::move(second);
  EXPECT_EQ(opened(third, nonce, {}, text, tag), plain);
}

TEST(Aead, AChangedKeyWorksLikeANewOne) {
  const bytes nonce(nonce_size, 1), aad(20, 2), plain(40, 3);
  aead_key changing{byte_view(bytes(key_size, 0))};
  for (std::uint8_t n = 0; n < 4; ++n) {
    const bytes raw(key_size, n);
    aead_key fresh{byte_view(raw)};
    bytes sealed(plain.size()), tag(tag_size), again(plain.size()), again_tag(tag_size);
    fresh.seal(nonce, aad, plain, sealed, tag);
    EXPECT_EQ(opened(changing, nonce, aad, sealed, tag).has_value(), n == 0) << "the key of before";
    changing.change_key(raw);
    EXPECT_EQ(opened(changing, nonce, aad, sealed, tag), plain);
    changing.seal(nonce, aad, plain, again, again_tag);
    EXPECT_EQ(again, sealed);
    EXPECT_EQ(again_tag, tag);
    EXPECT_THROW(changing.change_key(bytes(31)), error);
    EXPECT_EQ(opened(changing, nonce, aad, sealed, tag), plain) << "a refused key changes nothing";
  }
}

}  // namespace
}  // namespace llm_admin::crypto
