#include "core/redact.hpp"

#include <gtest/gtest.h>

namespace llm_admin {
namespace {

TEST(MaskKey, ShowsFiveAndThree) {
  EXPECT_EQ(mask_key("sk-or-v1-0123456789abcdef"), "sk-or***def");
  EXPECT_EQ(mask_key("01234567890123456789"), "01234***789");
}

TEST(MaskKey, HidesShortKeysAltogether) {
  EXPECT_EQ(mask_key(""), "***");
  EXPECT_EQ(mask_key("0123456789012345678"), "***");
}

TEST(MaskKey, CountsCharactersNotBytes) {
  std::string key;
  for (int i = 0; i < 19; ++i) key += "\xc3\xa4";
  EXPECT_EQ(mask_key(key), "***");
  key += "\xf0\x9f\x94\x91";
  EXPECT_EQ(mask_key(key), "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4***\xc3\xa4\xc3\xa4\xf0\x9f\x94\x91");
}

TEST(MaskKey, ShowsNothingOfBrokenText) {
  for (const std::string_view broken :
       {"\xc3", "\xff", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82"}) {
    EXPECT_EQ(mask_key("01234567890123456789" + std::string(broken)), "***") << broken;
    EXPECT_EQ(mask_key(std::string(broken) + "01234567890123456789"), "***") << broken;
  }
}

TEST(Scrub, AsItIs) {
  const std::string key = "sk-proj-0123456789";
  EXPECT_EQ(scrub("no key here", key), "no key here");
  EXPECT_EQ(scrub("wrong key " + key + ".", key), "wrong key ***.");
  EXPECT_EQ(scrub(key + key, key), "******");
  EXPECT_EQ(scrub("any text", ""), "any text");
  EXPECT_EQ(scrub("a b a", "a"), "*** b ***");
}

// As the URL of a request that failed has it, and as JSON does.
TEST(Scrub, Escaped) {
  const std::string key = "sk+a/b\"c=%25d\\e~";
  EXPECT_EQ(scrub("<" + key + ">", key), "<***>");
  EXPECT_EQ(scrub("GET https://h/x?key=sk%2Ba%2Fb%22c%3D%2525d%5Ce~&a=1", key),
            "GET https://h/x?key=***&a=1");
  EXPECT_EQ(scrub("key=sk%2ba%2fb%22c%3d%2525d%5ce%7e", key), "key=***");
  EXPECT_EQ(scrub(R"({"message":"sk+a\/b\"c=%25d\\e~"})", key), R"({"message":"***"})");
}

TEST(Scrub, WhatACutHasLeft) {
  const std::string key = "sk-proj-0123456789";
  EXPECT_EQ(scrub("wrong key sk-proj-012...", key), "wrong key ***...");
  EXPECT_EQ(scrub("wrong key sk-proj-0", key), "wrong key ***");
  EXPECT_EQ(scrub("wrong key sk-proj-****", key), "wrong key sk-proj-****");
  EXPECT_EQ(scrub("wrong key sk-proj-", key), "wrong key sk-proj-");
  EXPECT_EQ(scrub("sk-prosk-proj-0123456789", key), "sk-pro***");
}

}  // namespace
}  // namespace llm_admin
