// The streams of three more vendors, as they document them.
#include <gtest/gtest.h>

#include "unit/streamed.hpp"

namespace llm_admin::mapping {
namespace {

using test::lines;
using test::sse;
using test::streamed;
using test::whole;

const std::string claude_start =
    R"({"type":"message_start","message":{"id":"m1","type":"message","role":"assistant","model":"claude","content":[],)"
    R"("stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":7,"cache_read_input_tokens":3,"cache_creation_input_tokens":2,"output_tokens":1}}})";

std::string delta(int index, const std::string& text) {
  return R"({"type":"content_block_delta","index":)" + std::to_string(index) + R"(,"delta":)" + text + "}";
}
std::string block(int index, const std::string& text) {
  return R"({"type":"content_block_start","index":)" + std::to_string(index) + R"(,"content_block":)" + text +
         "}";
}
std::string stop(int index) {
  return R"({"type":"content_block_stop","index":)" + std::to_string(index) + "}";
}

TEST(stream_vendors, anthropic_thinking_text_and_tool) {
  const std::string body =
      "event: message_start\n" +
      sse({claude_start,
           R"({"type":"ping"})",
           block(0, R"({"type":"thinking","thinking":"","signature":""})"),
           delta(0, R"({"type":"thinking_delta","thinking":"Let me "})"),
           delta(0, R"({"type":"thinking_delta","thinking":"see"})"),
           delta(0, R"({"type":"signature_delta","signature":"sig=="})"),
           stop(0),
           block(1, R"({"type":"text","text":""})"),
           delta(1, R"({"type":"text_delta","text":"I"})"),
           delta(1, R"({"type":"text_delta","text":" look"})"),
           stop(1),
           block(2, R"({"type":"tool_use","id":"t1","name":"f","input":{}})"),
           delta(2, R"({"type":"input_json_delta","partial_json":""})"),
           delta(2, R"({"type":"input_json_delta","partial_json":"{\"a\":"})"),
           delta(2, R"({"type":"input_json_delta","partial_json":" [1]}"})"),
           stop(2),
           block(3, R"({"type":"tool_use","id":"t2","name":"g","input":{}})"),
           stop(3),
           R"({"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"input_tokens":null,"output_tokens":20}})",
           R"({"type":"message_stop"})"});
  const std::string same = whole(
      test::anthropic_messages,
      R"({"id":"m1","type":"message","role":"assistant","model":"claude","content":[{"type":"thinking","thinking":"Let me see","signature":"sig=="},)"
      R"({"type":"text","text":"I look"},{"type":"tool_use","id":"t1","name":"f","input":{"a":[1]}},{"type":"tool_use","id":"t2","name":"g","input":{}}],)"
      R"("stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":7,"cache_read_input_tokens":3,"cache_creation_input_tokens":2,"output_tokens":20}})");
  EXPECT_EQ(streamed(test::anthropic_messages, body), same);
  EXPECT_EQ(streamed(test::anthropic_messages, body, "/usage/input_tokens"), "12");
  EXPECT_EQ(streamed(test::anthropic_messages, body, "/reasoning"), "\"Let me see\"");
}

TEST(stream_vendors, anthropic_error_event_and_cut) {
  const std::string begun = sse({claude_start, block(0, R"({"type":"text","text":""})"),
                                 delta(0, R"({"type":"text_delta","text":"Hel"})")});
  const std::string failed =
      begun + "event: error\n" +
      sse({R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})"});
  EXPECT_EQ(streamed(test::anthropic_messages, failed, "/error/type", 200), "\"overloaded_error\"");
  EXPECT_EQ(streamed(test::anthropic_messages, failed, "/error/message", 200), "\"Overloaded\"");
  EXPECT_EQ(streamed(test::anthropic_messages, failed, "/text", 200), "\"Hel\"");
  EXPECT_EQ(streamed(test::anthropic_messages, failed, "/usage/input_tokens", 200), "12");
  EXPECT_EQ(streamed(test::anthropic_messages, begun, "/error/type"), "\"stream_incomplete\"");
  EXPECT_EQ(streamed(test::anthropic_messages, begun, "/text"), "\"Hel\"");
}

std::string gemini_event(const std::string& parts, const std::string& rest, const std::string& usage) {
  return R"({"candidates":[{"content":{"parts":[)" + parts + R"(],"role":"model"})" + rest +
         R"(}],"usageMetadata":{)" + usage + R"(},"modelVersion":"gemini-x","responseId":"r1"})";
}

const std::initializer_list<std::string> gemini_events = {
    gemini_event(R"({"text":"Hm","thought":true})", "", R"("promptTokenCount":8)"),
    gemini_event(R"({"text":"Hel"},{"text":"lo"})", "", R"("promptTokenCount":8,"thoughtsTokenCount":6)"),
    gemini_event(R"({"functionCall":{"name":"f","args":{"a":1}},"thoughtSignature":"s=="})",
                 R"(,"finishReason":"STOP")",
                 R"("promptTokenCount":8,"candidatesTokenCount":4,"thoughtsTokenCount":6)")};

TEST(stream_vendors, gemini_in_both_frames) {
  const std::string same = whole(
      test::gemini,
      gemini_event(
          R"({"text":"Hm","thought":true},{"text":"Hello"},{"functionCall":{"name":"f","args":{"a":1}},"thoughtSignature":"s=="})",
          R"(,"finishReason":"STOP")",
          R"("promptTokenCount":8,"candidatesTokenCount":4,"thoughtsTokenCount":6)"));
  EXPECT_EQ(streamed(test::gemini, sse(gemini_events, "\r\n")), same);
  EXPECT_EQ(streamed(test::gemini, sse(gemini_events), "/finish_reason"), "\"tool_calls\"");
  std::string array;
  for (const std::string& event : gemini_events) array += (array.empty() ? "[" : ",\r\n") + event;
  EXPECT_EQ(streamed(test::gemini_array, array + "\n]\n"), same);
  EXPECT_EQ(streamed(test::gemini_array, array), same) << "not closed, but with a finish reason";
}

TEST(stream_vendors, gemini_without_a_finish_reason_broke_off) {
  const std::string& first = *gemini_events.begin();
  EXPECT_EQ(streamed(test::gemini, sse({first}), "/error/type"), "\"stream_incomplete\"");
  EXPECT_EQ(streamed(test::gemini_array, "[" + first, "/error/type"), "\"stream_incomplete\"");
  const std::string text = gemini_event(R"({"text":"Hel"})", "", R"("promptTokenCount":8)");
  EXPECT_EQ(streamed(test::gemini_array, "[" + text + "]", "/error"), "null") << "the array was closed";
  EXPECT_EQ(streamed(test::gemini_array, "[" + text, "/error/type"), "\"stream_incomplete\"");
  EXPECT_EQ(streamed(test::gemini_array, "[" + first + ",{\"cand", "/error/type"), "\"stream_incomplete\"");
  const std::string blocked =
      R"({"promptFeedback":{"blockReason":"SAFETY"},"usageMetadata":{"promptTokenCount":8}})";
  EXPECT_EQ(streamed(test::gemini, sse({blocked})), whole(test::gemini, blocked));
  const std::string error = R"([{"error":{"code":503,"message":"busy","status":"UNAVAILABLE"}}])";
  EXPECT_EQ(
      streamed(test::gemini_array, error, "/error", 503),
      R"({"kind":"overloaded","type":"UNAVAILABLE","code":503,"message":"busy","retryable":true,"retry_after_ms":null,"detail":{"code":503,"message":"busy","status":"UNAVAILABLE"}})");
}

TEST(stream_vendors, ollama_lines) {
  const std::string body = lines(
      {R"({"model":"q","message":{"role":"assistant","content":"","thinking":"Hm"},"done":false})",
       R"({"model":"q","message":{"role":"assistant","content":"Hel"},"done":false})",
       R"({"model":"q","message":{"role":"assistant","content":"lo","tool_calls":[{"function":{"name":"f","arguments":{"a":1}}}]},"done":false})",
       R"({"model":"q","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop","prompt_eval_count":5,"eval_count":3})"});
  const std::string answer =
      R"({"model":"q","message":{"role":"assistant","content":"Hello","thinking":"Hm","tool_calls":[{"function":{"name":"f","arguments":{"a":1}}}]},)"
      R"("done":true,"done_reason":"stop","prompt_eval_count":5,"eval_count":3})";
  const std::string same = whole(test::ollama, answer);
  EXPECT_EQ(streamed(test::ollama, body), same);
  EXPECT_EQ(streamed(test::ollama, body.substr(0, body.size() - 1)), same) << "no newline at the end";
  EXPECT_EQ(streamed(test::ollama, answer), same) << "an answer that was not streamed";
  EXPECT_EQ(streamed(test::ollama, body.substr(0, body.size() - 30), "/error/type"), "\"stream_incomplete\"");
  EXPECT_EQ(streamed(test::ollama, body.substr(0, body.find('\n') - 5), "/error/type"),
            "\"stream_incomplete\"");
  EXPECT_EQ(streamed(test::ollama, body.substr(0, body.find('\n') + 1), "/reasoning"), "\"Hm\"");
  EXPECT_EQ(streamed(test::ollama, body.substr(0, body.find('\n') + 1), "/error/type"),
            "\"stream_incomplete\"");
  EXPECT_EQ(
      streamed(test::ollama, R"({"error":"model not found"})", "/error", 404),
      R"({"kind":"not_found","type":"http_404","code":null,"message":"model not found","retryable":false,"retry_after_ms":null,"detail":{"error":"model not found"}})");
  EXPECT_EQ(streamed(test::ollama, "{\n  \"error\": \"no\"\n}\n", "/error/message", 400), "\"no\"");
  EXPECT_EQ(streamed(test::ollama, body.substr(0, body.find("Hel") + 20), "/error/type"),
            "\"stream_incomplete\"");
  const std::string first = body.substr(0, body.find('\n') + 1);
  EXPECT_EQ(streamed(test::ollama, first + "{\"error\":\"boom\"}\n", "/error/message"), "\"boom\"");
  EXPECT_EQ(streamed(test::ollama, first + "{\"error\":\"boom\"}\n", "/reasoning"), "\"Hm\"");
}

}  // namespace
}  // namespace llm_admin::mapping
