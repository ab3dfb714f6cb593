#include <gtest/gtest.h>

#include "core/json/compare.hpp"
#include "core/json/decimal.hpp"
#include "core/json/parse.hpp"
#include "core/json/text.hpp"
#include "core/json/tree.hpp"
#include "unit/json_text.hpp"

namespace llm_admin::json {
namespace {

using test::document;
using test::text_of;

TEST(json_decimal, integral) {
  for (const char* yes : {"5", "5.0", "1e3", "0", "-0", "0.0e5", "12.50e1", "1E+2", "100e-2"})
    EXPECT_TRUE(is_integral(yes)) << yes;
  for (const char* no :
       {"0.5", "1e-1", "", "-", "01", "1.", ".5", "1e", "+1", " 1", "1 ", "0x1", "NaN", "1e100001"})
    EXPECT_FALSE(is_integral(no)) << no;
}

TEST(json_decimal, integer_text) {
  EXPECT_EQ(integer_text("5.0"), "5");
  EXPECT_EQ(integer_text("1e3"), "1000");
  EXPECT_EQ(integer_text("-12.5e1"), "-125");
  EXPECT_EQ(integer_text("-0"), "0");
  EXPECT_EQ(integer_text("1e39").value().size(), 40u);
  EXPECT_FALSE(integer_text("1e40"));
  EXPECT_FALSE(integer_text("1e99999999999999999999"));
  EXPECT_FALSE(integer_text("1.5"));
}

TEST(json_decimal, equality_by_value) {
  EXPECT_TRUE(equal_decimal("1", "1.0"));
  EXPECT_TRUE(equal_decimal("1.0", "1e0"));
  EXPECT_TRUE(equal_decimal("0", "-0.000"));
  EXPECT_TRUE(equal_decimal("100", "1e2"));
  EXPECT_TRUE(equal_decimal("9007199254740993", "9007199254740993.0"));
  EXPECT_FALSE(equal_decimal("9007199254740993", "9007199254740992"));  // equal as doubles
  EXPECT_FALSE(equal_decimal("1", "-1"));
  EXPECT_FALSE(equal_decimal("x", "x"));
}

TEST(json_decimal, int64_borders) {
  EXPECT_EQ(to_int64("9223372036854775807"), INT64_MAX);
  EXPECT_EQ(to_int64("-9223372036854775808"), INT64_MIN);
  EXPECT_FALSE(to_int64("9223372036854775808"));
  EXPECT_FALSE(to_int64("-9223372036854775809"));
  EXPECT_EQ(to_int64("1e18"), 1000000000000000000);
}

TEST(json_tree, put_replaces_remove_and_elements) {
  tree out;
  item* object = out.object();
  for (int n = 0; n < 10; ++n) out.put(object, out.keep("k" + std::to_string(n)), out.integer(n));
  out.put(object, "k3", out.string("new"));
  out.remove(object, "k0");
  out.remove(object, "k9");
  out.remove(object, "none");
  EXPECT_EQ(text_of(object), R"({"k1":1,"k2":2,"k4":4,"k5":5,"k6":6,"k7":7,"k8":8,"k3":"new"})");
  EXPECT_EQ(object->count, 8u);
  out.put(object, "k9", out.null());
  EXPECT_TRUE(view(object).member("k9"));
  EXPECT_FALSE(view(object).member("k0"));
  EXPECT_FALSE(view(object).element(0));
}

TEST(json_tree, own_makes_a_borrowed_value_ours) {
  document source(R"({"a":{"b":[1,"x",true,null]}})");
  tree out;
  item* value = out.borrow(source);
  EXPECT_EQ(value->count, 0u);  // nothing is copied
  out.own(value);
  out.put(value, "c", out.integer(1));
  EXPECT_EQ(text_of(value), R"({"a":{"b":[1,"x",true,null]},"c":1})");
  EXPECT_EQ(text_of(source.node()), R"({"a":{"b":[1,"x",true,null]}})");
  EXPECT_EQ(tree::find(value, "a")->borrowed().data, source.node().member("a").data);
}

TEST(json_tree, copy_and_clone_outlive_the_source) {
  tree out;
  item* copied = nullptr;
  item* cloned = nullptr;
  {
    document source(R"({"a":[{"b":"text"},1.50,false,null,[],{}]})");
    copied = out.copy(source);
    cloned = out.clone(*source.item());
  }
  EXPECT_EQ(text_of(copied), R"({"a":[{"b":"text"},1.50,false,null,[],{}]})");
  EXPECT_EQ(text_of(cloned), text_of(copied));
}

TEST(json_tree, depth_costs_no_stack) {
  constexpr std::size_t depth = 200000;
  document deep(std::string(depth, '[') + std::string(depth, ']'));
  tree out;
  item* copied = out.copy(deep);
  EXPECT_TRUE(equal(deep, view(copied)));
  EXPECT_EQ(text_of(copied).size(), 2 * depth);
  EXPECT_EQ(measure(deep, 1u << 30, 1u << 30).depth, depth);
  EXPECT_FALSE(measure(deep, 1u << 30, 32).within);
}

TEST(json_compare, numbers_by_value_objects_without_order) {
  EXPECT_TRUE(equal(document(R"({"a":1,"b":[1.0,2]})"), document(R"({"b":[1,2e0],"a":1.00})")));
  EXPECT_FALSE(equal(document(R"({"a":1})"), document(R"({"b":1})")));
  EXPECT_FALSE(equal(document("[1,2]"), document("[2,1]")));
  EXPECT_FALSE(equal(document("null"), document("false")));
  EXPECT_FALSE(equal(document("\"1\""), document("1")));
}

TEST(json_text, what_surely_fits_does_fit) {
  for (const char* text :
       {R"({"k":"\u0001\u0001","n":[1,-2.5e3,1e300],"o":{}})", "[[[]]]", "12", R"("")", "null"}) {
    document value(text);
    const extent size = measure(value, 1u << 20, 100);
    EXPECT_TRUE(surely_within(value, 1u << 20, 10)) << text;
    EXPECT_FALSE(surely_within(value, size.bytes - 1, 10)) << text;
    if (size.depth > 0) {
      EXPECT_FALSE(surely_within(value, 1u << 20, size.depth - 1)) << text;
    }
  }
}

TEST(json_parse, special_bytes_wherever_they_stand) {
  for (std::size_t at = 0; at < 20; ++at) {
    for (const std::string middle : {"\\n", "\\\"", "\\u00e9", "\u00e9", "\u20ac"}) {
      const std::string written = std::string(at, 'a') + middle + std::string(20 - at, 'b');
      tree out;
      const item* made = parse("\"" + written + "\"", out);
      ASSERT_NE(made, nullptr) << written;
      const std::string value = middle == "\\n"       ? "\n"
                                : middle == "\\\""    ? "\""
                                : middle == "\\u00e9" ? "\u00e9"
                                                      : middle;
      EXPECT_EQ(view(made).text(), std::string(at, 'a') + value + std::string(20 - at, 'b'));
    }
    for (const std::string middle : {"\n", "\x1f", "\x80", "\xff"}) {
      tree out;
      EXPECT_EQ(parse("\"" + std::string(at, 'a') + middle + std::string(20 - at, 'b') + "\"", out), nullptr);
    }
  }
}

TEST(json_text, bounds_and_escapes) {
  document value(R"({"k\"\n":"\u0001/\\ \u00e9"})");
  const std::string text = text_of(value.node());
  EXPECT_EQ(text, "{\"k\\\"\\n\":\"\\u0001/\\\\ \u00e9\"}");
  EXPECT_TRUE(write(value, text.size()));
  EXPECT_FALSE(write(value, text.size() - 1));
  EXPECT_EQ(measure(value, 1000, 10).bytes, text.size());
  EXPECT_EQ(excerpt(document("\"\u00e9\u00e9\u00e9\u00e9\""), 4), "\"\u00e9...");
  EXPECT_EQ(excerpt(document("[1,2,3]")), "[1,2,3]");
}

TEST(json_text, pointers_resolve) {
  document value(R"({"a/b":{"~":[10,{"":1}]}})");
  std::string pointer = child(child(child("", "a/b"), "~"), std::size_t{1});
  EXPECT_EQ(pointer, "/a~1b/~0/1");
  EXPECT_EQ(text_of(resolve(value, pointer)), R"({"":1})");
  EXPECT_EQ(text_of(resolve(value, pointer + "/")), "1");
  EXPECT_FALSE(resolve(value, "/a~1b/~0/01"));
  EXPECT_FALSE(resolve(value, "/a~1b/~0/2"));
  EXPECT_FALSE(resolve(value, "a"));
  EXPECT_TRUE(resolve(value, ""));
}

TEST(json_parse, agrees_with_an_independent_parser) {
  for (const char* text : {"1", "-0.5e+07", "1e05", "\"\"", "[]", "{}", " [ 1 , { \"a\" : null } ] ", "true",
                           R"("\ud83d\ude00\u00e9\/\b\f\n\r\t\"\\")", R"({"a":1,"b":2,"a":{"x":3}})"}) {
    tree out;
    const item* parsed = parse(text, out);
    ASSERT_NE(parsed, nullptr) << text;
    EXPECT_TRUE(equal(view(parsed), document(text))) << text << " gave " << text_of(parsed);
  }
}

TEST(json_parse, refuses_what_jsonb_could_not_hold) {
  for (const char* text : {"",
                           " ",
                           "nul",
                           "tru",
                           "01",
                           "1.",
                           "+1",
                           "[1,]",
                           "[1",
                           "{\"a\":1,}",
                           "{a:1}",
                           "{\"a\"}",
                           "[1]]",
                           "\"\\u0000\"",
                           "\"\\ud800\"",
                           "\"\\ud800\\u0041\"",
                           "\"\\udc00\"",
                           "\"\n\"",
                           "\"\\x\"",
                           "\"",
                           "\"\xff\"",
                           "\"\xc0\x80\"",
                           "\"\xed\xa0\x80\"",
                           "\"\xf4\x90\x80\x80\"",
                           "\"\xe2\x82\"",
                           "1e5000",
                           "1e99999999999999999999",
                           "'a'",
                           "[1 2]",
                           "{\"a\":1 \"b\":2}"}) {
    tree out;
    EXPECT_EQ(parse(text, out), nullptr) << text;
  }
  tree out;
  EXPECT_EQ(parse(std::string(300, '[') + std::string(300, ']'), out), nullptr);
  EXPECT_NE(parse(std::string(300, '[') + std::string(300, ']'), out, 300), nullptr);
}

}  // namespace
}  // namespace llm_admin::json
