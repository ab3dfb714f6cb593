// read_answer: whatever the network gave is a result, never an error raised.
#include "core/mapping/answer/answer.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "core/error.hpp"
#include "core/mapping/answer/content.hpp"
#include "unit/json_text.hpp"
#include "unit/streamed.hpp"

namespace llm_admin::mapping {
namespace {

using test::text_of;

// Like what answer_input holds, owning its texts.
struct given {
  std::string config, body;
  std::optional<int> status = {};
  std::uint64_t most = limits{}.max_output_bytes;
};

std::string answer(const given& from, const std::string& pointer = "") {
  const auto program = test::compiled_of(from.config);
  answer_input input;
  input.body = from.body;
  input.http_status = from.status;
  input.limits.max_output_bytes = from.most;
  json::tree out;
  const json::item* made = read_answer(*program, input, out);
  EXPECT_NE(made, nullptr) << from.body.substr(0, 200);
  return made == nullptr ? "" : text_of(json::resolve(json::view(made), pointer));
}

const std::string whole_chat =
    R"({"id":"r1","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Hello"},)"
    R"("finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2}})";
const std::string streamed_chat = test::sse(
    {R"({"id":"r1","model":"m","choices":[{"index":0,"delta":{"content":"Hel"}}]})",
     R"({"id":"r1","model":"m","choices":[{"index":0,"delta":{"content":"lo"},"finish_reason":"stop"}]})",
     R"({"id":"r1","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2}})", "[DONE]"});

TEST(answer_content, is_told_by_the_body) {
  const std::set<std::string, std::less<>> fields = {"error"};
  EXPECT_EQ(content_of("", fields), body_content::empty);
  EXPECT_EQ(content_of(" \r\n", fields), body_content::empty);
  EXPECT_EQ(content_of("<!doctype html>", fields), body_content::page);
  EXPECT_EQ(content_of("{", fields), body_content::json);
  EXPECT_EQ(content_of("-1", fields), body_content::json);
  EXPECT_EQ(content_of("\"data: x\"", fields), body_content::json);
  for (const char* events : {"data: {}", "data", "event: x", ": ping", "id:1", "error: {}", "\n\ndata:x"})
    EXPECT_EQ(content_of(events, fields), body_content::events) << events;
  EXPECT_EQ(content_of("upstream connect error: reset", fields), body_content::text);
  EXPECT_EQ(content_of("error: x", {}), body_content::text);
  EXPECT_EQ(content_of("data\r\nid: 1", {}), body_content::events);
  EXPECT_EQ(content_of("no\nid: 1", {}), body_content::text);
}

TEST(answer, the_same_whole_and_streamed_whatever_the_frame) {
  const std::string whole = answer({test::openai_chat, whole_chat});
  EXPECT_EQ(answer({test::openai_chat, whole_chat}, "/text"), "\"Hello\"");
  EXPECT_EQ(answer({test::openai_chat, streamed_chat}, "/text"), "\"Hello\"");
  EXPECT_EQ(answer({test::openai_chat, streamed_chat}, "/error"), "null");
  EXPECT_EQ(answer({test::openai_chat, streamed_chat}, "/usage"),
            answer({test::openai_chat, whole_chat}, "/usage"));
  EXPECT_EQ(answer({test::openai_chat, "\xEF\xBB\xBF \n" + whole_chat + "\r\n"}), whole);
  EXPECT_EQ(answer({test::openai_chat, test::sse({whole_chat, "[DONE]"})}, "/text"), "\"Hello\"");
  EXPECT_EQ(answer({test::openai_chat, test::sse({whole_chat})}, "/error"), "null");
  EXPECT_EQ(answer({test::openai_chat, "data: " + whole_chat}, "/finish_reason"), "\"stop\"");
}

TEST(answer, an_array_of_events_where_the_config_says_sse) {
  const std::string array =
      "[{\"candidates\": [{\"content\": {\"role\": \"model\", \"parts\": [{\"text\": \"Good \"}]}}]}\n,\n"
      "{\"candidates\": [{\"content\": {\"role\": \"model\", \"parts\": [{\"text\": \"day\"}]}, "
      "\"finishReason\": \"STOP\"}], \"usageMetadata\": {\"promptTokenCount\": 5}}\n]";
  for (const std::string& config : {test::gemini, test::gemini_array}) {
    EXPECT_EQ(answer({config, array}, "/text"), "\"Good day\"");
    EXPECT_EQ(answer({config, array}, "/finish_reason"), "\"stop\"");
    EXPECT_EQ(answer({config, array}, "/error"), "null");
    EXPECT_EQ(answer({config, array.substr(0, array.find("\n,\n"))}, "/error/type"), "\"stream_incomplete\"");
    EXPECT_EQ(
        answer({config, R"([{"error":{"code":429,"message":"slow","status":"RESOURCE_EXHAUSTED"}}])", 429},
               "/error/message"),
        "\"slow\"");
  }
  EXPECT_NE(answer({test::gemini, "[]"}, "/error"), "null");
}

TEST(answer, lines_where_the_config_says_sse_and_one_line_of_lines) {
  const std::string lines =
      test::lines({R"({"choices":[{"index":0,"delta":{"content":"a"}}]})",
                   R"({"choices":[{"index":0,"delta":{"content":"b"},"finish_reason":"stop"}]})"});
  EXPECT_EQ(answer({test::openai_chat, lines}, "/text"), "\"ab\"");
  const std::string one = R"({"model":"m","message":{"content":"Hel"},"done":false})";
  EXPECT_EQ(answer({test::ollama, one}, "/error/type"), "\"stream_incomplete\"");
  EXPECT_EQ(answer({test::ollama, one}, "/text"), "\"Hel\"");
  const std::string all = R"({"model":"m","message":{"content":"Hello"},"done":true,"done_reason":"stop"})";
  EXPECT_EQ(answer({test::ollama, all}, "/error"), "null");
  EXPECT_EQ(answer({test::ollama, R"({"error":"no such model"})", 404}, "/error/message"),
            "\"no such model\"");
}

TEST(answer, pages_texts_and_nothing) {
  const std::string page =
      "<!DOCTYPE html><html><head><style>h1 { color: red }</style><script>var a = '<b>';</script></head>"
      "<body><h1>502 Bad Gateway</h1><!-- x --><hr>nginx</body></html>";
  EXPECT_EQ(answer({test::openai_chat, page, 502}, "/error/message"),
            "\"the response is no JSON: 502 Bad Gateway nginx\"");
  EXPECT_EQ(answer({test::openai_chat, page, 502}, "/error/type"), "\"http_502\"");
  EXPECT_EQ(answer({test::openai_chat, page, 502}, "/error/retryable"), "true");
  EXPECT_EQ(answer({test::openai_chat, page, 200}, "/error/type"), "\"not_json\"");
  EXPECT_EQ(answer({test::openai_chat, "upstream reset"}, "/error/type"), "\"not_json\"");
  EXPECT_EQ(answer({test::openai_chat, "{nope"}, "/error/type"), "\"not_json\"");
  for (const std::string body : {"", " \n", ": ping\n\n: ping\n\n"}) {
    EXPECT_EQ(answer({test::openai_chat, body, 200}, "/error/type"), "\"empty\"") << body;
    EXPECT_EQ(answer({test::openai_chat, body, 200}, "/error/retryable"), "true") << body;
  }
  EXPECT_EQ(answer({test::openai_chat, std::string(100'000, '[')}, "/error/type"), "\"stream_incomplete\"");
  EXPECT_EQ(
      answer({test::openai_chat, "{\"a\":" + std::string(100'000, '[') + std::string(100'000, ']') + "}"},
             "/error/type"),
      "\"not_json\"");
}

TEST(answer, an_error_in_a_stream_has_a_type) {
  const std::string events = test::sse({R"({"choices":[{"index":0,"delta":{"content":"He"}}]})",
                                        R"({"error":{"code":400,"message":"limit reached"}})", "[DONE]"});
  EXPECT_EQ(answer({test::openai_chat, events}, "/error/message"), "\"limit reached\"");
  EXPECT_EQ(answer({test::openai_chat, events}, "/text"), "\"He\"");
  EXPECT_NE(answer({test::openai_chat, events}, "/error/type"), "null");
}

TEST(answer, halves_of_a_character_split_over_events_are_joined) {
  const auto body = [](const std::string& first, const std::string& second) {
    return test::sse(
        {R"({"choices":[{"index":0,"delta":{"content":"ok )" + first + "\"}}]}",
         R"({"choices":[{"index":0,"delta":{"content":")" + second + R"("},"finish_reason":"stop"}]})",
         "[DONE]"});
  };
  EXPECT_EQ(answer({test::openai_chat, body("\\ud83d", "\\ude00")}, "/text"), "\"ok \xF0\x9F\x98\x80\"");
  EXPECT_EQ(answer({test::openai_chat, body("\\ud83d", "!")}, "/text"), "\"ok \xEF\xBF\xBD!\"");
  EXPECT_EQ(answer({test::openai_chat, body("\\u0000", "\\ude00")}, "/text"),
            "\"ok \xEF\xBF\xBD\xEF\xBF\xBD\"");
  const std::string told = answer({test::openai_chat, body("\\u0000", "\\ude00")});
  EXPECT_NE(told.find("half of a surrogate pair"), std::string::npos) << told;
  EXPECT_NE(told.find("\\\\u0000 became U+FFFD"), std::string::npos) << told;
  EXPECT_EQ(
      answer({test::openai_chat, R"({"choices":[{"message":{"content":"a\u0000"},"finish_reason":"stop"}]})"},
             "/text"),
      "\"a\xEF\xBF\xBD\"");
}

TEST(answer, every_cut_of_a_document_is_a_result_with_an_error) {
  for (std::size_t size = 0; size < whole_chat.size(); ++size) {
    const std::string cut = whole_chat.substr(0, size);
    const std::string type = answer({test::openai_chat, cut}, "/error/type");
    EXPECT_EQ(type, size == 0 ? "\"empty\"" : "\"stream_incomplete\"") << cut;
  }
  EXPECT_EQ(answer({test::openai_chat, whole_chat.substr(0, whole_chat.find("llo"))}, "/text"), "\"He\"");
}

TEST(answer, a_call_that_is_not_whole_is_left_out) {
  const std::string calls =
      R"({"id":"m1","content":[{"type":"text","text":"I look"},)"
      R"({"type":"tool_use","id":"a","name":"list","input":{"path":"/tmp"}},)"
      R"({"type":"tool_use","id":"b","name":"remove","input":{"path":"/tmp/old/file"}}],"stop_reason":"tool_use"})";
  const std::string& config = test::anthropic_messages;
  EXPECT_NE(answer({config, calls}, "/tool_calls/1"), "null");
  const std::string cut = calls.substr(0, calls.find("/old"));
  EXPECT_EQ(answer({config, cut}, "/tool_calls"),
            R"([{"id":"a","name":"list","arguments":{"path":"/tmp"}}])");
  EXPECT_EQ(answer({config, cut}, "/message/tool_calls/1"), "null");
  EXPECT_EQ(answer({config, calls.substr(0, calls.find("/tmp"))}, "/tool_calls"), "[]");
  EXPECT_EQ(answer({config, calls.substr(0, calls.find("/tmp"))}, "/message/tool_calls"), "null");
  EXPECT_EQ(answer({config, calls.substr(0, calls.find("/tmp"))}, "/text"), "\"I look\"");
}

TEST(answer, every_cut_of_a_stream_is_a_result) {
  for (std::size_t size = 0; size < streamed_chat.size(); ++size) {
    const std::string cut = streamed_chat.substr(0, size);
    const std::string made = answer({test::openai_chat, cut});
    const bool finished = cut.find("\"stop\"}]}") != std::string::npos;
    EXPECT_TRUE(finished || made.find("\"type\":\"") != std::string::npos) << cut << "\n" << made;
  }
}

TEST(answer, more_than_its_bounds_is_an_error_of_the_result) {
  const std::string large = std::string(300'000, 'x');
  const std::string body =
      R"({"choices":[{"message":{"content":")" + large + R"("},"finish_reason":"stop"}]})";
  given small{test::openai_chat, body};
  small.most = 100'000;
  EXPECT_EQ(answer(small, "/error/type"), "\"too_large\"");
  EXPECT_EQ(answer(small, "/error/retryable"), "false");
  small.body = test::sse({body});
  EXPECT_EQ(answer(small, "/error/type"), "\"too_large\"");
  small.body = test::sse({R"({"choices":[{"index":0,"delta":{"content":")" + large + R"("}}]})"});
  EXPECT_EQ(answer(small, "/error/type"), "\"too_large\"");
}

TEST(answer, other_text_behind_the_document_is_passed_over) {
  EXPECT_EQ(answer({test::openai_chat, whole_chat + "\n<html>"}, "/text"), "\"Hello\"");
  EXPECT_EQ(answer({test::openai_chat, whole_chat + "}"}, "/text"), "\"Hello\"");
}

// Bytes that change, go or come twice: always a result.
TEST(answer, broken_bodies_are_results) {
  std::mt19937 random(7);
  const auto below = [&](std::size_t most) {
    return std::uniform_int_distribution<std::size_t>(0, most - 1)(random);
  };
  const std::string alphabet = "{}[]\":,\\u0dn\n <e1-";
  for (const std::string& whole : {whole_chat, streamed_chat, test::lines({whole_chat, whole_chat})}) {
    for (int round = 0; round < 300; ++round) {
      std::string body = whole;
      for (std::size_t edits = 1 + below(4); edits > 0 && !body.empty(); --edits) {
        const std::size_t at = below(body.size());
        switch (below(3)) {
          case 0:
            body[at] = alphabet[below(alphabet.size())];
            break;
          case 1:
            body.erase(at, 1 + below(30));
            break;
          default:
            body.insert(at, body.substr(below(body.size()), below(40)));
        }
      }
      for (const std::string* config : {&test::openai_chat, &test::ollama, &test::gemini_array})
        EXPECT_FALSE(answer({*config, body}).empty());
    }
  }
}

}  // namespace
}  // namespace llm_admin::mapping
