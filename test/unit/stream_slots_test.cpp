// Arrays that a stream puts together by keys.
#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <utility>

#include "core/mapping/stream/document.hpp"
#include "unit/json_text.hpp"

namespace llm_admin::mapping {
namespace {

using test::document;
using test::text_of;

const place_step list_step{"l", false, 0};

// The places that the keys give, one behind the other; the number of each key is pushed onto its slot.
struct keyed {
  limits most;
  memory_bound memory{1u << 20};
  stream_document made{most, memory};

  std::string of(std::initializer_list<std::pair<std::string, std::string>> keys, bool begins = false) {
    std::string places;
    int number = 0;
    for (const auto& [first, second] : keys) {
      std::string why;
      const auto at = made.slot_of(std::span(&list_step, 1), first, second, begins, why);
      EXPECT_TRUE(at) << why;
      if (!at) return why;
      places += std::to_string(*at);
      const place_step steps[] = {list_step, {"", true, *at}};
      EXPECT_EQ(made.push(steps, document(std::to_string(number++))), "");
    }
    return places;
  }
  std::string text() const {
    json::tree out;
    return text_of(made.copy_to(out));
  }
};

std::string places(std::initializer_list<std::pair<std::string, std::string>> keys) {
  return keyed().of(keys);
}

TEST(stream_slots, a_key_finds_its_element) {
  EXPECT_EQ(places({{"0", "a"}, {"0", ""}, {"1", "b"}, {"0", "a"}, {"1", ""}}), "00101");  // as OpenAI sends
  EXPECT_EQ(places({{"1", "a"}, {"1", ""}, {"2", "b"}}), "001");                           // from one on
  EXPECT_EQ(places({{"0", "a"}, {"0", "b"}, {"0", ""}, {"0", "a"}}), "0110");  // a new id opens a new one
  EXPECT_EQ(places({{"", "a"}, {"", ""}, {"", "b"}, {"", ""}, {"", "a"}}), "00110");  // without index
  EXPECT_EQ(places({{"", ""}, {"", ""}}), "00");
  EXPECT_EQ(places({{"0", "a"}, {"1", "a"}, {"0", ""}, {"1", "a"}, {"", "a"}}), "01011");  // two with one id
  EXPECT_EQ(places({{"0", ""}, {"0", "a"}, {"0", "b"}}), "001");  // the id comes later
  EXPECT_EQ(places({{"-5", ""}, {"99999999999999999999", ""}, {"-5", ""}}), "010");
}

TEST(stream_slots, a_beginning_without_a_name_opens_one) {
  EXPECT_EQ(keyed().of({{"0", ""}, {"0", ""}, {"", ""}}, true), "012");
  EXPECT_EQ(keyed().of({{"0", "a"}, {"0", ""}, {"1", ""}, {"0", "a"}}, true),
            "0010");  // a name is known: it goes on
}

TEST(stream_slots, stand_in_the_order_of_their_numbers) {
  keyed numbered;
  numbered.of({{"2", "c"}, {"0", "a"}, {"10", "d"}, {"2", "x"}});
  EXPECT_EQ(numbered.text(), R"({"l":[[1],[0],[3],[2]]})");
  keyed named;
  named.of({{"b", ""}, {"a", ""}});
  EXPECT_EQ(named.text(), R"({"l":[[0],[1]]})");
  keyed mixed;
  mixed.of({{"2", ""}, {"", "a"}, {"1", ""}});
  EXPECT_EQ(mixed.text(), R"({"l":[[0],[1],[2]]})");
}

TEST(stream_slots, go_with_their_array) {
  keyed one;
  one.of({{"0", "a"}, {"1", "b"}});
  EXPECT_EQ(one.made.set(std::span(&list_step, 1), document(R"([["x"]])")), "");
  EXPECT_EQ(one.of({{"1", "b"}}), "1");
  EXPECT_EQ(one.text(), R"({"l":[["x"],[0]]})");
  EXPECT_EQ(one.made.set(std::span(&list_step, 1), document("5")), "");
  std::string why;
  EXPECT_FALSE(one.made.slot_of(std::span(&list_step, 1), "0", "", false, why));
  EXPECT_EQ(why, "there is no element in a value that is number");
  EXPECT_EQ(one.made.set({}, document("null")), "");
  EXPECT_LT(one.memory.held(), 1000u);
}

TEST(stream_slots, many_cost_what_they_are) {
  keyed many;
  std::uint64_t held = 0;
  for (int n = 0; n < 500; ++n) {
    std::string why;
    many.made.slot_of(std::span(&list_step, 1), std::to_string(n), "id" + std::to_string(n), false, why);
    if (n == 249) held = many.memory.held();
  }
  EXPECT_LE(many.memory.held(), 2 * held + 2000);
}

TEST(stream_merge, puts_nothing_empty_over_what_is_not) {
  const auto merged = [](bool keeps_full) {
    const limits most;
    memory_bound memory(1u << 20);
    stream_document made(most, memory, keeps_full);
    made.merge({}, document(R"({"s":"a","l":[1],"o":{"x":1},"n":0,"b":false,"e":""})"));
    made.merge({}, document(R"({"s":"","l":[],"o":{},"n":"","b":"","e":[],"new":""})"));
    json::tree out;
    return text_of(made.copy_to(out));
  };
  EXPECT_EQ(merged(true), R"({"s":"a","l":[1],"o":{"x":1},"n":0,"b":false,"e":[],"new":""})");
  EXPECT_EQ(merged(false), R"({"s":"","l":[],"o":{},"n":"","b":"","e":[],"new":""})");
}

TEST(stream_append, joins_halves_and_counts_them_once) {
  const limits most;
  memory_bound memory(1u << 20);
  stream_document made(most, memory);
  json::tree out;
  made.append({}, json::view(out.string("a\xED\xA0\xBD")));
  made.append({}, json::view(out.string("\xED\xB8\x80z")));
  EXPECT_EQ(text_of(made.copy_to(out)), "\"a\xF0\x9F\x98\x80z\"");
  EXPECT_EQ(memory.held(), 6u);
}

}  // namespace
}  // namespace llm_admin::mapping
