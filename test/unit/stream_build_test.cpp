#include "core/mapping/stream/build.hpp"

#include <gtest/gtest.h>

#include "core/error.hpp"
#include "core/mapping/compile/compile.hpp"
#include "core/mapping/evaluate/evaluate.hpp"
#include "core/mapping/stream/frames.hpp"
#include "unit/json_text.hpp"
#include "unit/stream_configs.hpp"

namespace llm_admin::mapping {
namespace {

using test::document;
using test::text_of;

std::shared_ptr<const response_program> program_of(const std::string& rules,
                                                   const std::string& done = "\"eof\"") {
  const auto made = compile_response(document(
      R"({"version":"1.1","defs":{"upper":{"source":"$.u","map":{"a":"A"}}},"extraction_rules":{"text_content":"$.t","usage_stats":{"use":"upper"}},)"
      R"("stream":{"frame":"ndjson","done":)" +
      done + R"(,"rules":[)" + rules + "]}}"));
  EXPECT_NE(made.program, nullptr) << render(made.problems);
  return made.program;
}

struct built {
  std::shared_ptr<const response_program> program;
  limits most;
  std::string told;
  scope around;
  stream_builder builder;

  explicit built(const std::string& rules, const std::string& done = "\"eof\"", limits bounds = {})
      : program(program_of(rules, done)),
        most(bounds),
        builder(*program->stream, around, most, [this](const emitted& one) {
          told += std::string(one.what == emission::text        ? "t"
                              : one.what == emission::reasoning ? "r"
                                                                : "a") +
                  "(";
          (told += one.value.text()) += ")";
        }) {}

  built& events(std::initializer_list<std::string_view> list) {
    for (std::string_view event : list) builder.event(event);
    return *this;
  }
  std::string text() const {
    json::tree out;
    return text_of(builder.document(out));
  }
  std::string error() const { return text_of(builder.error()); }
};

// The document that one rule makes of the events; the error's message when there is one.
std::string by(const std::string& rule, std::initializer_list<std::string_view> events) {
  built one(rule);
  one.events(events);
  return one.builder.error() ? std::string(one.builder.error().member("message").text()) : one.text();
}

TEST(stream_build, set) {
  const std::string rule = R"({"to":"$.a.b","op":"set","from":"$.v"})";
  EXPECT_EQ(by(rule, {"{}"}), "null");
  EXPECT_EQ(by(rule, {R"({"v":1})", R"({"v":null})", "{}"}), R"({"a":{"b":1}})");
  EXPECT_EQ(by(rule, {R"({"v":[1,{"x":null}]})"}), R"({"a":{"b":[1,{"x":null}]}})");
  EXPECT_EQ(by(rule, {R"({"v":{"x":1,"y":2}})", R"({"v":{"z":true}})", R"({"v":false})"}),
            R"({"a":{"b":false}})");
  EXPECT_EQ(by(R"({"to":"$","op":"set","from":"$"})", {R"({"v":1})", "[2]"}), "[2]");
  EXPECT_EQ(by(R"({"to":"$[\"x y\"][0][1]","op":"set","from":"$.v"})", {"{}"}), "null");
}

TEST(stream_build, append) {
  const std::string rule = R"({"to":"$.t","op":"append","from":"$.v"})";
  EXPECT_EQ(by(rule, {R"({"v":"a"})", R"({"v":null})", R"({"v":""})", R"({"v":"ä"})"}), R"({"t":"aä"})");
  EXPECT_EQ(by(rule, {R"({"v":""})"}), R"({"t":""})");
  EXPECT_EQ(by(rule, {R"({"v":"n"})", R"({"v":1.50})", R"({"v":true})"}), R"({"t":"n1.50true"})");
  EXPECT_EQ(by(rule, {R"({"v":[1]})", R"({"v":[]})", R"({"v":[[2],3]})"}), R"({"t":[1,[2],3]})");
  EXPECT_EQ(by(rule, {R"({"v":{}})"}),
            "only text and arrays can be appended, not object (rule /stream/rules/0)");
  EXPECT_EQ(by(rule, {R"({"v":[1]})", R"({"v":"a"})"}),
            "text cannot be appended to array (rule /stream/rules/0)");
  EXPECT_EQ(by(rule, {R"({"v":"a"})", R"({"v":[1]})"}),
            "only text and arrays can be appended, not array (rule /stream/rules/0)");
}

TEST(stream_build, push) {
  const std::string rule = R"({"to":"$.l","op":"push","from":"$.v"})";
  EXPECT_EQ(by(rule, {R"({"v":1})", "{}", R"({"v":[2]})", R"({"v":{"a":null}})"}),
            R"({"l":[1,[2],{"a":null}]})");
  EXPECT_EQ(by(R"({"each":"$.v[*]","to":"$","op":"push","from":"@.x"})", {R"({"v":[{"x":1},{},{"x":2}]})"}),
            "[1,2]");
  built one(R"({"to":"$.l","op":"set","from":"$.s"},)" + rule);
  EXPECT_EQ(one.events({R"({"s":"x","v":1})"}).builder.error().member("message").text(),
            "nothing can be pushed onto string (rule /stream/rules/1)");
}

TEST(stream_build, merge) {
  const std::string rule = R"({"to":"$.u","op":"merge","from":"$.v"})";
  EXPECT_EQ(by(rule, {R"({"v":{"a":1,"b":{"c":1}}})", R"({"v":{"a":null,"b":{"d":2},"e":[null]}})"}),
            R"({"u":{"a":1,"b":{"d":2},"e":[null]}})");
  EXPECT_EQ(by(rule, {R"({"v":{"a":null}})"}), R"({"u":{}})");
  EXPECT_EQ(by(rule, {R"({"v":[1]})"}), "only an object can be merged, not array (rule /stream/rules/0)");
  EXPECT_EQ(by(R"({"to":"$","op":"merge","from":"$.v"})", {R"({"v":{"a":1}})", R"({"v":{"b":2}})"}),
            R"({"a":1,"b":2})");
}

TEST(stream_build, many_members_are_found_again) {
  built one(R"({"to":"$","op":"merge","from":"$"})");
  std::string expected;
  for (int round = 0; round < 2; ++round) {
    expected = "{";
    for (int n = 0; n < 100; ++n) {
      const std::string member = "\"m" + std::to_string(n) + "\":" + std::to_string(n + round);
      one.builder.event("{" + member + "}");
      expected += (n > 0 ? "," : "") + member;
    }
  }
  EXPECT_EQ(one.text(), expected + "}");
}

TEST(stream_build, places) {
  const std::string rule = R"({"each":"$.c[*]","to":"$.l[{@.i}].v","op":"append","from":"@.v"})";
  EXPECT_EQ(by(rule, {R"({"c":[{"i":0,"v":"a"},{"i":1,"v":"b"}]})", R"({"c":[{"i":0,"v":"c"},{"i":5}]})"}),
            R"({"l":[{"v":"ac"},{"v":"b"}]})");
  EXPECT_EQ(by(rule, {R"({"c":[{"i":1,"v":"b"}]})"}),
            "index 1 lies beyond the end of the array, which has 0 elements (rule /stream/rules/0)");
  EXPECT_EQ(by(rule, {R"({"c":[{"v":"b"}]})"}),
            "an index must be a whole number, not absent (rule /stream/rules/0)");
  for (const char* wrong : {"-1", "0.5", "\"0\"", "true", "99999999999", "[0]"}) {
    EXPECT_NE(by(rule, {std::string(R"({"c":[{"v":"b","i":)") + wrong + "}]}"}).find("whole number"),
              std::string::npos)
        << wrong;
  }
  EXPECT_EQ(by(rule, {R"({"c":[{"i":0.0,"v":"a"},{"i":1e0,"v":"b"}]})"}), R"({"l":[{"v":"a"},{"v":"b"}]})");
  EXPECT_EQ(by(R"({"each":"$.c[*]","to":"$[{@index}][{$.n}]","op":"set","from":"@"})",
               {R"({"n":0,"c":["a","b"]})"}),
            R"([["a"],["b"]])");
  EXPECT_EQ(
      by(R"({"to":"$.a","op":"set","from":"$.v"},{"to":"$.a.b","op":"set","from":"$.v"})", {R"({"v":"x"})"}),
      "there is no member in a value that is string (rule /stream/rules/1)");
  EXPECT_EQ(
      by(R"({"to":"$.a","op":"set","from":"$.v"},{"to":"$.a[0]","op":"set","from":"$.v"})", {R"({"v":{}})"}),
      "there is no element in a value that is object (rule /stream/rules/1)");
}

TEST(stream_build, when_is_asked_for_each_match) {
  EXPECT_EQ(by(R"({"each":"$.c[*]","when":{"path":"@.k","eq":"x"},"to":"$","op":"push","from":"@.v"})",
               {R"({"c":[{"k":"x","v":1},{"k":"y","v":2},{"k":"x","v":3}]})"}),
            "[1,3]");
  EXPECT_EQ(by(R"({"when":{"path":"@.k","eq":"x"},"to":"$","op":"push","from":"$.v"})",
               {R"({"k":"x","v":1})", R"({"k":"y","v":2})"}),
            "[1]");
  EXPECT_EQ(by(R"({"to":"$.u","op":"set","from":{"use":"upper"}})", {R"({"u":"a"})"}), R"({"u":"A"})");
}

TEST(stream_build, done) {
  built by_data(R"({"to":"$","op":"push","from":"$"})", R"({"data":"[DONE]"})");
  EXPECT_TRUE(by_data.builder.event("1"));
  EXPECT_FALSE(by_data.builder.done());
  EXPECT_FALSE(by_data.builder.event(" [DONE]\r"));
  EXPECT_TRUE(by_data.builder.done());
  EXPECT_FALSE(by_data.builder.event("2"));
  EXPECT_EQ(by_data.text(), "[1]");
  built by_condition(R"({"to":"$","op":"push","from":"$"})", R"({"when":{"path":"$.end","exists":true}})");
  EXPECT_TRUE(by_condition.builder.event("{\"end\":null}"));
  EXPECT_FALSE(by_condition.builder.event("{\"end\":1}"));
  EXPECT_TRUE(by_condition.builder.done());
  EXPECT_EQ(by_condition.text(), R"([{"end":null},{"end":1}])") << "the last event counts, too";
}

TEST(stream_build, errors_end_the_stream) {
  const std::string rules =
      R"({"when":{"path":"$.e","exists":true},"error":"$.e"},{"to":"$","op":"push","from":"$.v"})";
  const auto error_of = [&](std::string_view event) {
    built one(rules);
    one.events({R"({"v":1})", event, R"({"v":2})"});
    EXPECT_EQ(one.text(), "[1]");
    return one.error();
  };
  EXPECT_EQ(error_of(R"({"e":"boom","v":3})"), R"({"message":"boom"})");
  EXPECT_EQ(error_of(R"({"e":429})"), R"({"code":429})");
  EXPECT_EQ(error_of(R"({"e":{"type":"t","message":"m","code":null,"retryable":true,"other":1}})"),
            R"({"type":"t","message":"m","retryable":true})");
  EXPECT_EQ(error_of(R"({"e":[]})"), "{}");
  EXPECT_EQ(
      error_of("<html>"),
      R"({"type":"stream_invalid","message":"an event of the stream is no JSON: <html>","retryable":true})");
  built required(R"({"to":"$","op":"push","from":{"source":"$.v","required":true}})");
  required.events({R"({"v":1})", "{}"});
  EXPECT_EQ(required.builder.error().member("type").text(), "stream_invalid");
}

TEST(stream_build, a_value_that_its_rule_cannot_take_is_a_warning) {
  built one(R"({"to":"$","op":"push","from":{"source":"$.v","type":"integer"}})");
  one.events({R"({"v":1})", R"({"v":"x"})", R"({"v":2})"});
  EXPECT_EQ(one.text(), "[1,2]");
  ASSERT_EQ(one.builder.warnings().size(), 1u);
  EXPECT_EQ(one.builder.warnings()[0].rule, "/stream/rules/0/from");
  EXPECT_EQ(one.builder.warnings()[0].input, "");
  for (int n = 0; n < 200; ++n) one.builder.event(R"({"v":"x"})");
  EXPECT_EQ(one.builder.warnings().size(), max_listed);
}

TEST(stream_build, listeners_hear_texts_in_order) {
  built one(
      R"({"to":"$.r","op":"append","from":"$.r","emit":"reasoning"},{"to":"$.t","op":"append","from":"$.t","emit":"text"},)"
      R"({"each":"$.a[*]","to":"$.a[{@.i}]","op":"append","from":"@.s","emit":"tool_arguments"},{"to":"$.q","op":"append","from":"$.q"})");
  one.events({R"({"r":"hm"})", R"({"t":"a","q":"silent"})", R"({"t":"","r":null})",
              R"({"a":[{"i":0,"s":"{"},{"i":1,"s":"}"}],"t":"b"})"});
  EXPECT_EQ(one.told, "r(hm)t(a)t(b)a({)a(})");
}

TEST(stream_build, an_event_that_the_input_stopped_in) {
  built whole(R"({"to":"$","op":"push","from":"$"})");
  EXPECT_TRUE(whole.builder.event("{\"a\":1}", false));
  EXPECT_FALSE(whole.builder.cut());
  EXPECT_EQ(whole.text(), R"([{"a":1}])");
  built cut(R"({"to":"$","op":"push","from":"$"})");
  EXPECT_FALSE(cut.builder.event("{\"a\":", false));
  EXPECT_TRUE(cut.builder.cut());
  EXPECT_FALSE(cut.builder.error());
}

// What is replaced is not kept, and the bounds on work hold for one event, not for the sum of them.
TEST(stream_build, a_long_stream_costs_its_document) {
  limits small;
  small.max_output_bytes = 3000;
  small.max_matches = 50;
  built one(
      R"({"to":"$.id","op":"set","from":"$.id"},{"to":"$.u","op":"merge","from":"$.u"},{"to":"$.n","op":"append","from":"$.n"})",
      "\"eof\"", small);
  for (int n = 0; n < 1000; ++n) {
    const std::string number = std::to_string(n);
    ASSERT_TRUE(one.builder.event(R"({"id":"a long id )" + std::string(100, 'x') + number +
                                  R"(","u":{"a":[1,2,)" + number + R"(]},"n":"."})"));
  }
  EXPECT_EQ(one.text(), R"({"id":"a long id )" + std::string(100, 'x') + R"(999","u":{"a":[1,2,999]},"n":")" +
                            std::string(1000, '.') + "\"}");
}

TEST(stream_build, bounds) {
  limits small;
  small.max_output_bytes = 1000;
  built text(R"({"to":"$.t","op":"append","from":"$.t"})", "\"eof\"", small);
  const auto state_of = [](stream_builder& builder, const std::string& event) -> std::string {
    try {
      for (int n = 0; n < 100; ++n) builder.event(event);
    } catch (const error& raised) {
      return raised.sqlstate();
    }
    return "none";
  };
  EXPECT_EQ(state_of(text.builder, R"({"t":"0123456789"})"), "54000");
  built list(R"({"to":"$","op":"push","from":"$.t"})", "\"eof\"", small);
  EXPECT_EQ(state_of(list.builder, R"({"t":true})"), "54000");
  small.max_matches = 20;
  built matches(R"({"each":"$.a[*]","to":"$.t","op":"set","from":"@"})", "\"eof\"", small);
  std::string wide = R"({"a":[1)";
  for (int n = 0; n < 30; ++n) wide += ",1";
  EXPECT_EQ(state_of(matches.builder, wide + "]}"), "54000");
}

TEST(stream_build, any_split_of_the_bytes_gives_the_same) {
  const auto made = compile_response(document(test::openai_chat));
  const std::string body =
      "\xEF\xBB\xBF: hi\r\n\r\ndata: {\"choices\":[{\"delta\":{\"content\":\"H\xC3\xA4 "
      "\xF0\x9F\x98\x80\"}}]}\r\n\r\n"
      "data: {\"choices\":[\ndata: {\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\r\rdata: x";
  const limits most;
  const auto rebuilt = [&](std::size_t a, std::size_t b) {
    stream_frames frames(frame_kind::sse, 1000);
    stream_builder builder(*made.program->stream, {}, most);
    const auto take = [&](std::string_view event, bool ended) { return builder.event(event, ended); };
    for (const std::string& piece : {body.substr(0, a), body.substr(a, b - a), body.substr(b)})
      frames.feed(piece, take);
    frames.finish(take);
    EXPECT_TRUE(builder.done());
    json::tree out;
    return text_of(builder.document(out));
  };
  const std::string expected = rebuilt(0, 0);
  EXPECT_EQ(expected,
            "{\"choices\":[{\"message\":{\"content\":\"H\xC3\xA4 "
            "\xF0\x9F\x98\x80\"},\"finish_reason\":\"stop\"}]}");
  for (std::size_t a = 0; a <= body.size(); ++a) {
    for (std::size_t b = a; b <= body.size(); b += 3) EXPECT_EQ(rebuilt(a, b), expected) << a << " " << b;
  }
}

TEST(stream_build, excerpts) {
  EXPECT_EQ(text_excerpt(" a\r\n\t b "), "a b ");
  EXPECT_EQ(text_excerpt("abcdef", 6), "abcdef");
  EXPECT_EQ(text_excerpt("abcdefg", 6), "abcdef...");
  // What is no text: a lone half, a byte of no character, U+0000.
  EXPECT_EQ(text_excerpt("a\xED\xB2\xAF\xFC"), "a\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(text_excerpt(std::string_view("\0b", 2)),
            "\xEF\xBF\xBD"
            "b");
  EXPECT_EQ(text_excerpt("\xED\xB2\xAF\xED\xB2\xAF", 3), "\xEF\xBF\xBD...");
  EXPECT_EQ(text_excerpt("abc\xC3\xA4g", 4), "abc...");
  EXPECT_EQ(text_excerpt("abc\xF0\x9F\x98\x80g", 6), "abc...");
  EXPECT_EQ(text_excerpt("abc\xC3\xA4g", 5), "abc\xC3\xA4...");
}

}  // namespace
}  // namespace llm_admin::mapping
