// Vectors of the Wycheproof project against our own code; absent files skip with a line saying so.
#include <gtest/gtest.h>
#include <rapidjson/document.h>
#include <rapidjson/istreamwrapper.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

#include "core/crypto/aead.hpp"
#include "core/crypto/primitives.hpp"
#include "core/error.hpp"

namespace llm_admin::crypto {
namespace {

using bytes = std::vector<std::uint8_t>;

bool load(const char* name, rapidjson::Document& document) {
  std::ifstream file(std::string(LLM_ADMIN_TEST_DATA "/") + name);
  if (!file) return false;
  rapidjson::IStreamWrapper stream(file);
  document.ParseStream(stream);
  EXPECT_FALSE(document.HasParseError()) << name;
  return !document.HasParseError();
}

bytes member(const rapidjson::Value& test, const char* name) {
  return hex_decode(test[name].GetString()).value();
}
bool is_valid(const rapidjson::Value& test) {
  return std::string_view(test["result"].GetString()) == "valid";
}

TEST(Wycheproof, AesGcm) {
  rapidjson::Document document;
  if (!load("wycheproof_aes_gcm.json", document)) GTEST_SKIP() << "wycheproof_aes_gcm.json is not here";
  int valid = 0;
  int invalid = 0;
  for (const auto& group : document["testGroups"].GetArray()) {
    if (group["keySize"].GetInt() != 256 || group["ivSize"].GetInt() != 96 ||
        group["tagSize"].GetInt() != 128)
      continue;
    for (const auto& test : group["tests"].GetArray()) {
      SCOPED_TRACE(test["tcId"].GetInt());
      aead_key key{byte_view(member(test, "key"))};
      const bytes message = member(test, "msg");
      const bytes sealed = member(test, "ct");
      bytes plain(sealed.size());
      ASSERT_EQ(key.open(member(test, "iv"), member(test, "aad"), sealed, member(test, "tag"), plain),
                is_valid(test));
      if (!is_valid(test)) {
        ++invalid;
        EXPECT_TRUE(std::all_of(plain.begin(), plain.end(), [](auto b) { return b == 0; }));
        continue;
      }
      ++valid;
      EXPECT_EQ(plain, message);
      bytes text(message.size());
      bytes tag(tag_size);
      key.seal(member(test, "iv"), member(test, "aad"), message, text, tag);
      EXPECT_EQ(text, sealed);
      EXPECT_EQ(tag, member(test, "tag"));
    }
  }
  EXPECT_GT(valid, 20);
  EXPECT_GT(invalid, 20);
}

TEST(Wycheproof, HkdfSha256) {
  rapidjson::Document document;
  if (!load("wycheproof_hkdf_sha256.json", document))
    GTEST_SKIP() << "wycheproof_hkdf_sha256.json is not here";
  int valid = 0;
  int invalid = 0;
  for (const auto& group : document["testGroups"].GetArray()) {
    for (const auto& test : group["tests"].GetArray()) {
      SCOPED_TRACE(test["tcId"].GetInt());
      const auto derive = [&test] {
        return hkdf_sha256(member(test, "ikm"), member(test, "salt"), member(test, "info"),
                           test["size"].GetUint());
      };
      if (is_valid(test)) {
        ++valid;
        EXPECT_EQ(hex_encode(derive().span()), test["okm"].GetString());
      } else {
        ++invalid;
        EXPECT_THROW(derive(), error);
      }
    }
  }
  EXPECT_GT(valid, 50);
  EXPECT_GT(invalid, 0);
}

}  // namespace
}  // namespace llm_admin::crypto
