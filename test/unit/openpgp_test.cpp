#include "core/keys/openpgp.hpp"

#include <gtest/gtest.h>

#include <string>

#include "core/encoding.hpp"

// The long samples are what pgcrypto itself wrote, for the plaintext "sk-test-0123456789abcdef".
namespace llm_admin {
namespace {

constexpr std::string_view plain_hex =
    "c30d04070302652dba0e864a87f773d2490166c6a9b88d3d5829ddd0684df1fd161afd2257640642bef0190c54e7734ecaa3d448"
    "7890e8"
    "3d504b77b34959d3a240017986e11e0539b213cf3ccaab1fc73604b78d744b39f67b3a";
constexpr std::string_view armored =
    "-----BEGIN PGP MESSAGE-----\n\n"
    "ww0ECQMCAzZdONuaoAFl0kkBeZZp+HtbMdULcAqyBBKLg5LbaHgPZ+5dLWJ1Bjy0HoTaEfDjBkvN\n"
    "PA8KKSEwefM+dV6T49lGLbgA+QLZAJYHqjQK9e8mzp5i\n"
    "=cG7s\n"
    "-----END PGP MESSAGE-----\n";

bool recognised(std::string_view text) { return decode_openpgp(text).has_value(); }

std::string replaced(std::string_view text, std::string_view what, std::string_view with) {
  std::string result(text);
  const std::size_t at = result.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return result.replace(at, what.size(), with);
}

TEST(OpenPgp, HexInBothForms) {
  const auto bytes = decode_openpgp("\\x" + std::string(plain_hex));
  ASSERT_TRUE(bytes);
  EXPECT_EQ(hex_encode(*bytes), plain_hex);
  EXPECT_EQ(decode_openpgp(plain_hex), bytes);
  EXPECT_EQ(decode_openpgp(" \t" + std::string(plain_hex) + "\r\n"), bytes);
}

TEST(OpenPgp, OtherModesOfPgcrypto) {
  // Simple S2K without MDC (tag 9), and salted S2K with a session key of its own.
  EXPECT_TRUE(
      recognised("\\xc30404070002c9324cc89d4c82010d49163c57ab98f9ab4c0e5420a02596e5d4943759e71e7de466c2a5e668"
                 "efdfa7984bef238d2c3d32d4dc92"));
  EXPECT_TRUE(recognised(
      "\\xc31d04070108e5720d2470a387954b40691d34193890db7b75eb308ae6125fd24901d350b6146e79ec02699f"
      "b9df75b5a28dcfd206434bc4fcd99ee0ca74947b14ad2bde19465e29c30243ded83fadfb92596eedb1f9f482e9cc"
      "3a570e837626a5f66bdd24359f72f26b"));
}

TEST(OpenPgp, Armor) {
  const auto bytes = decode_openpgp(armored);
  ASSERT_TRUE(bytes);
  EXPECT_EQ(hex_encode(*bytes).substr(0, 12), "c30d04090302");
  std::string windows;
  for (const char c : armored) windows += c == '\n' ? std::string("\r\n") : std::string(1, c);
  EXPECT_EQ(decode_openpgp(windows), bytes);
  EXPECT_EQ(decode_openpgp(replaced(armored, "=cG7s\n", "")), bytes);
  EXPECT_EQ(decode_openpgp(replaced(armored, "-----\n\n", "-----\nVersion: x\nComment: y\n\n")), bytes);
}

TEST(OpenPgp, DamagedArmor) {
  for (const std::string& bad :
       {replaced(armored, "=cG7s", "=cG7t"), replaced(armored, "ww0E", "ww0F"),
        replaced(armored, "p5i", "p5_"), replaced(armored, "-----END PGP MESSAGE-----", ""),
        replaced(armored, "-----\n\n", "-----\n"), replaced(armored, "=cG7s\n", "=cG7s\n=cG7s\n"),
        replaced(armored, "MESSAGE-----\n\n", "SIGNATURE-----\n\n"), std::string(armored) + "more",
        replaced(armored, "p5i\n", "p5\n")}) {
    EXPECT_FALSE(recognised(bad)) << bad;
  }
}

TEST(OpenPgp, OldPacketFormat) {
  EXPECT_TRUE(recognised("8c0d040703020102030405060708c9a40101"));
  EXPECT_TRUE(recognised("8d000d040703020102030405060708c9a40101"));
  EXPECT_TRUE(recognised("8e0000000d040703020102030405060708c9a40101"));
  EXPECT_FALSE(recognised("8f040703020102030405060708c9a40101"));  // length to the end
}

TEST(OpenPgp, NewFormatLengths) {
  EXPECT_TRUE(recognised("c3ff0000000d040703020102030405060708c9d20101"));
  EXPECT_FALSE(recognised("c3ff7fffffff040703020102030405060708c9d20101"));
  EXPECT_FALSE(recognised("c3e0040703020102030405060708c9d20101"));  // partial
  EXPECT_FALSE(recognised("c3c000"));
  EXPECT_FALSE(recognised("c3ff00"));
}

TEST(OpenPgp, OnlyAWellFormedSessionKeyComesFirst) {
  const std::string_view good = "c30d040703020102030405060708c9d20101";
  ASSERT_TRUE(recognised(good));
  const std::pair<std::string_view, std::string_view> changes[] = {
      {"c30d", "c10d"},          // public-key session key
      {"c30d", "d20d"},          // data at once
      {"c30d", "430d"},          // no packet at all
      {"0d0407", "0d0507"},      // version 5
      {"0407", "0405"},          // unknown cipher
      {"040703", "040702"},      // unknown S2K
      {"0302", "0304"},          // unknown hash
      {"c30d", "c30c"},          // body shorter than its S2K
      {"c9d20101", "c9"},        // nothing follows
      {"c9d20101", "c9520101"},  // no packet follows
      {"c9d20101", "c9c60101"},  // a public key follows
  };
  for (const auto& [from, to] : changes)
    EXPECT_FALSE(recognised(replaced(good, from, to))) << from << " " << to;
}

TEST(OpenPgp, OtherTextIsNotRecognised) {
  for (const std::string_view text :
       {"", "\\x", "sk-abc", "0123456789abcdef0123456789abcdef", "c3", "\\xc3 0d",
        "-----BEGIN PGP MESSAGE-----", "-----BEGIN PGP MESSAGE-----\n\n"}) {
    EXPECT_FALSE(recognised(text)) << text;
  }
}

}  // namespace
}  // namespace llm_admin
