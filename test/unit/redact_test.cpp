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

// Of a key that is long enough to be shown masked, whatever begins like it.
TEST(Scrub, WhatACutHasLeft) {
  const std::string key = "sk-proj-0123456789-0123";
  EXPECT_EQ(scrub("wrong key sk-proj-012...", key), "wrong key ***...");
  EXPECT_EQ(scrub("wrong key sk-proj-0", key), "wrong key ***");
  EXPECT_EQ(scrub("wrong key: sk-proj-****, mend it", key), "wrong key: ***, mend it");
  EXPECT_EQ(scrub("{\"key\": \"sk%2Dproj-0\"} sk-pro.", key), "{\"key\": \"***\"} ***.");
  EXPECT_EQ(scrub("wrong key sk-p", key), "wrong key sk-p");
  EXPECT_EQ(scrub("x?a=sk-prosk-proj-0123456789-0123&b=sk-", key), "x?a=***&b=sk-");
  EXPECT_EQ(scrub("sk-proj-012345678", "sk-proj-0123456789"), "sk-proj-012345678");
}

// Who may have messages scrubbed must not read a key out of them: of no length does a right guess come back
// otherwise than a wrong one.
TEST(Scrub, TellsNoMoreThanTheMask) {
  for (const std::string key :
       {"sk-proj-0123456789-0123", "\xc3\xa9\xc3\xa9-\xe2\x82\xac-key-0123456789-0123"}) {
    const std::size_t shown = mask_key(key).find("***");
    for (std::size_t known = shown + 1; known < key.size(); ++known) {
      for (const char* after : {"", "...", " x", "\"}", "%20", "\\\"", "&a=1"}) {
        std::string wrong = key.substr(0, known);
        wrong.back() = wrong.back() == '0' ? '1' : '0';
        EXPECT_EQ(scrub(key.substr(0, known) + after, key), scrub(wrong + after, key)) << known << after;
      }
    }
    EXPECT_EQ(scrub("<" + key + ">", key), "<***>");
  }
}

// A blank or a quote within a key does not end it.
TEST(Scrub, OddKeysWhole) {
  const std::string key = "sk pr\"oj-0123,4567;89-0123.";
  EXPECT_EQ(scrub("the key " + key + " is wrong", key), "the key *** is wrong");
  EXPECT_EQ(scrub("cut: sk pr\"oj-01", key), "cut: ***");
  EXPECT_EQ(scrub("sk%20pr%22oj-0123%2C4567;89-0123. is wrong", key), "*** is wrong");
}

}  // namespace
}  // namespace llm_admin
