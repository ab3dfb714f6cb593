// Exact comparison and addition of decimals (the other helpers: json_core_test.cpp).
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "core/json/decimal.hpp"

namespace llm_admin::json {
namespace {

TEST(decimal, comparison) {
  const char* rising[] = {"-1e100000",
                          "-10",
                          "-9.99",
                          "-1",
                          "-0.5",
                          "-1e-100000",
                          "0",
                          "1e-100000",
                          "0.05",
                          "0.1",
                          "0.5",
                          "1",
                          "1.0000000000000000000001",
                          "9.99",
                          "10",
                          "10.5",
                          "1e100000"};
  for (std::size_t a = 0; a < std::size(rising); ++a) {
    for (std::size_t b = 0; b < std::size(rising); ++b) {
      EXPECT_EQ(compare_decimal(rising[a], rising[b]), a < b   ? -1
                                                       : a > b ? 1
                                                               : 0)
          << rising[a] << " " << rising[b];
    }
  }
  EXPECT_EQ(compare_decimal("1.50", "15e-1"), 0);
  EXPECT_EQ(compare_decimal("-0.0", "0e5"), 0);
  EXPECT_EQ(compare_decimal("-0.0", "0"), 0);
  EXPECT_EQ(compare_decimal("0.10", "0.1"), 0);
  EXPECT_EQ(compare_decimal("999999999999999999", "0.0000000000000001"), 1);  // of no common scale in 64 bits
  EXPECT_EQ(compare_decimal("-999999999999999999", "-1000000000000000000"), 1);
  EXPECT_EQ(compare_decimal("9007199254740993", "9007199254740992"), 1);  // equal as doubles
  for (const char* wrong : {"", "x", "NaN", "1e100001", "01"}) {
    EXPECT_FALSE(compare_decimal(wrong, "1")) << wrong;
    EXPECT_FALSE(compare_decimal("1", wrong)) << wrong;
  }
}

TEST(decimal, one_key_for_each_value) {
  for (const char* one : {"1", "1.0", "10e-1", "0.1e1"}) EXPECT_EQ(decimal_key(one), decimal_key("1")) << one;
  EXPECT_EQ(decimal_key("-0"), decimal_key("0.00"));
  for (const char* other : {"-1", "10", "0.1", "11"})
    EXPECT_NE(decimal_key(other), decimal_key("1")) << other;
  EXPECT_FALSE(decimal_key("x"));
  EXPECT_FALSE(decimal_key("1e100001"));
}

TEST(decimal, plain_text_is_what_the_server_shows) {
  const std::pair<const char*, const char*> shown[] = {{"0", "0"},
                                                       {"-7", "-7"},
                                                       {"1.50", "1.50"},
                                                       {"1e3", "1000"},
                                                       {"1.5E+3", "1500"},
                                                       {"-1.50e1", "-15.0"},
                                                       {"1e-2", "0.01"},
                                                       {"12.5e-3", "0.0125"},
                                                       {"0.05e1", "0.5"},
                                                       {"0.05e3", "50"},
                                                       {"-0", "0"},
                                                       {"-0.00", "0.00"},
                                                       {"0e5", "0"},
                                                       {"-0e-3", "0.000"},
                                                       {"1e100001", "1e100001"},
                                                       {"x", "x"},
                                                       {"", ""}};
  for (const auto& [text, plain] : shown) EXPECT_EQ(plain_decimal(text), plain) << text;
}

std::string sum(std::initializer_list<const char*> terms) {
  decimal_sum total;
  for (const char* one : terms) {
    if (!total.add(one)) return std::string("refused ") + one;
  }
  return total.text().value_or("too long");
}

TEST(decimal, sums) {
  EXPECT_EQ(sum({}), "0");
  EXPECT_EQ(sum({"1", "2"}), "3");
  EXPECT_EQ(sum({"0.1", "0.2"}), "0.3");
  EXPECT_EQ(sum({"0.5", "0.5"}), "1");
  EXPECT_EQ(sum({"1.50", "-1.5"}), "0");
  EXPECT_EQ(sum({"-0.25", "0.5", "-1"}), "-0.75");
  EXPECT_EQ(sum({"-1", "0.000000001"}), "-0.999999999");
  EXPECT_EQ(sum({"1e30", "-1"}), "999999999999999999999999999999");
  EXPECT_EQ(sum({"-1e30", "1"}), "-999999999999999999999999999999");
  EXPECT_EQ(sum({"1e-30", "1e20"}), "100000000000000000000.000000000000000000000000000001");
  EXPECT_EQ(sum({"999999999999999999", "0.1", "1"}), "1000000000000000000.1");
  EXPECT_EQ(sum({"99999999999999999", "99999999999999999", "-0.0"}), "199999999999999998");
  EXPECT_EQ(sum({"123456789012345678901234567890", "987654321098765432109876543210"}),
            "1111111110111111111011111111100");
  EXPECT_EQ(sum({"1e27", "1"}), "1000000000000000000000000001");
  EXPECT_EQ(sum({"1e18", "1e18"}), "2000000000000000000");
}

TEST(decimal, sums_of_many_small_integers_do_not_overflow) {
  decimal_sum total;
  for (int n = 0; n < 200; ++n) ASSERT_TRUE(total.add("99999999999999999"));
  EXPECT_EQ(total.text(), "19999999999999999800");
}

TEST(decimal, sums_refuse_what_is_beyond_the_bounds) {
  EXPECT_EQ(sum({"1e100001"}), "refused 1e100001");
  EXPECT_EQ(sum({"1", "x"}), "refused x");
  EXPECT_EQ(sum({"1e-100000", "1e100000"}), "too long");
  EXPECT_EQ(sum({"1e100000", "-1e100000"}), "0");
  decimal_sum kept;
  EXPECT_TRUE(kept.add("2"));
  EXPECT_FALSE(kept.add("--1"));
  EXPECT_EQ(kept.text(), "2");
}

TEST(decimal, a_sum_costs_what_its_terms_cost) {
  decimal_sum total;  // a wide one, and very many short terms: carried only once
  ASSERT_TRUE(total.add("1e50000"));
  for (int n = 0; n < 100'000; ++n) ASSERT_TRUE(total.add("0.5"));
  const std::string text = total.text().value();
  EXPECT_EQ(text.size(), 50'001u);
  EXPECT_EQ(text.substr(text.size() - 6), "050000");
}

}  // namespace
}  // namespace llm_admin::json
