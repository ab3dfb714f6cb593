#include "core/mapping/compile/stream.hpp"

#include <gtest/gtest.h>

#include "core/mapping/compile/compile.hpp"
#include "unit/json_text.hpp"
#include "unit/stream_configs.hpp"

namespace llm_admin::mapping {
namespace {

using test::document;

compiled<response_program> compiled_of(const std::string& stream) {
  const document config(
      R"({"version":"1.1","defs":{"d":{"source":"$.d"}},"extraction_rules":{"text_content":"$.t","usage_stats":)"
      R"({"use":"d"}},"stream":)" +
      stream + "}");
  auto made = compile_response(config);
  for (const problem& one : made.problems) EXPECT_TRUE(test::resolves(config, one.pointer)) << one.pointer;
  EXPECT_EQ(made.program == nullptr, has_errors(made.problems));
  return made;
}

// The problems, "pointer|code" a line.
std::string problems_of(const std::string& stream) {
  std::string out;
  for (const problem& one : compiled_of(stream).problems)
    out += (out.empty() ? "" : "\n") + one.pointer + "|" + one.code;
  return out;
}

std::string of_rule(const std::string& rule) {
  return problems_of(R"({"frame":"sse","done":"eof","rules":[)" + rule + "]}");
}

std::string of_place(const std::string& to) {
  return of_rule(R"({"op":"set","from":"$.a","to":)" + json::quoted(to) + "}");
}

TEST(compile_stream, the_examples) {
  for (const std::string& config :
       {test::openai_chat, test::anthropic_messages, test::gemini, test::gemini_array, test::ollama}) {
    const auto made = compile_response(document(config));
    EXPECT_EQ(render(made.problems), "");
    ASSERT_NE(made.program, nullptr);
    EXPECT_NE(made.program->stream, nullptr);
  }
}

TEST(compile_stream, program) {
  const auto made = compiled_of(
      R"({"frame":"json_array","done":{"data":"END"},"rules":[{"when":{"path":"$.x","exists":true},"each":"$.a[*]",)"
      R"("to":"$.b[\"c.d\"][3].e[{@.i}][{$[\"}\"]}]","op":"append","value":{"use":"d"},"emit":"tool_arguments"},)"
      R"({"when":{"path":"@.y","eq":1},"error":{"fields":{"type":{"value":"t"}}}},{"to":"$","op":"merge","from":"@"}]})");
  ASSERT_NE(made.program, nullptr) << render(made.problems);
  const stream_program& stream = *made.program->stream;
  EXPECT_EQ(stream.frame, frame_kind::json_array);
  EXPECT_EQ(stream.done, stream_end::data);
  EXPECT_EQ(stream.done_data, "END");
  ASSERT_EQ(stream.steps.size(), 3u);
  const stream_rule& first = stream.steps[0];
  EXPECT_EQ(first.op, stream_op::append);
  EXPECT_EQ(first.emit, emission::tool_arguments);
  EXPECT_EQ(first.pointer, "/stream/rules/0");
  EXPECT_NE(first.when, nothing);
  EXPECT_EQ(first.each.size(), 1u);
  EXPECT_NE(first.from, nothing);
  ASSERT_EQ(first.to.size(), 6u);
  EXPECT_EQ(first.to[1].name, "c.d");
  EXPECT_TRUE(first.to[2].is_index);
  EXPECT_EQ(first.to[2].index, 3u);
  EXPECT_EQ(stream.rules.paths[first.to[4].path].root, root_kind::item);
  EXPECT_EQ(stream.rules.paths[first.to[5].path].steps[0].name, "}");
  EXPECT_NE(stream.steps[1].error, nothing);
  EXPECT_EQ(stream.steps[1].from, nothing);
  EXPECT_TRUE(stream.steps[2].to.empty());
  EXPECT_EQ(stream.steps[2].emit, emission::none);
  EXPECT_GT(made.program->bytes(),
            compiled_of(R"({"frame":"sse","done":"eof","rules":[]})").program->bytes());
}

TEST(compile_stream, frame_and_done) {
  EXPECT_EQ(problems_of("[]"), "/stream|not_an_object");
  EXPECT_EQ(problems_of("{}"), "/stream|bad_word\n/stream|bad_done\n/stream|stream_rules_missing");
  EXPECT_EQ(problems_of(R"({"frame":"ssee","done":"end","rules":{},"rule":[]})"),
            "/stream/rule|unknown_member\n/stream/frame|bad_word\n/stream/done|bad_done\n/stream/"
            "rules|stream_rules_missing");
  const auto done = [](const std::string& text) {
    return problems_of(R"({"frame":"ndjson","rules":[],"done":)" + text + "}");
  };
  EXPECT_EQ(done(R"("eof")"), "");
  EXPECT_EQ(done(R"({"eof":true})"), "");
  EXPECT_EQ(done(R"({"when":{"path":"@.done","eq":true}})"), "");
  EXPECT_EQ(done(R"({"eof":false})"), "/stream/done/eof|bad_done");
  EXPECT_EQ(done(R"({"data":" "})"), "/stream/done/data|bad_done");
  EXPECT_EQ(done(R"({"data":1})"), "/stream/done/data|bad_done");
  EXPECT_EQ(done("{}"), "/stream/done|bad_done");
  EXPECT_EQ(done(R"({"data":"x","eof":true})"), "/stream/done|bad_done");
  EXPECT_EQ(done(R"({"dat":"x"})"), "/stream/done/dat|unknown_member\n/stream/done|bad_done");
}

TEST(compile_stream, rules) {
  EXPECT_EQ(of_rule("1"), "/stream/rules/0|not_an_object");
  EXPECT_EQ(of_rule("{}"),
            "/stream/rules/0|bad_target\n/stream/rules/0|bad_word\n/stream/rules/0|from_missing");
  EXPECT_EQ(
      of_rule(R"({"to":"$.a","op":"sett","from":"$.a","emit":"speech","form":1})"),
      "/stream/rules/0/form|unknown_member\n/stream/rules/0/op|bad_word\n/stream/rules/0/emit|bad_word");
  EXPECT_EQ(of_rule(R"({"to":"$.a","op":"set","from":"$.a","value":"$.b"})"),
            "/stream/rules/0/value|conflicting_members");
  EXPECT_EQ(of_rule(R"({"error":"$.e"})"), "/stream/rules/0|when_missing");
  EXPECT_EQ(of_rule(R"({"when":{"path":"$.e","exists":true},"error":"$.e","to":"$"})"),
            "/stream/rules/0/to|conflicting_members");
  EXPECT_NE(of_rule(R"({"to":"$.a","op":"set","from":"param:model_name"})"), "");
  EXPECT_NE(of_rule(R"({"to":"$.a","op":"set","from":{"use":"e"}})"), "");
  EXPECT_NE(of_rule(R"({"to":"$.a","op":"set","from":"$.a","each":"$..b"})"), "");
  EXPECT_NE(of_rule(R"({"to":"$.a","op":"set","from":"$.a","when":{"path":"$.a"}})"), "");
}

TEST(compile_stream, places) {
  for (const char* good : {"$", "$.a", "$.a_b2.c", "$[\"x y\"]", "$[0]", "$.a[12].b", "$.a[{@index}]",
                           "$.a[{$.b[0].c}].d", "$[\"\\u00e4\"]", "$.a[{$[?(@.b == '}')].c}]"})
    EXPECT_EQ(of_place(good), "") << good;
  for (const char* bad :
       {"",      "a",      "@.a",  "$.",   "$a",     "$..a",   "$.a.",       "$[",        "$[]",
        "$[-1]", "$[01]",  "$[1",  "$[*]", "$['a']", "$[\"a]", "$[\"\\q\"]", "$.a[{$.b]", "$[1234567890]",
        "$[{}]", "$[{b}]", "$.a b"})
    EXPECT_NE(of_place(bad).find("/stream/rules/0/to|"), std::string::npos) << bad;
  std::string deep = "$";
  for (int n = 0; n < 65; ++n) deep += ".a";
  EXPECT_EQ(of_place(deep), "/stream/rules/0/to|bad_target");
}

TEST(compile_stream, all_problems_at_once_each_at_its_place) {
  EXPECT_EQ(
      problems_of(
          R"({"frame":"sse","done":{"data":"x"},"rules":[{"to":"$.a","op":"set","from":"$.a"},)"
          R"({"to":"a","op":"set","from":"$.a"},{"to":"$.a","op":"add","from":"$.a"},{"to":"$.a[{x}]","op":"set","from":"$.a"}]})"),
      "/stream/rules/1/to|bad_target\n/stream/rules/2/op|bad_word\n/stream/rules/3/to|not_a_path");
}

TEST(compile_stream, belongs_to_1_1) {
  const auto made = compile_response(document(
      R"({"version":"1.0","extraction_rules":{"text_content":"$.t","usage_stats":"$.u"},"stream":{"frame":"sse"}})"));
  ASSERT_NE(made.program, nullptr);
  EXPECT_EQ(made.program->stream, nullptr);
  EXPECT_EQ(made.problems.size(), 1u);
}

}  // namespace
}  // namespace llm_admin::mapping
