#include "core/similar.hpp"

#include <gtest/gtest.h>

#include <array>

namespace llm_admin {
namespace {

using names = std::vector<std::string>;

TEST(Nearest, FindsEachKindOfEdit) {
  constexpr std::array<std::string_view, 3> candidates{"temperature", "max_tokens", "top_p"};
  EXPECT_EQ(nearest("temperatur", candidates), names{"temperature"});    // one missing
  EXPECT_EQ(nearest("temperatures", candidates), names{"temperature"});  // one too many
  EXPECT_EQ(nearest("tempereture", candidates), names{"temperature"});   // one wrong
  EXPECT_EQ(nearest("otp_p", candidates), names{"top_p"});               // two swapped, one edit
  EXPECT_EQ(nearest("MAX_TOKENS", candidates), names{"max_tokens"});
  EXPECT_EQ(nearest("banana", candidates), names{});
}

TEST(Nearest, BestFirstAndNoMoreThanAsked) {
  constexpr std::array<std::string_view, 5> candidates{"abcdxx", "abcdex", "abcdef", "abcdey", "zzzzzz"};
  EXPECT_EQ(nearest("abcdef", candidates), (names{"abcdef", "abcdex", "abcdey"}));
  EXPECT_EQ(nearest("abcdef", candidates, 10), (names{"abcdef", "abcdex", "abcdey", "abcdxx"}));
  EXPECT_EQ(nearest("abcdef", candidates, 1), names{"abcdef"});
  EXPECT_EQ(nearest("abcdef", candidates, 0), names{});
}

TEST(Nearest, BoundFollowsTheLengthOfTheWord) {
  constexpr std::array<std::string_view, 1> candidates{"abc"};
  EXPECT_EQ(nearest("abx", candidates), names{"abc"});  // 1 of 3
  EXPECT_EQ(nearest("axx", candidates), names{});       // 2 of 3
  constexpr std::array<std::string_view, 2> tiny{"a", ""};
  EXPECT_EQ(nearest("", tiny), (names{"", "a"}));
}

TEST(Nearest, SwapAtTheBoundIsNotCutOff) {
  constexpr std::array<std::string_view, 1> candidates{"badc"};
  EXPECT_EQ(nearest("abcdabcdabcdab", candidates), names{});
  EXPECT_EQ(nearest("abdc", candidates), names{"badc"});
}

TEST(Nearest, CutsLongInput) {
  const std::string word(5000, 'a');
  const std::string same = std::string(200, 'a') + "tail";
  const std::string_view candidates[] = {same};
  EXPECT_EQ(nearest(word, candidates), names{std::string(200, 'a')});
}

}  // namespace
}  // namespace llm_admin
