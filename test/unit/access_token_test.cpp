#include "core/keys/access_token.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "core/encoding.hpp"
#include "core/keys/random_token.hpp"

namespace llm_admin {
namespace {

using form = credential_form;

constexpr std::string_view sample = "la_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

TEST(RandomToken, IsTheCanonicalTextOf256Bits) {
  for (int n = 0; n < 500; ++n) {
    const secret_bytes made = make_random_token("la_");
    ASSERT_EQ(made.size(), 46u);
    const std::string_view behind = made.text().substr(3);
    std::vector<std::uint8_t> bits(base64url_decoded_size(behind.size()));
    ASSERT_EQ(base64url_decode(behind, bits), 32u);
    EXPECT_EQ(base64url_encode(bits), behind);
    EXPECT_TRUE(has_random_token_form(made.text(), "la_"));
  }
}

TEST(RandomToken, EveryCharacterOfTheAlphabetIsMade) {
  std::set<char> met;
  std::set<std::string> tokens;
  for (int n = 0; n < 300; ++n) {
    const secret_bytes made = make_random_token("");
    met.insert(made.text().begin(), made.text().end());
    tokens.emplace(made.text());
  }
  EXPECT_EQ(met.size(), 64u);
  EXPECT_EQ(tokens.size(), 300u);
}

TEST(RandomToken, FormIsExact) {
  EXPECT_TRUE(has_random_token_form(sample, "la_"));
  EXPECT_FALSE(has_random_token_form(sample, "lt_"));
  EXPECT_FALSE(has_random_token_form(sample.substr(0, 45), "la_"));
  EXPECT_FALSE(has_random_token_form(std::string(sample) + "A", "la_"));
  EXPECT_FALSE(has_random_token_form("", "la_"));
  EXPECT_FALSE(has_random_token_form("la_", "la_"));
  for (const char wrong : {'+', '/', '=', ' ', '\0', '\x7f', '\xc3'}) {
    std::string other(sample);
    other[20] = wrong;
    EXPECT_FALSE(has_random_token_form(other, "la_"));
  }
  // Exactly the texts that decode have the form, whatever the last character is.
  for (int c = 0; c < 256; ++c) {
    std::string other(sample);
    other.back() = static_cast<char>(c);
    std::vector<std::uint8_t> bits(33);
    EXPECT_EQ(has_random_token_form(other, "la_"),
              base64url_decode(std::string_view(other).substr(3), bits).has_value())
        << c;
  }
}

TEST(AccessToken, IsMadeWithItsHashAndPrefix) {
  const made_access_token made = make_access_token();
  EXPECT_EQ(made.text.size(), 46u);
  EXPECT_TRUE(made.text.text().starts_with("la_"));
  EXPECT_EQ(made.hash, access_token_hash(made.text.text()));
  EXPECT_EQ(made.prefix, made.text.text().substr(0, 11));
}

// sha256 of the text as LiteLLM's hash_token() gives it; by Python's hashlib.
TEST(AccessToken, HashIsTheOneThatLiteLLMKeeps) {
  EXPECT_EQ(hex_encode(access_token_hash("sk-1234")),
            "88dc28d0f030c55ed4ab77ed8faf098196cb1c05df778539800c9f1243fe6b4b");
}

TEST(AccessToken, OfOtherTokensNothingIsShown) {
  EXPECT_EQ(access_token_prefix(sample), "la_AAECAwQF");
  EXPECT_EQ(access_token_prefix("sk-1234"), "");
  EXPECT_EQ(access_token_prefix("la_short"), "");
  EXPECT_EQ(access_token_prefix(""), "");
}

TEST(AccessToken, ATokenIsToldFromAHash) {
  const std::string hash = hex_encode(access_token_hash(sample));
  EXPECT_EQ(read_access_credential(sample).form, form::own_token);
  EXPECT_EQ(read_access_credential("sk-1234").form, form::foreign_token);
  EXPECT_EQ(read_access_credential(hash).form, form::hash);
  EXPECT_EQ(read_access_credential("\\x" + hash).form, form::hash);
  std::string upper = hash;
  for (char& c : upper) c = c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c;
  EXPECT_EQ(read_access_credential(upper).form, form::hash);
  // All of them find the same key.
  const crypto::digest expected = access_token_hash(sample);
  EXPECT_EQ(read_access_credential(sample).hash, expected);
  EXPECT_EQ(read_access_credential(hash).hash, expected);
  EXPECT_EQ(read_access_credential("\\x" + hash).hash, expected);
  EXPECT_EQ(read_access_credential(upper).hash, expected);
  EXPECT_EQ(read_access_hash(byte_view(expected)), expected);
  // Where a token is asked for, 64 digits are one.
  EXPECT_EQ(read_access_token(hash).form, form::foreign_token);
  EXPECT_NE(read_access_token(hash).hash, expected);
}

TEST(AccessToken, HashesHaveOneSize) {
  const std::string hash(64, 'a');
  EXPECT_TRUE(read_access_hash(hash));
  for (const std::string& text :
       {hash.substr(1), hash + "a", hash + "aa", std::string(63, 'a') + "g", std::string("\\x"),
        std::string(), "\\x\\x" + hash, "0x" + hash, "\\X" + hash})
    EXPECT_FALSE(read_access_hash(text)) << text;
  for (const std::size_t size : {0u, 31u, 33u, 64u})
    EXPECT_FALSE(read_access_hash(byte_view(std::vector<std::uint8_t>(size)))) << size;
}

TEST(AccessToken, WhatCanBeNoTokenIsSaidToBeSo) {
  const auto problem = [](const std::string& text) {
    const access_credential read = read_access_credential(text);
    EXPECT_EQ(read.form == form::malformed, read.problem != nullptr);
    return std::string(read.problem == nullptr ? "" : read.problem);
  };
  EXPECT_EQ(problem(""), "is empty");
  EXPECT_EQ(problem("Bearer " + std::string(sample)), "holds blanks or control characters");
  EXPECT_EQ(problem(std::string(sample) + "\n"), "holds blanks or control characters");
  EXPECT_EQ(problem(std::string("sk-\0x", 5)), "holds blanks or control characters");
  EXPECT_EQ(problem("lma1.AAAA"), "is an encrypted key");
  const std::string cut = "begins like a token of this installation and has not the form of one";
  EXPECT_EQ(problem(std::string(sample.substr(0, 45))), cut);
  EXPECT_EQ(problem(std::string(sample) + "A"), cut);
  EXPECT_EQ(problem("la_"), cut);
  EXPECT_EQ(problem(std::string(8192, 'k')), "");
  EXPECT_EQ(problem(std::string(8193, 'k')), "has more than 8192 bytes");
}

TEST(AccessToken, OneCharacterMakesAnotherHash) {
  const crypto::digest expected = access_token_hash(sample);
  for (std::size_t n = 3; n < sample.size(); ++n) {
    std::string other(sample);
    other[n] = other[n] == 'A' ? 'E' : 'A';
    const access_credential read = read_access_token(other);
    EXPECT_EQ(read.form, form::own_token) << n;
    EXPECT_FALSE(same_access_hash(read.hash, expected)) << n;
  }
  EXPECT_TRUE(same_access_hash(read_access_token(sample).hash, expected));
  EXPECT_FALSE(same_access_hash(byte_view(expected).first(31), expected));
  EXPECT_FALSE(same_access_hash({}, expected));
}

}  // namespace
}  // namespace llm_admin
