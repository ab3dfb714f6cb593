#include "core/keys/redact.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

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

// Of a key too short to be shown, the whole of it, as the URL of a request that failed has it, and as JSON
// does.
TEST(Scrub, ShortKeysWhole) {
  const std::string key = "sk+a/b\"c=%25d\\e~";
  EXPECT_EQ(scrub("<" + key + ">", key), "<***>");
  EXPECT_EQ(scrub("GET https://h/x?key=sk%2Ba%2Fb%22c%3D%2525d%5Ce~&a=1", key),
            "GET https://h/x?key=***&a=1");
  EXPECT_EQ(scrub("key=sk%2ba%2fb%22c%3d%2525d%5ce%7e", key), "key=***");
  EXPECT_EQ(scrub(R"({"message":"sk+a\/b\"c=%25d\\e~"})", key), R"({"message":"***"})");
  EXPECT_EQ(scrub(R"({"message":"sk\u002Ba\/b\"c\u003d%25d\\e~"})", key), R"({"message":"***"})");
  EXPECT_EQ(scrub("sk-proj-012345678", "sk-proj-0123456789"), "sk-proj-012345678");
}

const std::string long_key = "ab+cdefghijklmnopqrstuvwxyz0123";

// However programs write text: each of these holds the key or its beginning.
TEST(Scrub, EveryWayOfWriting) {
  for (const char* written : {R"(ab\u002Bcdefghijklmnopqrstuvwxyz0123)",
                              R"(ab\u002bcdefghijklmnopqrstuvwxyz0123)",
                              R"(\u0061b\u002Bcdefghijklmnopqrstuvwxyz0123)",
                              R"(a\u0062\u002B\u0063\u0064efghi)",
                              R"(ab\+cdefghi)",
                              R"(ab\\u002Bcdefghijkl)",
                              R"(ab\\\\u002Bcdefghijkl)",
                              R"(\x61b\x2bcdefgh)",
                              "ab%2Bcdefghijk",
                              "ab%2bcdefghijk",
                              "%61%62%2B%63%64%65",
                              "ab%252Bcdefghijkl",
                              "ab%u002Bcdefghi",
                              "ab&#43;cdefghi",
                              "ab&#x2B;cdefghi",
                              "ab&#x2b;cdefghi",
                              "ab&amp;#43;cdefghi",
                              "&#97;b+cdefghijk",
                              "YWIrY2RlZmdoaWprbG1u",
                              "dXNlcjphYitjZGVmZ2hpamtsbW4",
                              "eDphYitjZGVmZ2hpamtsbW5v",
                              "61622b6364656667",
                              "61622B6364656667",
                              "ab%5Cu002Bcdefghijkl"}) {
    const std::string text = std::string("key ") + written + "ZZZ is wrong";
    const std::string clean = scrub(text, long_key);
    EXPECT_TRUE(clean.starts_with("key ")) << clean;
    EXPECT_TRUE(clean.ends_with("*** is wrong")) << written << " -> " << clean;
    // What stands before may be of the text that base64 was made of.
    EXPECT_LE(clean.size(), std::string("key dXNlcjp *** is wrong").size()) << clean;
  }
  EXPECT_EQ(scrub("the \\uD83D\\uDE00bcd+x y",
                  "\xF0\x9F\x98\x80"
                  "bcd efghijklmnopqrstuvwx"),
            "the *** y");
  EXPECT_EQ(scrub(R"(no key \u002B %2B &#43; "\)", long_key), R"(no key \u002B %2B &#43; "\)");
}

// Of a key that is long enough to be shown masked, whatever begins like it, to the next white space.
TEST(Scrub, WhatACutHasLeft) {
  const std::string key = "sk-proj-0123456789-0123";
  EXPECT_EQ(scrub("wrong key sk-proj-012... mend it", key), "wrong key *** mend it");
  EXPECT_EQ(scrub("wrong key sk-proj-0", key), "wrong key ***");
  EXPECT_EQ(scrub("wrong key: sk-proj-****, mend it", key), "wrong key: *** mend it");
  EXPECT_EQ(scrub("{\"key\": \"sk%2Dproj-0\"}\nsk-pro.", key), "{\"key\": \"***\n***");
  EXPECT_EQ(scrub("wrong key sk-p", key), "wrong key sk-p");
  EXPECT_EQ(scrub("x?a=sk-prosk-proj-0123456789-0123&b=sk-", key), "x?a=***");
}

// Who may have messages scrubbed must not read a key out of them: of no length does a right guess come back
// otherwise than a wrong one, a whole one included, whatever follows.
TEST(Scrub, TellsNoMoreThanTheMask) {
  for (const std::string key :
       {"sk-proj-0123456789-0123", "\xc3\xa9\xc3\xa9-\xe2\x82\xac-key-0123456789-0123"}) {
    const std::size_t shown = mask_key(key).find("***");
    for (std::size_t known = shown + 1; known <= key.size(); ++known) {
      for (const char* after : {"", "...", " x", "\"}", "%20", "\\\"", "&a=1", "ZZZ", ";tail"}) {
        std::string wrong = key.substr(0, known);
        wrong.back() = wrong.back() == '0' ? '1' : '0';
        EXPECT_EQ(scrub(key.substr(0, known) + after, key), scrub(wrong + after, key)) << known << after;
      }
    }
    EXPECT_EQ(scrub("<" + key + ">", key), "<***");
  }
}

class dice {
 public:
  unsigned below(unsigned bound) {  // xorshift; the same numbers in every run
    state_ ^= state_ << 13U;
    state_ ^= state_ >> 17U;
    state_ ^= state_ << 5U;
    return state_ % bound;
  }

 private:
  std::uint32_t state_ = 2463534242U;
};

// Of several kinds, mixed.
std::string escaped(dice& with, const std::string& text) {
  constexpr char upper[] = "0123456789ABCDEF", lower[] = "0123456789abcdef";
  std::string out;
  for (const char c : text) {
    const char* digits = with.below(2) != 0 ? upper : lower;
    const std::string hex = {digits[static_cast<unsigned char>(c) >> 4], digits[c & 15]};
    switch (with.below(6)) {
      case 0:
        out += "\\u00" + hex;
        break;
      case 1:
        out += "%" + hex;
        break;
      case 2:
        out += "&#x" + hex + ";";
        break;
      case 3:
        out += "\\\\u00" + hex;
        break;
      default:
        if (c == '\\') out += '\\';  // as a program that escapes others would
        out += c;
    }
  }
  return out;
}

// Keys of one mask: a text comes back the same for all of them, and a text that quotes one comes back without
// any of it.
TEST(Scrub, DependsOnTheMaskAlone) {
  dice with;
  for (int round = 0; round < 3000; ++round) {
    const auto printable = [&] { return static_cast<char>('!' + static_cast<int>(with.below(94))); };
    std::string first, second;
    for (unsigned n = 0, size = 20 + with.below(40); n < size; ++n) first += printable();
    second = first.substr(0, 5);
    for (unsigned n = 0, size = 12 + with.below(40); n < size; ++n) second += printable();
    second += first.substr(first.size() - 3);
    ASSERT_EQ(mask_key(first), mask_key(second));
    const std::string quoted = first.substr(0, 5 + with.below(static_cast<unsigned>(first.size()) - 4));
    if (first.find_first_of("%&\\") < 5) continue;
    std::string text = "error: ";
    if (with.below(2) != 0) text += "x=";
    text += with.below(2) != 0 ? escaped(with, quoted) : quoted;
    if (with.below(2) != 0) text += printable();
    if (with.below(2) != 0) text += " and more";
    const std::string clean = scrub(text, first);
    EXPECT_EQ(clean, scrub(text, second)) << text;
    if (quoted.size() >= 8) {
      EXPECT_EQ(clean.find(quoted.substr(5)), std::string::npos) << text << " -> " << clean;
    }
    EXPECT_NE(clean.find("***"), std::string::npos) << text << " of " << first;
  }
}

// Of one kind it may be any key.
TEST(Scrub, EveryKeyInEachKindOfEscapes) {
  dice with;
  for (int round = 0; round < 2000; ++round) {
    std::string key, json, url, html;
    for (unsigned n = 0, size = 3 + with.below(40); n < size; ++n) {
      const char c = static_cast<char>('!' + static_cast<int>(with.below(94)));
      constexpr char digits[] = "0123456789abcdef";
      const std::string hex = {digits[c >> 4], digits[c & 15]};
      const bool plain = with.below(2) != 0 && c != '%' && c != '&' && c != '"' && c != '\\';
      key += c;
      json += plain ? std::string(1, c) : c == '"' || c == '\\' ? std::string("\\") + c : "\\u00" + hex;
      url += plain ? std::string(1, c) : "%" + hex;
      html += plain ? std::string(1, c) : c == '&' ? "&amp;" : "&#x" + hex + ";";
    }
    for (const std::string& written : {key, json, url, html})
      EXPECT_EQ(scrub("key " + written + " here", key), "key *** here") << key << " as " << written;
  }
}

// A blank or a quote within a key does not end it; of one with a blank past what is shown goes the line.
TEST(Scrub, OddKeysWhole) {
  const std::string key = "sk pr\"oj-0123,4567;89-0123.";
  EXPECT_EQ(scrub("the key " + key + " is wrong", key), "the key *** is wrong");
  EXPECT_EQ(scrub("cut: sk pr\"oj-01", key), "cut: ***");
  EXPECT_EQ(scrub("sk%20pr%22oj-0123%2C4567;89-0123. is wrong", key), "*** is wrong");
  EXPECT_EQ(scrub("k=sk+pr%22oj-01 is wrong", key), "k=*** is wrong");
  EXPECT_EQ(scrub("the key abcde fghijklmn opqrstuv xy\nis wrong", "abcde fghijklmn opqrstuv xyz"),
            "the key ***\nis wrong");
}

// Windows hide nothing that stands across their borders, and a long text takes no longer than its length.
TEST(Scrub, LongTexts) {
  for (std::size_t before = 65536 - 150; before < 65536 + 10; before += 3) {
    const std::string text = std::string(before, 'x') + " ab\\\\u002Bcdefghijklmnop end";
    EXPECT_EQ(scrub(text, long_key), std::string(before, 'x') + " *** end") << before;
  }
  std::string many;
  while (many.size() < 4'000'000) many += "ab%2Bcd";
  EXPECT_EQ(scrub(many, long_key), "***");
  EXPECT_EQ(scrub(std::string(4'000'000, '%'), long_key), std::string(4'000'000, '%'));
  const std::string short_key = "a";
  EXPECT_EQ(scrub(std::string(200'000, 'a'), short_key).size(), 600'000U);
}

}  // namespace
}  // namespace llm_admin
