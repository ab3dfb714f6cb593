#include "core/mapping/stream/deltas.hpp"

#include <gtest/gtest.h>

#include <string>

#include "core/error.hpp"
#include "unit/json_text.hpp"
#include "unit/streamed.hpp"

namespace llm_admin::mapping {
namespace {

using test::sse;
using test::text_of;

std::string deltas(const response_program& program, const std::string& frames,
                   const std::string& pointer = "") {
  answer_input input;
  input.body = frames;
  json::tree out;
  return text_of(json::resolve(json::view(stream_deltas(program, input, out)), pointer));
}

std::string deltas(const std::string& config, const std::string& frames, const std::string& pointer = "") {
  return deltas(*test::compiled_of(config), frames, pointer);
}

// The texts of one kind, one behind the other.
std::string told(const response_program& program, const std::string& frames, std::string_view kind) {
  answer_input input;
  input.body = frames;
  json::tree out;
  const json::node list = json::view(stream_deltas(program, input, out)).member("deltas");
  std::string text;
  for (std::uint32_t n = 0; n < list.size; ++n) {
    if (list.element(n).member("kind").text() == kind) text += list.element(n).member("text").text();
  }
  return text;
}

TEST(stream_deltas, tells_what_a_batch_adds) {
  EXPECT_EQ(deltas(test::openai_chat, sse({R"({"choices":[{"delta":{"content":"Hi"}}]})"})),
            R"({"deltas":[{"kind":"text","index":null,"id":null,"name":null,"text":"Hi"}],)"
            R"("done":false,"error":null,"usage":null})");
  EXPECT_EQ(deltas(test::openai_chat, ""), R"({"deltas":[],"done":false,"error":null,"usage":null})");
  EXPECT_EQ(deltas(test::openai_chat, ": ping\n\n", "/error"), "null");
  EXPECT_EQ(deltas(test::openai_chat, sse({"[DONE]"}), "/done"), "true");
}

// What only rebuilds the document is not done, unless the usage is read from there.
TEST(stream_deltas, runs_the_rules_that_it_needs) {
  const auto program = test::compiled_of(
      R"({"version":"1.2","extraction_rules":{"text_content":"$.t","usage_stats":{"with":"$.counts[0]",)"
      R"("fields":{"input_tokens":"@.in","output_tokens":"$.other.out"}}},"stream":{"frame":"sse",)"
      R"("done":"eof","rules":[{"to":"$.t","op":"append","from":"$.t","emit":"text"},)"
      R"({"to":"$.id","op":"set","from":"$.id"},{"to":"$.counts","op":"push","from":"$.usage"},)"
      R"({"to":"$.other.out","op":"set","from":"$.out"},)"
      R"({"when":{"path":"$.bad","exists":true},"error":"$.bad"}]}})");
  std::string of_usage;
  for (const stream_rule& one : program->stream->steps) of_usage += one.of_usage ? '1' : '0';
  EXPECT_EQ(of_usage.substr(0, 4), "0011");
  const std::string frames = sse({R"({"id":"a","t":"x","usage":{"in":3},"out":4})"});
  EXPECT_EQ(deltas(*program, frames, "/usage/total_tokens"), "7");
  EXPECT_EQ(deltas(*program, frames, "/deltas/0/text"), R"("x")");
  EXPECT_EQ(deltas(*program, sse({R"({"t":"x","bad":"gone"})"}), "/error/message"), R"("gone")");
}

TEST(stream_deltas, needs_nothing_that_came_before) {
  const std::string call =
      R"({"choices":[{"delta":{"tool_calls":[{"index":7,"function":{"arguments":"{\"a"}}]}}]})";
  EXPECT_EQ(deltas(test::openai_chat, sse({call}), "/deltas"),
            R"([{"kind":"tool_arguments","index":7,"id":null,"name":null,"text":"{\"a"}])");
  const std::string block =
      R"({"type":"content_block_delta","index":3,"delta":{"type":"text_delta","text":"x"}})";
  EXPECT_EQ(deltas(test::anthropic_messages, sse({block}), "/deltas/0/index"), "3");
  EXPECT_EQ(deltas(test::anthropic_messages, sse({block}), "/error"), "null");
}

TEST(stream_deltas, errors_and_usage_of_the_batch) {
  EXPECT_EQ(deltas(test::openai_chat, sse({R"({"error":{"message":"slow down","type":"rate_limit_error"}})"}),
                   "/error/message"),
            "\"slow down\"");
  EXPECT_EQ(deltas(test::openai_chat, "<html>Bad Gateway</html>", "/error/type"), "\"not_json\"");
  EXPECT_EQ(deltas(test::openai_chat, sse({"nope", R"({"choices":[{"delta":{"content":"a"}}]})"}), "/error"),
            "null");
  EXPECT_EQ(
      deltas(test::openai_chat, sse({R"({"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4}})"}),
             "/usage/total_tokens"),
      "7");
  EXPECT_EQ(deltas(test::anthropic_messages,
                   sse({R"({"type":"message_start","message":{"id":"m","usage":{"input_tokens":5}}})",
                        R"({"type":"message_delta","delta":{},"usage":{"output_tokens":2}})"}),
                   "/usage/total_tokens"),
            "7");
}

TEST(stream_deltas, joins_halves_within_a_batch) {
  const auto content = [](const std::string& text) {
    return R"({"choices":[{"delta":{"content":")" + text + "\"}}]}";
  };
  const auto program = test::compiled_of(test::openai_chat);
  EXPECT_EQ(told(*program, sse({content("a\\ud83d"), content("\\ude00b")}), "text"),
            "a\xF0\x9F\x98\x80"
            "b");
  EXPECT_EQ(told(*program, sse({content("a\\ud83d")}), "text"), "a\xEF\xBF\xBD");
  EXPECT_EQ(told(*program, sse({content("\\ude00b")}), "text"),
            "\xEF\xBF\xBD"
            "b");
}

TEST(stream_deltas, pieces_of_an_array) {
  const std::string part = R"({"candidates":[{"content":{"parts":[{"text":"a"}]}}]})";
  for (const std::string& frames : {"[" + part, "," + part, part + "]", "[" + part + "]", part + "\n,\n"})
    EXPECT_EQ(deltas(test::gemini_array, frames, "/deltas/0/text"), "\"a\"") << frames;
  EXPECT_EQ(deltas(test::gemini_array, part + "]", "/done"), "true");
  EXPECT_EQ(deltas(test::gemini_array, "[" + part, "/done"), "false");
}

TEST(stream_deltas, concatenated_it_is_the_text_of_the_whole_stream_in_any_batches) {
  struct one {
    std::string config;
    std::vector<std::string> frames;
  };
  const std::vector<one> streams = {
      {test::openai_chat,
       {sse({R"({"choices":[{"delta":{"content":"Hel"}}]})"}), ": ping\n\n",
        sse({R"({"choices":[{"delta":{"content":""}}]})"}),
        sse({R"({"choices":[{"delta":{"content":"lo"}}]})"}),
        sse({R"({"choices":[{"delta":{},"finish_reason":"stop"}]})"}), sse({"[DONE]"})}},
      {test::anthropic_messages,
       {sse({R"({"type":"message_start","message":{"id":"m","content":[]}})"}),
        sse({R"({"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})"}),
        sse({R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hel"}})"}),
        sse({R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"lo"}})"}),
        sse({R"({"type":"message_delta","delta":{"stop_reason":"end_turn"}})"}),
        sse({R"({"type":"message_stop"})"})}},
      {test::ollama,
       {test::lines({R"({"message":{"content":"Hel"},"done":false})"}),
        test::lines({R"({"message":{"content":"lo"},"done":true,"done_reason":"stop"})"})}}};
  for (const one& stream : streams) {
    const auto program = test::compiled_of(stream.config);
    for (unsigned borders = 0; borders < 1u << (stream.frames.size() - 1); ++borders) {
      std::string text, batch;
      bool done = false;
      for (std::size_t n = 0; n < stream.frames.size(); ++n) {
        batch += stream.frames[n];
        if (n + 1 < stream.frames.size() && (borders >> n & 1) == 0) continue;
        text += told(*program, batch, "text");
        done = done || deltas(*program, batch, "/done") == "true";
        EXPECT_EQ(deltas(*program, batch, "/error"), "null");
        batch.clear();
      }
      EXPECT_EQ(text, "Hello");
      EXPECT_TRUE(done);
    }
  }
}

TEST(stream_deltas, a_config_without_rules_for_streams_is_refused) {
  EXPECT_THROW(deltas(R"({"version":"1.1","extraction_rules":{"text_content":"$.t","usage_stats":"$.u"}})",
                      "data: {}\n\n"),
               error);
}

// One event of a megabyte, and many small ones: work and memory follow the batch.
TEST(stream_deltas, is_linear_in_the_batch) {
  const auto program = test::compiled_of(test::openai_chat);
  const std::string large(1'000'000, 'x');
  EXPECT_EQ(told(*program, sse({R"({"choices":[{"delta":{"content":")" + large + "\"}}]}"}), "text").size(),
            large.size());
  std::string many;
  for (int n = 0; n < 5'000; ++n) many += sse({R"({"choices":[{"delta":{"content":"ab"}}]})"});
  EXPECT_EQ(told(*program, many, "text").size(), 10'000u);
}

}  // namespace
}  // namespace llm_admin::mapping
