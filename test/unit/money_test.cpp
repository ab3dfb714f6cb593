// Exact decimals: against sums of whole numbers, and against json::decimal_sum over random terms.
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "core/json/decimal.hpp"
#include "core/money/decimal.hpp"

namespace llm_admin::money {
namespace {

decimal of(std::string_view text) {
  const auto made = decimal::from_text(text);
  EXPECT_TRUE(made) << text;
  return made.value_or(decimal());
}

TEST(money, text) {
  const char* pairs[][2] = {{"0", "0"},
                            {"-0", "0"},
                            {"0.000", "0"},
                            {"1.50", "1.5"},
                            {"1e3", "1000"},
                            {"2.5e-4", "0.00025"},
                            {"-12.30", "-12.3"},
                            {"1234567890123456789012345678901234567890.00000000000000000001",
                             "1234567890123456789012345678901234567890.00000000000000000001"},
                            {"1000000000", "1000000000"},
                            {"0.000000001", "0.000000001"},
                            {"9e-60", "0.000000000000000000000000000000000000000000000000000000000009"}};
  for (const auto& [text, shown] : pairs) EXPECT_EQ(of(text).text(), shown);
  for (const char* bad :
       {"", "+1", ".5", "1.", "01", "NaN", "1e", "1e61", "1e-61", "0x1", "1 ", "1e99999999999"})
    EXPECT_FALSE(decimal::from_text(bad)) << bad;
  EXPECT_EQ(decimal(INT64_MIN).text(), "-9223372036854775808");
  EXPECT_EQ(decimal(INT64_MAX).text(), "9223372036854775807");
}

TEST(money, arithmetic) {
  EXPECT_EQ((of("0.1") + of("0.2")).text(), "0.3");
  EXPECT_EQ((of("1") - of("1.0")).text(), "0");
  EXPECT_EQ((of("0.5") - of("1000000000")).text(), "-999999999.5");
  EXPECT_EQ((of("-3") * of("0.001")).text(), "-0.003");
  EXPECT_EQ((of("999999999") * of("999999999")).text(), "999999998000000001");
  EXPECT_EQ((of("123456789.987654321") * of("0.000000000123456789")).text(), "0.015241578872123152112635269");
  EXPECT_EQ(of("1234.5").shifted(-3).text(), "1.2345");
  EXPECT_EQ(of("1.2345").shifted(6).text(), "1234500");
  decimal twice = of("0.7");
  twice += twice;
  EXPECT_EQ(twice.text(), "1.4");
  EXPECT_TRUE(of("2.50") > of("2.4999999999999999999999") && of("-1") < of("0") && of("-2") < of("-1.5"));
  EXPECT_TRUE(of("1.0") == of("1") && of("0") == of("-0.0"));
  EXPECT_TRUE(of("5.0").is_integer() && !of("5.1").is_integer() && of("0").is_integer());
}

TEST(money, random_sums_and_products) {
  std::uint64_t state = 42;
  const auto random = [&] {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<std::int64_t>(state >> 24) - (std::int64_t{1} << 39);
  };
  json::decimal_sum expected;
  decimal sum;
  for (int n = 0; n < 20000; ++n) {
    const std::int64_t whole = random();
    const int places = static_cast<int>(random() & 31);
    const decimal term = decimal(whole).shifted(-places);
    EXPECT_EQ(of(term.text()), term);
    EXPECT_TRUE(expected.add(std::to_string(whole) + "e-" + std::to_string(places)));
    sum += term;
    // Of two 40-bit numbers the product fits 128 bits; compared in halves.
    const std::int64_t other = random();
    const __int128 product = static_cast<__int128>(whole) * other;
    const decimal made = decimal(whole) * decimal(other);
    const auto high = static_cast<std::int64_t>(product / 1'000'000'000'000),
               low = static_cast<std::int64_t>(product % 1'000'000'000'000);
    EXPECT_EQ(made, decimal(high).shifted(12) + decimal(low));
  }
  EXPECT_EQ(sum.text(), expected.text());
}

TEST(money, quotients_are_cut_off) {
  const auto text = [](const char* of_what, std::uint32_t by, int places) {
    return of(of_what).quotient(by, places).text();
  };
  EXPECT_EQ(text("10", 3, 0), "3");
  EXPECT_EQ(text("10", 3, 4), "3.3333");
  EXPECT_EQ(text("-10", 3, 4), "-3.3333");
  EXPECT_EQ(text("2", 3, 0), "0");
  EXPECT_EQ(text("-2", 3, 0), "0");
  EXPECT_EQ(text("0", 7, 5), "0");
  EXPECT_EQ(text("1.999999", 1, 2), "1.99");
  EXPECT_EQ(text("0.0000000000000000000000000019", 1, 27), "0.000000000000000000000000001");
  EXPECT_EQ(text("123456789012345678901234567890", 16, 3), "7716049313271604931327160493.125");
  EXPECT_EQ(text("100", 4, 0), "25");
  std::mt19937_64 random(3);
  for (int n = 0; n < 5000; ++n) {
    const auto value = static_cast<std::int64_t>(random() >> 20);
    const auto by = static_cast<std::uint32_t>(1 + random() % 1000);
    const int places = static_cast<int>(random() % 12);
    const decimal made = decimal(value).quotient(by, places), one = decimal(1).shifted(-places);
    ASSERT_LE(made * decimal(by), decimal(value));
    ASSERT_GT((made + one) * decimal(by), decimal(value));
  }
}

// 10^7 calls of a token each at a price that no double holds.
TEST(money, ten_million_tiny_costs) {
  const decimal cost = of("0.0000000123");
  decimal sum;
  for (int n = 0; n < 10'000'000; ++n) sum += cost;
  EXPECT_EQ(sum.text(), "0.123");
}

}  // namespace
}  // namespace llm_admin::money
