#include "core/keys/key_text.hpp"

#include <gtest/gtest.h>

#include <string>

#include "core/crypto/envelope.hpp"

namespace llm_admin {
namespace {

TEST(KeyText, TakesKeysAsVendorsMakeThem) {
  EXPECT_EQ(key_problem("sk-or-v1-0123456789abcdef"), nullptr);
  EXPECT_EQ(key_problem("x"), nullptr);
  EXPECT_EQ(key_problem("with a blank, = and ~"), nullptr);
  EXPECT_EQ(key_problem("sch\xc3\xb6n"), nullptr);
}

TEST(KeyText, RefusesAnEnvelopeGivenAsKey) {
  EXPECT_STREQ(key_problem("lma1.AQEx"), "is an envelope already");
}

TEST(KeyText, RefusesNothingAtAll) { EXPECT_STREQ(key_problem(""), "is empty"); }

TEST(KeyText, RefusesEveryControlCharacterAnywhere) {
  for (int c = 0; c < 256; ++c) {
    const bool control = c < 0x20 || c == 0x7F;
    for (const std::size_t at : {std::size_t{0}, std::size_t{2}, std::size_t{4}}) {
      std::string key = "abcde";
      key[at] = static_cast<char>(c);
      EXPECT_EQ(key_problem(key) != nullptr, control) << "byte " << c << " at " << at;
    }
  }
}

TEST(KeyText, TakesAsMuchAsAnEnvelopeHoldsAndNoMore) {
  EXPECT_EQ(key_problem(std::string(envelope::max_plaintext, 'k')), nullptr);
  EXPECT_STREQ(key_problem(std::string(envelope::max_plaintext + 1, 'k')), "is longer than 65536 bytes");
}

}  // namespace
}  // namespace llm_admin
