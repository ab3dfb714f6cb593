#include "core/encoding.hpp"

#include <gtest/gtest.h>

#include <set>

namespace llm_admin {
namespace {

std::optional<std::string> decode(std::string_view text) {
  std::vector<std::uint8_t> out(base64url_decoded_size(text.size()));
  const auto size = base64url_decode(text, out);
  if (!size) return std::nullopt;
  EXPECT_EQ(*size, out.size());
  return std::string(as_text(out));
}

TEST(Base64Url, RfcVectorsWithoutPadding) {
  const std::pair<std::string_view, std::string_view> vectors[] = {
      {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
      {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xfb\xff\xfe", "-__-"}};
  for (const auto& [plain, encoded] : vectors) {
    EXPECT_EQ(base64url_encode(as_bytes(plain)), encoded);
    EXPECT_EQ(decode(encoded), plain);
    EXPECT_EQ(base64url_encoded_size(plain.size()), encoded.size());
  }
}

TEST(Base64Url, EveryByteValueSurvives) {
  std::string all;
  for (int length = 0; length < 300; ++length) {
    ASSERT_EQ(decode(base64url_encode(as_bytes(all))), all);
    all.push_back(static_cast<char>(length * 7));
  }
}

TEST(Base64Url, RejectsWhatIsNotCanonical) {
  for (const std::string_view text : {"Zg==", "Zg=", "Z", "Zm9vY", "Zm9v ", " Zm9v", "Zm\n9", "Zm+v", "Zm/v",
                                      "Zh", "Zv", "Zm9", "Zm-", "Zm.v", "Zm9v\x80"}) {
    EXPECT_FALSE(decode(text)) << text;
  }
  EXPECT_FALSE(decode(std::string_view("Zm\0v", 4)));
}

TEST(Base64Url, OneTextForOneValue) {
  // Of all texts of two characters exactly 256 decode, each to a byte of its own.
  std::set<std::string> seen;
  for (int a = 0; a < 256; ++a) {
    for (int b = 0; b < 256; ++b) {
      const char text[] = {static_cast<char>(a), static_cast<char>(b)};
      const auto value = decode({text, 2});
      if (!value) continue;
      seen.insert(*value);
      EXPECT_EQ(base64url_encode(as_bytes(*value)), std::string(text, 2));
    }
  }
  EXPECT_EQ(seen.size(), 256U);
}

TEST(Base64Url, RefusesABufferThatIsTooSmall) {
  std::uint8_t out[4];
  EXPECT_FALSE(base64url_decode("Zm9v", std::span(out, 2)));
  EXPECT_EQ(base64url_decode("Zm9v", std::span(out, 4)), 3U);
}

TEST(Base64Url, AppendsToAText) {
  std::string text = "lma1.";
  base64url_append(text, as_bytes("foo"));
  EXPECT_EQ(text, "lma1.Zm9v");
}

std::optional<std::string> decoded_secret(std::string_view text) {
  const auto bytes = base64_decode_secret(text);
  return bytes ? std::optional(std::string(bytes->text())) : std::nullopt;
}

TEST(Base64, RfcVectorsWithPadding) {
  const std::pair<std::string_view, std::string_view> vectors[] = {{"", ""},
                                                                   {"f", "Zg=="},
                                                                   {"fo", "Zm8="},
                                                                   {"foo", "Zm9v"},
                                                                   {"foob", "Zm9vYg=="},
                                                                   {"fooba", "Zm9vYmE="},
                                                                   {"foobar", "Zm9vYmFy"},
                                                                   {"\xfb\xff\xfe", "+//+"}};
  for (const auto& [plain, encoded] : vectors) {
    EXPECT_EQ(base64_encode(as_bytes(plain)), encoded);
    EXPECT_EQ(decoded_secret(encoded), plain);
  }
  std::string all;
  for (int length = 0; length < 300; ++length) {
    ASSERT_EQ(decoded_secret(base64_encode(as_bytes(all))), all);
    all.push_back(static_cast<char>(length * 7));
  }
}

TEST(Base64, OneTextForOneValue) {
  for (const std::string_view text : {"Zg", "Zg=", "Zg===", "Z===", "=", "====", "Zm9=", "Zh==", "Zm9v====",
                                      "Zm9v=", "Zg==Zg==", "Zm-v", "Zm_v", "Zm9\n", " Zm9v", "Zm9v ", "Z=9v"})
    EXPECT_EQ(decoded_secret(text), std::nullopt) << text;
  // Every byte in every place: a digit, or refused.
  for (std::size_t place = 0; place < 4; ++place) {
    std::size_t digits = 0;
    for (int byte = 0; byte < 256; ++byte) {
      std::string text = "AAAA";
      text[place] = static_cast<char>(byte);
      const auto bytes = decoded_secret(text);
      if (!bytes) continue;
      ++digits;
      EXPECT_EQ(base64_encode(as_bytes(*bytes)), text);
    }
    EXPECT_EQ(digits, place == 3 ? 65U : 64U);  // and the padding
  }
}

TEST(Hex, BothCasesIn) {
  EXPECT_EQ(hex_encode(as_bytes("\x01\xab\xff")), "01abff");
  const auto bytes = hex_decode("01aBFf");
  ASSERT_TRUE(bytes);
  EXPECT_EQ(*bytes, (std::vector<std::uint8_t>{0x01, 0xab, 0xff}));
  const auto secret = hex_decode_secret("736B");
  ASSERT_TRUE(secret);
  EXPECT_EQ(secret->text(), "sk");
  EXPECT_EQ(hex_encode({}), "");
  EXPECT_TRUE(hex_decode("")->empty());
}

TEST(Hex, EveryOtherCharacterIsRejected) {
  constexpr std::string_view digits = "0123456789abcdefABCDEF";
  for (int c = 0; c < 256; ++c) {
    const char first[] = {static_cast<char>(c), '0'};
    const char second[] = {'0', static_cast<char>(c)};
    const bool is_digit = digits.find(static_cast<char>(c)) != std::string_view::npos;
    EXPECT_EQ(hex_decode(std::string_view(first, 2)).has_value(), is_digit) << c;
    EXPECT_EQ(hex_decode_secret(std::string_view(second, 2)).has_value(), is_digit) << c;
  }
  EXPECT_FALSE(hex_decode("abc"));
  std::uint8_t out[2];
  EXPECT_FALSE(hex_decode("ab", std::span<std::uint8_t>(out)));
}

}  // namespace
}  // namespace llm_admin
