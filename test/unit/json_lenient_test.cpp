// The lenient parse, slices of the source, halves of surrogate pairs, and text that goes out as it came in.
#include <gtest/gtest.h>

#include <string>

#include "core/json/compare.hpp"
#include "core/json/parse.hpp"
#include "core/json/text.hpp"
#include "core/json/utf8.hpp"
#include "unit/json_text.hpp"

namespace llm_admin::json {
namespace {

using test::document;
using test::text_of;

constexpr std::string_view high = "\xED\xA0\xBD", low = "\xED\xB8\x80", both = "\xF0\x9F\x98\x80";

parse_options lenient() {
  parse_options how;
  how.lenient = true;
  return how;
}

parse_options with_source(bool exact = false) {
  parse_options how = lenient();
  how.keep_source = true;
  how.exact = exact;
  return how;
}

std::string verbatim(const item* value) { return write_text(view(value), 1u << 30).value(); }

std::string replacement(int times = 1) {
  std::string out;
  for (int n = 0; n < times; ++n) out += replacement_character;
  return out;
}

TEST(json_lenient, takes_what_jsonb_cannot_hold_and_counts_it) {
  tree out;
  const parsed made =
      parse(R"({"a\u0000b":"\u0000","c\ud83d":["\ude00 x","\ud83d\ud83d\ude00"],"n":1e99999,"m":-2.50})", out,
            lenient());
  ASSERT_NE(made.value, nullptr);
  EXPECT_EQ(made.nulls, 2u);
  EXPECT_EQ(made.surrogates, 3u);
  EXPECT_EQ(made.numbers, 1u);
  const node value = view(made.value);
  EXPECT_EQ(value.member("a" + replacement() + "b").text(), replacement());
  const node list = value.member("c" + std::string(high));
  EXPECT_EQ(list.element(0).text(), std::string(low) + " x");
  EXPECT_EQ(list.element(1).text(), std::string(high) + std::string(both));
  EXPECT_TRUE(value.member("n").is_number());

  replaced counts;
  sanitize(out, made.value, true, counts);
  EXPECT_EQ(counts.surrogates, 3u);
  EXPECT_EQ(counts.numbers, 1u);
  EXPECT_EQ(text_of(made.value), "{\"a" + replacement() + "b\":\"" + replacement() + "\",\"c" +
                                     replacement() + "\":[\"" + replacement() + " x\",\"" + replacement() +
                                     std::string(both) + "\"],\"n\":\"1e99999\",\"m\":-2.50}");
  replaced again;
  sanitize(out, made.value, true, again);
  EXPECT_FALSE(again.any());
}

TEST(json_lenient, refuses_other_wrong_text_as_ever) {
  for (const char* text : {"", " ", "nul", "01", "1.", "[1,]", "{\"a\":1,}", "\"\n\"", "\"\\x\"", "\"\xff\"",
                           "\"\xed\xa0\x80\"", "[1 2]", "[1]]", "\"\\ud8\"", "1e", "--1", "{\"a\" 1}"}) {
    tree out;
    EXPECT_EQ(parse(text, out, lenient()).value, nullptr) << text;
  }
}

TEST(json_lenient, names_that_become_the_same_are_one_member_the_last) {
  tree out;
  const parsed made = parse(R"({"a\ud800":1,"b":2,"a\udc00":3})", out, lenient());
  replaced counts;
  sanitize(out, made.value, false, counts);
  EXPECT_EQ(text_of(made.value), "{\"b\":2,\"a" + replacement() + "\":3}");
  EXPECT_EQ(counts.surrogates, 2u);
}

TEST(json_lenient, numbers_stay_numbers_for_text) {
  tree out;
  const parsed made = parse("[1e99999,1E+2,1.50,-0]", out, lenient());
  replaced counts;
  sanitize(out, made.value, false, counts);
  EXPECT_FALSE(counts.any());
  EXPECT_EQ(verbatim(made.value), "[1e99999,1E+2,1.50,-0]");
  EXPECT_EQ(text_of(made.value->slots[1]), "100");
}

TEST(json_halves, join_where_they_meet) {
  std::string text = "a" + std::string(high);
  EXPECT_TRUE(has_half(text));
  EXPECT_TRUE(ends_in_high_half(text));
  append_text(text, std::string(low) + "b");
  EXPECT_EQ(text, "a" + std::string(both) + "b");
  EXPECT_FALSE(has_half(text));

  for (const auto& [one, other] : {std::pair(low, high), std::pair(high, high), std::pair(low, low)}) {
    std::string halves(one);
    append_text(halves, other);
    EXPECT_EQ(halves, std::string(one) + std::string(other));
    std::size_t count = 0;
    replace_halves(halves, count);
    EXPECT_EQ(halves, replacement(2));
    EXPECT_EQ(count, 2u);
  }
  // U+D7FF and U+E000 stand next to the surrogates and are none.
  EXPECT_FALSE(has_half("\xED\x9F\xBF\xEE\x80\x80"));
  for (std::uint32_t point : {0x10000u, 0x1F600u, 0x10FFFFu}) {
    char whole[4], first[4], second[4];
    char *whole_end = whole, *first_end = first, *second_end = second;
    write_utf8(whole_end, point);
    write_utf8(first_end, 0xD800 + ((point - 0x10000) >> 10));
    write_utf8(second_end, 0xDC00 + ((point - 0x10000) & 0x3FF));
    std::string made(first, first_end);
    append_text(made, std::string_view(second, static_cast<std::size_t>(second_end - second)));
    EXPECT_EQ(made, std::string(whole, whole_end));
  }
}

TEST(json_source, goes_out_as_it_came_in) {
  const std::string text = " {\"b\" : [ 1.0, 1e2 ,\"\\u00e9\"],\n \"a\": {\"z\":{},\"y\":[]} } ";
  tree out;
  const parsed made = parse(text, out, with_source());
  EXPECT_EQ(verbatim(made.value), text.substr(1, text.size() - 2));
  EXPECT_EQ(verbatim(made.value->slots[0]), "[ 1.0, 1e2 ,\"\\u00e9\"]");
  EXPECT_FALSE(write_text(view(made.value), text.size() - 3));
  EXPECT_EQ(text_of(made.value), "{\"b\":[1.0,100,\"\u00e9\"],\"a\":{\"z\":{},\"y\":[]}}");
  // Borrowed by another tree it is the same; a copy is text of its own.
  tree other;
  item* around = other.array();
  other.push(around, other.borrow(view(made.value->slots[0])));
  other.push(around, other.copy(view(made.value->slots[0])));
  EXPECT_EQ(verbatim(around), "[[ 1.0, 1e2 ,\"\\u00e9\"],[1.0,1e2,\"\u00e9\"]]");
  EXPECT_EQ(verbatim(other.clone(*made.value->slots[0])), "[1.0,1e2,\"\u00e9\"]");
}

TEST(json_source, is_forgotten_by_what_is_changed_and_by_nothing_else) {
  const std::string text = R"({"o":{ "a":1, "b":2 },"l":[ 1 ],"k":[ [ ] ]})";
  const auto changed = [&](auto change) {
    tree out;
    item* top = parse(text, out, with_source()).value;
    tree::forget_source(top);  // what stands above a change is the caller's care
    change(out, top);
    return verbatim(top);
  };
  EXPECT_EQ(changed([](tree&, item*) {}), text);
  EXPECT_EQ(changed([](tree& out, item* top) { out.put(top->slots[0], "b", out.integer(3)); }),
            R"({"o":{"a":1,"b":3},"l":[ 1 ],"k":[ [ ] ]})");
  EXPECT_EQ(changed([](tree& out, item* top) { out.append(top->slots[0], "c", out.null()); }),
            R"({"o":{"a":1,"b":2,"c":null},"l":[ 1 ],"k":[ [ ] ]})");
  EXPECT_EQ(changed([](tree& out, item* top) { out.remove(top->slots[0], "a"); }),
            R"({"o":{"b":2},"l":[ 1 ],"k":[ [ ] ]})");
  EXPECT_EQ(changed([](tree& out, item* top) { out.remove(top->slots[0], "none"); }), text);
  EXPECT_EQ(changed([](tree& out, item* top) { out.push(top->slots[1], out.null()); }),
            R"({"o":{ "a":1, "b":2 },"l":[1,null],"k":[ [ ] ]})");
  EXPECT_EQ(changed([](tree& out, item* top) { out.push(top->slots[2], out.null()); }),
            R"({"o":{ "a":1, "b":2 },"l":[ 1 ],"k":[[ ],null]})");
  tree source, out;
  item* owned = out.borrow(view(parse(text, source, with_source()).value));
  out.own(owned);
  out.put(owned, "n", out.null());
  EXPECT_EQ(verbatim(owned), R"({"o":{ "a":1, "b":2 },"l":[ 1 ],"k":[ [ ] ],"n":null})");
}

TEST(json_source, holds_nothing_that_was_replaced_or_given_twice) {
  const std::string text = R"([[ "\u0000" ],{ "a":1, "a":2 },{ "\ud800":[ ] },[ 1 ]])";
  tree out;
  item* top = parse(text, out, with_source()).value;
  replaced counts;
  sanitize(out, top, false, counts);
  EXPECT_EQ(verbatim(top), "[[\"" + replacement() + "\"],{\"a\":2},{\"" + replacement() + "\":[ ]},[ 1 ]]");
  tree exactly;
  top = parse(text, exactly, with_source(true)).value;
  sanitize(exactly, top, false, counts);
  EXPECT_EQ(verbatim(top), text);
}

TEST(json_partial, every_cut_gives_what_there_was_and_no_more) {
  const std::string text =
      R"( {"a":{"t":"x\n\u00e9\ud83d\ude00y","n":-12.5e1},"l":[true,null,"z"],"a2":"\u20ac" } )";
  const document whole(text);
  parse_options how = lenient();
  how.partial = true;
  for (std::size_t size = 0; size < text.size() - 1; ++size) {
    tree strict;
    const parsed refused = parse(std::string_view(text).substr(0, size), strict, lenient());
    EXPECT_EQ(refused.value, nullptr) << size;
    EXPECT_TRUE(refused.cut) << size;
    tree out;
    const parsed made = parse(std::string_view(text).substr(0, size), out, how);
    EXPECT_TRUE(made.cut) << size;
    ASSERT_EQ(made.value != nullptr, size >= 2) << size;
    if (made.value == nullptr) continue;
    replaced counts;
    sanitize(out, made.value, true, counts);
    const node value = view(made.value);
    // Numbers, words and names are there whole or not at all; a text is the beginning of the text.
    const node n = value.member("a").member("n"), l = value.member("l");
    EXPECT_TRUE(!n || n.number_text() == "-125") << size;
    EXPECT_TRUE(l.size == 0 || l.element(0).truth()) << size;
    const node t = value.member("a").member("t");
    std::string shown(t ? t.text() : "");
    if (shown.ends_with(replacement_character)) shown.resize(shown.size() - half_bytes);
    EXPECT_TRUE(whole.node().member("a").member("t").text().starts_with(shown)) << size;
    EXPECT_LE(value.size, 3u);
  }
  tree out;
  EXPECT_EQ(parse(std::string_view(text).substr(0, text.size() - 1), out, how).cut, false);
  for (const char* wrong : {"[1,}", "{\"a\":nope", "[1 2", "{1", "x"}) {
    tree none;
    EXPECT_FALSE(parse(wrong, none, how).cut) << wrong;
    EXPECT_EQ(parse(wrong, none, how).value, nullptr) << wrong;
  }
}

TEST(json_partial, a_cut_inside_a_character_leaves_it_out) {
  parse_options how = lenient();
  how.partial = true;
  for (const std::string end : {"\\", "\\u", "\\u00e", "\xF0", "\xF0\x9F\x98", "\xC3"}) {
    tree out;
    const parsed made = parse("[\"ab" + end, out, how);
    ASSERT_NE(made.value, nullptr) << end;
    EXPECT_EQ(view(made.value).element(0).text(), "ab") << end;
  }
}

TEST(json_lenient, nesting_costs_no_stack_and_has_its_bound) {
  constexpr std::size_t deep = 100'000;
  const std::string text = std::string(deep, '[') + std::string(deep, ']');
  tree refused;
  const parsed bounded = parse(text, refused, lenient());
  EXPECT_EQ(bounded.value, nullptr);
  EXPECT_TRUE(bounded.too_deep);
  EXPECT_FALSE(bounded.cut);
  parse_options how = with_source();
  how.max_depth = deep;
  tree out;
  const parsed made = parse(text, out, how);
  ASSERT_NE(made.value, nullptr);
  EXPECT_EQ(verbatim(made.value), text);
  replaced counts;
  sanitize(out, made.value, true, counts);
  tree cut;
  how.partial = true;
  EXPECT_NE(parse(std::string_view(text).substr(0, deep + 7), cut, how).value, nullptr);
}

}  // namespace
}  // namespace llm_admin::json
