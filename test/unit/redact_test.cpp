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

}  // namespace
}  // namespace llm_admin
