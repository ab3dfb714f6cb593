#include "core/glob.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <random>
#include <string>
#include <vector>

#include "core/glob_index.hpp"

namespace llm_admin {
namespace {

// By the definition, for ASCII: exponential, and so only for short ones.
bool by_definition(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] == '*')
    return by_definition(pattern.substr(1), text) ||
           (!text.empty() && by_definition(pattern, text.substr(1)));
  if (text.empty()) return false;
  return (pattern[0] == '?' || pattern[0] == text[0]) && by_definition(pattern.substr(1), text.substr(1));
}

TEST(Glob, WildcardsAndLiterals) {
  EXPECT_TRUE(glob_matches("openai/*", "openai/gpt-4o"));
  EXPECT_TRUE(glob_matches("openrouter/*", "openrouter/meta-llama/llama-3-8b"));  // `/` is no border
  EXPECT_TRUE(glob_matches("openai/*", "openai/"));
  EXPECT_FALSE(glob_matches("openai/*", "openai"));
  EXPECT_FALSE(glob_matches("openai/*", "OpenAI/gpt-4o"));
  EXPECT_TRUE(glob_matches("gpt-?o", "gpt-4o"));
  EXPECT_FALSE(glob_matches("gpt-?o", "gpt-o"));
  EXPECT_FALSE(glob_matches("gpt-?o", "gpt-44o"));
  EXPECT_TRUE(glob_matches("", ""));
  EXPECT_FALSE(glob_matches("", "a"));
  EXPECT_TRUE(glob_matches("*", ""));
  EXPECT_FALSE(glob_matches("?", ""));
  EXPECT_TRUE(glob_matches("*?*?", "ab"));
  EXPECT_FALSE(glob_matches("*?*?", "a"));
}

TEST(Glob, EverythingElseIsLiteral) {
  EXPECT_TRUE(glob_matches("a[b]c", "a[b]c"));
  EXPECT_FALSE(glob_matches("a[b]c", "abc"));
  EXPECT_TRUE(glob_matches("a\\*", "a\\x"));
  EXPECT_FALSE(glob_matches("a\\*", "a*"));
  EXPECT_TRUE(glob_matches("a%_.", "a%_."));
  EXPECT_FALSE(glob_matches("a%", "ab"));
}

TEST(Glob, AQuestionMarkIsACharacterNotAByte) {
  EXPECT_TRUE(glob_matches("m?del",
                           "m\xC3\xB6"
                           "del"));
  EXPECT_FALSE(glob_matches("m??del",
                            "m\xC3\xB6"
                            "del"));
  EXPECT_TRUE(glob_matches("*?", "\xF0\x9F\x98\x80"));
  EXPECT_FALSE(glob_matches("*?*?*", "\xF0\x9F\x98\x80"));
  EXPECT_TRUE(glob_matches("*a?c*",
                           "xa\xE2\x82\xAC"
                           "cy"));
  EXPECT_FALSE(glob_matches("*a?c*",
                            "xa\xE2\x82\xAC"
                            "dy"));
  EXPECT_TRUE(glob_matches("*\xC3\xB6?", "o\xC3\xB6x"));
}

TEST(Glob, AsDefinedForAllShortOnes) {
  const std::string letters = "ab*?";
  std::vector<std::string> all{""};
  for (std::size_t begin = 0, length = 1; length <= 5; ++length) {
    const std::size_t end = all.size();
    for (; begin < end; ++begin)
      for (const char c : letters) all.push_back(all[begin] + c);
  }
  for (const std::string& pattern : all)
    for (const std::string& text : all)
      if (is_literal_glob(text)) {
        ASSERT_EQ(glob_matches(pattern, text), by_definition(pattern, text)) << pattern << " on " << text;
      }
}

// Each of these took a backtracking matcher longer than anybody waits.
TEST(Glob, HostilePatterns) {
  const std::string text(10'000, 'a');
  std::string stars;
  for (int n = 0; n < 10'000; ++n) stars += "*a";
  EXPECT_TRUE(glob_matches(stars, text));
  EXPECT_FALSE(glob_matches(stars + "b", text));
  EXPECT_FALSE(glob_matches(stars + "*b", text));
  EXPECT_TRUE(glob_matches(std::string(10'000, '*'), text));
  EXPECT_FALSE(glob_matches(std::string(10'000, '*') + "b", text));
  EXPECT_FALSE(glob_matches("*" + std::string(5'000, 'a') + "b*", text));
  EXPECT_FALSE(glob_matches("*" + std::string(5'000, '?') + "b*", text));
  EXPECT_TRUE(glob_matches("*" + std::string(5'000, '?') + "a*", text));
  EXPECT_FALSE(glob_matches(std::string(10'001, '?'), text));
}

TEST(Glob, LiteralsAndWhatTheStarStandsFor) {
  EXPECT_EQ(literals_in_glob("openai/gpt-4*"), 12U);
  EXPECT_EQ(literals_in_glob("*?*"), 0U);
  EXPECT_EQ(literals_in_glob("m\xC3\xB6*"), 2U);
  EXPECT_EQ(star_in_glob("*:free", "meta/llama:free"), "meta/llama");
  EXPECT_EQ(star_in_glob("gpt-?-*-x", "gpt-4-mini-x"), "mini");
  EXPECT_EQ(star_in_glob("gpt-4", "gpt-4"), "");
  EXPECT_EQ(star_in_glob("*", "\xC3\xB6"), "\xC3\xB6");
}

std::optional<glob_index::number> first_of(const std::vector<std::string>& patterns, std::string_view text) {
  for (std::size_t n = 0; n < patterns.size(); ++n)
    if (glob_matches(patterns[n], text)) return static_cast<glob_index::number>(n);
  return std::nullopt;
}

TEST(Glob, AByteOfZeroIsACharacterLikeAnyOther) {
  using namespace std::string_view_literals;
  EXPECT_TRUE(glob_matches("*a\0?\0*"sv, "xa\0b\0c"sv));
  EXPECT_FALSE(glob_matches("*a\0?\0*"sv, "xazbzc"sv));
  EXPECT_FALSE(glob_matches("*a\0?*"sv, "xa:b"sv));
}

TEST(GlobIndex, TheSameAsOneAfterTheOther) {
  std::mt19937 random(6);
  const auto piece = [&](const char* letters, int most) {
    std::string made;
    const std::size_t count = std::string_view(letters).size();
    for (unsigned n = random() % static_cast<unsigned>(most + 1); n > 0; --n)
      made += letters[random() % count];
    return made;
  };
  for (int round = 0; round < 300; ++round) {
    std::vector<std::string> patterns;
    for (unsigned n = random() % 40; n > 0; --n) patterns.push_back(piece("ab/*?", 6));
    const std::vector<std::string_view> views(patterns.begin(), patterns.end());
    glob_index made(views);
    const glob_index index = std::move(made);  // its keys must not point into what was moved
    for (int n = 0; n < 60; ++n) {
      const std::string text = piece("ab/", 7);
      ASSERT_EQ(index.first(text), first_of(patterns, text)) << text;
    }
  }
}

TEST(GlobIndex, OnesThatAreNotAcceptedArePassedOver) {
  const std::vector<std::string_view> patterns{"openai/*", "openai/gpt-4*", "*", "openai/gpt-4o"};
  const glob_index index(patterns);
  EXPECT_EQ(index.size(), 4U);
  EXPECT_EQ(index.pattern(1), "openai/gpt-4*");
  EXPECT_EQ(index.first("openai/gpt-4o"), 0U);
  EXPECT_EQ(index.first("openai/gpt-4o", [](auto n) { return n > 1; }), 2U);
  EXPECT_EQ(index.first("openai/gpt-4o", [](auto n) { return n > 2; }), 3U);
  EXPECT_EQ(index.first("groq/llama", [](auto n) { return n != 2; }), std::nullopt);
  EXPECT_EQ(glob_index().first("x"), std::nullopt);
  EXPECT_EQ(glob_index(std::vector<std::string_view>()).first("x"), std::nullopt);
}

// Patterns that share all but one piece: only those are tried that have the piece of the text.
TEST(GlobIndex, ManyAlikeAreNotTriedInTurn) {
  std::vector<std::string> patterns;
  for (int n = 0; n < 50'000; ++n) patterns.push_back("openai/*" + std::to_string(100'000 + n) + "*-mini");
  const std::vector<std::string_view> views(patterns.begin(), patterns.end());
  const glob_index index(views);
  int tried = 0;
  EXPECT_EQ(index.first("openai/gpt-149999-mini",
                        [&](auto) {
                          ++tried;
                          return true;
                        }),
            49'999U);
  EXPECT_EQ(tried, 1);
  EXPECT_EQ(index.first("openai/gpt-mini"), std::nullopt);
}

}  // namespace
}  // namespace llm_admin
