#include "core/checked_options.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "core/call_tags.hpp"
#include "core/error.hpp"
#include "core/uuid.hpp"
#include "unit/json_text.hpp"

namespace llm_admin {
namespace {

constexpr std::array<std::string_view, 7> option_names = {"label", "count", "on",  "id",
                                                          "list",  "tags",  "word"};
constexpr std::array<std::string_view, 2> words = {"left", "right"};

// What is said of options that are read as their names want it: message, detail, hint.
std::string said_of_options(const std::string& json) {
  const test::document given(json);
  checked_options in(given, option_names);
  (void)in.text("label", checked_options::empty::refused, 10);
  (void)in.integer("count", 1, 9);
  (void)in.boolean("on");
  (void)in.id("id");
  (void)in.texts("list", 3, 4);
  (void)read_tags(in, "tags");
  (void)in.word("word", words);
  try {
    in.require("the hint");
  } catch (const error& e) {
    EXPECT_STREQ(e.sqlstate(), "22023");
    return e.message() + " | " + e.detail() + " | " + e.hint();
  }
  return "taken";
}

TEST(CheckedOptions, TakeWhatIsRight) {
  EXPECT_EQ(said_of_options("{}"), "taken");
  EXPECT_EQ(said_of_options("null"), "taken");
  EXPECT_EQ(said_of_options(
                R"({"label": null, "count": null, "on": null, "id": null, "list": null, "tags": null})"),
            "taken");
  EXPECT_EQ(said_of_options(R"({"label": "0123456789", "count": 9.0, "on": false, "word": "right",
                                "id": "8C1f3a52-6e0b-4d7c-9a55-0f1e2d3c4b5a", "list": ["a", "bcde"],
                                "tags": {"a.b_c-1": "x"}})"),
            "taken");
}

TEST(CheckedOptions, TellAllProblemsAtOnce) {
  EXPECT_EQ(
      said_of_options(R"({"label": "", "count": 10, "on": "yes", "id": "8c1f", "list": ["abcde", 1, ""],
                                "tags": {"a=b": "x", "c": 1}, "word": "up"})"),
      "option label must not be empty | "
      "option count must be a whole number from 1 to 9\n"
      "option on must be true or false\n"
      "option id must be a uuid\n"
      "option list: element 1 must have at most 4 bytes\n"
      "option list: element 2 must be a text\n"
      "option list: element 3 must not be empty\n"
      "option tags: tag (a text of 3 characters) must have a name of up to 64 letters, digits and . _ - "
      "characters\n"
      "option tags: tag c must be a text\n"
      "option word must be one of left, right | the hint");
}

TEST(CheckedOptions, NameUnknownOnesWithTheNearest) {
  EXPECT_EQ(said_of_options(R"({"lable": 1, "sk-ant-api03-abcdefghijklmnop": 1, "count": 0})"),
            "unknown option lable | unknown option (a text of 29 characters)\n"
            "option count must be a whole number from 1 to 9\n"
            "known options: label, count, on, id, list, tags, word | did you mean label? the hint");
}

TEST(CheckedOptions, AreAnObject) {
  EXPECT_EQ(said_of_options("[1]"), "argument options must be a JSON object |  | the hint");
}

TEST(CheckedOptions, NeverTellAValue) {
  const std::string key = "sk-canary-0123456789";
  for (const char* name : {"label", "count", "on", "id", "list", "tags", "word"}) {
    const std::string said = said_of_options("{\"" + std::string(name) + "\": \"" + key + "\"}");
    EXPECT_NE(said, "taken") << name;
    EXPECT_EQ(said.find("canary"), std::string::npos) << said;
  }
  EXPECT_EQ(said_of_options("{\"list\": [\"" + key + "\"]}").find("canary"), std::string::npos);
  EXPECT_EQ(said_of_options("{\"tags\": {\"" + key + "\": 1}}").find("canary"), std::string::npos);
}

TEST(CheckedOptions, BoundWhatTheyTell) {
  std::string many = "{";
  for (int n = 0; n < 500; ++n) many += (n == 0 ? "\"x" : ", \"x") + std::to_string(n) + "\": 1";
  const std::string said = said_of_options(many + "}");
  EXPECT_NE(said.find("there may be more problems; the first 100 are listed"), std::string::npos);
  EXPECT_EQ(said.find("x100\n"), std::string::npos);
}

TEST(CheckedOptions, EmptyIsNoneOnlyWhereItMayBe) {
  const test::document given(R"({"label": ""})");
  checked_options in(given, option_names);
  EXPECT_FALSE(in.text("label"));
  EXPECT_EQ(in.whole_text("label"), "");
  EXPECT_FALSE(in.has_problems());
  EXPECT_FALSE(in.text("label", checked_options::empty::refused));
  EXPECT_TRUE(in.has_problems());
}

TEST(CheckedOptions, TextsHoldNoControlCharacters) {
  EXPECT_EQ(said_of_options(R"({"label": "a\nb"})"),
            "option label must not hold control characters |  | the hint");
  EXPECT_EQ(said_of_options("{\"label\": \"a\x7f\"}"),
            "option label must not hold control characters |  | the hint");
  EXPECT_EQ(said_of_options("{\"label\": \"\xc3\xa9\"}"), "taken");
}

TEST(CallTags, ComeByName) {
  const test::document given(R"({"tags": {"b": "2", "a": "1"}})");
  checked_options in(given, option_names);
  const std::vector<call_tag> tags = read_tags(in, "tags");
  ASSERT_EQ(tags.size(), 2u);
  EXPECT_EQ(tags[0].name, "a");
  EXPECT_EQ(tags[0].value, "1");
  EXPECT_EQ(tags[1].name, "b");
}

TEST(CallTags, HaveBounds) {
  std::string many = "{\"tags\": {";
  for (int n = 0; n < 33; ++n) many += (n == 0 ? "\"t" : ", \"t") + std::to_string(n) + "\": \"v\"";
  EXPECT_EQ(said_of_options(many + "}}"), "option tags must have at most 32 tags |  | the hint");
  EXPECT_EQ(
      said_of_options("{\"tags\": {\"" + std::string(64, 'a') + "\": \"" + std::string(255, 'v') + "\"}}"),
      "taken");
  EXPECT_NE(said_of_options("{\"tags\": {\"" + std::string(65, 'a') + "\": \"v\"}}"), "taken");
  EXPECT_NE(said_of_options("{\"tags\": {\"a\": \"" + std::string(256, 'v') + "\"}}"), "taken");
  EXPECT_NE(said_of_options(R"({"tags": {"": "v"}})"), "taken");
  EXPECT_NE(said_of_options(R"({"tags": {"a": ""}})"), "taken");
}

TEST(CallTags, OfARowWhatIsNoTagIsLeftOut) {
  const test::document stored(R"({"b": "2", "a=c": "1", "n": 5, "a": "x"})");
  const std::vector<call_tag> tags = tags_of(stored);
  ASSERT_EQ(tags.size(), 2u);
  EXPECT_EQ(tags[0].name, "a");
  EXPECT_EQ(tags[1].value, "2");
  EXPECT_TRUE(tags_of(test::document("[1]")).empty());
}

TEST(Uuid, IsReadAndWritten) {
  const std::string text = "8c1f3a52-6e0b-4d7c-9a55-0f1e2d3c4b5a";
  const auto id = read_uuid(text);
  ASSERT_TRUE(id);
  EXPECT_EQ((*id)[0], 0x8c);
  EXPECT_EQ((*id)[15], 0x5a);
  EXPECT_EQ(uuid_string(*id), text);
  EXPECT_EQ(read_uuid("8C1F3A52-6E0B-4D7C-9A55-0F1E2D3C4B5A"), id);
  for (const char* wrong : {"", "8c1f3a526e0b4d7c9a550f1e2d3c4b5a", "{8c1f3a52-6e0b-4d7c-9a55-0f1e2d3c4b5a}",
                            "8c1f3a52-6e0b-4d7c-9a55-0f1e2d3c4b5", "8c1f3a52-6e0b-4d7c-9a55-0f1e2d3c4b5g",
                            "8c1f3a5-26e0b-4d7c-9a55-0f1e2d3c4b5a", "8c1f3a52-6e0b-4d7c-9a55-0f1e2d3c4b5a "})
    EXPECT_FALSE(read_uuid(wrong)) << wrong;
}

}  // namespace
}  // namespace llm_admin
