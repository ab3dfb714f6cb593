#include "core/mapping/stream.hpp"

#include <gtest/gtest.h>

#include "core/error.hpp"
#include "core/json/parse.hpp"
#include "core/mapping/compile.hpp"
#include "core/mapping/response.hpp"
#include "unit/json_text.hpp"
#include "unit/stream_configs.hpp"

namespace llm_admin::mapping {
namespace {

using test::document;
using test::text_of;

std::shared_ptr<const response_program> compiled_of(const std::string& config) {
  const auto made = compile_response(document(config));
  EXPECT_NE(made.program, nullptr) << render(made.problems);
  return made.program;
}

// What the stream gives at `pointer`, or the findings.
std::string streamed(const std::string& config, const std::string& body, const std::string& pointer = "",
                     std::optional<int> status = {}) {
  const auto program = compiled_of(config);
  stream_input input;
  input.body = body;
  input.http_status = status;
  json::tree out;
  std::vector<finding> findings;
  const json::item* made = try_extract_stream(*program, input, out, findings);
  return made != nullptr ? text_of(json::resolve(json::view(made), pointer)) : render(findings);
}

std::string whole(const std::string& config, const std::string& response, const std::string& pointer = "",
                  std::optional<int> status = {}) {
  const auto program = compiled_of(config);
  const document given(response);
  response_input input;
  input.document = given;
  input.http_status = status;
  json::tree out;
  std::vector<finding> findings;
  const json::item* made = try_extract(*program, input, out, findings);
  return made != nullptr ? text_of(json::resolve(json::view(made), pointer)) : render(findings);
}

std::string sse(std::initializer_list<std::string> events, const std::string& end = "\n") {
  std::string out;
  for (const std::string& event : events) out += "data: " + event + end + end;
  return out;
}

std::string lines(std::initializer_list<std::string> events) {
  std::string out;
  for (const std::string& event : events) out += event + "\n";
  return out;
}

const std::string chat_head = R"("id":"c1","object":"chat.completion.chunk","model":"gpt-x")";

std::string chunk(const std::string& delta, const std::string& finish = "null") {
  return "{" + chat_head + R"(,"choices":[{"index":0,"delta":)" + delta + R"(,"finish_reason":)" + finish +
         R"(}],"usage":null})";
}

const std::string usage_chunk =
    "{" + chat_head +
    R"(,"choices":[],"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15,"prompt_tokens_details":{"cached_tokens":4}}})";

const std::string chat_document =
    R"({"id":"c1","model":"gpt-x","choices":[{"index":0,"message":{"role":"assistant","content":"Hällo 😀, world"},"finish_reason":"stop"}],)"
    R"("usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15,"prompt_tokens_details":{"cached_tokens":4}}})";

std::string chat_stream(const std::string& end = "\n") {
  return sse({chunk(R"({"role":"assistant","content":""})"), chunk(R"({"content":"Hällo "})"),
              chunk(R"({"content":"😀, "})"), chunk(R"({"content":"world"})"), chunk("{}", "\"stop\""),
              usage_chunk, "[DONE]"},
             end);
}

TEST(stream, openai_text_is_what_the_document_gives) {
  const std::string expected = whole(test::openai_chat, chat_document);
  EXPECT_NE(expected.find("Hällo 😀, world"), std::string::npos);
  EXPECT_EQ(streamed(test::openai_chat, chat_stream()), expected);
  EXPECT_EQ(streamed(test::openai_chat, chat_stream("\r\n")), expected);
  EXPECT_EQ(streamed(test::openai_chat, chat_stream("\r")), expected);
  EXPECT_EQ(streamed(test::openai_chat, ": OPENROUTER PROCESSING\n\n" + chat_stream() + "data: {broken"),
            expected)
      << "comments, and what comes after the end";
  EXPECT_EQ(streamed(test::openai_chat, "\xEF\xBB\xBF" + chat_stream()), expected);
}

TEST(stream, openai_finish_reason_without_the_mark_is_an_end) {
  const std::string body = sse({chunk(R"({"content":"Hi"})"), chunk("{}", "\"length\"")});
  EXPECT_EQ(streamed(test::openai_chat, body, "/error"), "null");
  EXPECT_EQ(streamed(test::openai_chat, body, "/finish_reason"), "\"length\"");
  EXPECT_EQ(streamed(test::openai_chat, body, "/usage"), "null");
}

TEST(stream, openai_tool_calls_from_pieces_of_their_arguments) {
  const auto call = [](const std::string& text) { return chunk(R"({"tool_calls":[)" + text + "]}"); };
  const std::string body =
      sse({chunk(R"({"role":"assistant","content":null})"),
           call(R"({"index":0,"id":"t1","type":"function","function":{"name":"weather","arguments":""}})"),
           call(R"({"index":0,"function":{"arguments":"{\"ci"}})"),
           call(R"({"index":1,"id":"t2","type":"function","function":{"name":"time","arguments":"{}"}})"),
           call(R"({"index":0,"function":{"arguments":"ty\": \"Köln\"}"}})"), chunk("{}", "\"tool_calls\""),
           "[DONE]"});
  EXPECT_EQ(
      streamed(test::openai_chat, body, "/tool_calls"),
      R"([{"id":"t1","name":"weather","arguments":{"city":"Köln"}},{"id":"t2","name":"time","arguments":{}}])");
  EXPECT_EQ(
      streamed(test::openai_chat, body),
      whole(
          test::openai_chat,
          R"({"id":"c1","model":"gpt-x","choices":[{"message":{"role":"assistant","content":null,"tool_calls":[)"
          R"({"id":"t1","type":"function","function":{"name":"weather","arguments":"{\"city\": \"Köln\"}"}},)"
          R"({"id":"t2","type":"function","function":{"name":"time","arguments":"{}"}}]},"finish_reason":"tool_calls"}]})"));
}

TEST(stream, a_tool_call_beyond_the_next_place_is_invalid) {
  const std::string body =
      sse({chunk(R"({"content":"Hi"})"), chunk(R"({"tool_calls":[{"index":1,"id":"t2"}]})"), "[DONE]"});
  EXPECT_EQ(streamed(test::openai_chat, body, "/error/type"), "\"stream_invalid\"");
  EXPECT_EQ(streamed(test::openai_chat, body, "/error/retryable"), "false");
  EXPECT_NE(streamed(test::openai_chat, body, "/error/message").find("/stream/rules/3"), std::string::npos);
  EXPECT_EQ(streamed(test::openai_chat, body, "/text"), "\"Hi\"");
}

TEST(stream, openai_error_in_mid_stream_keeps_the_text) {
  const std::string body = sse({chunk(R"({"content":"Hel"})"),
                                R"({"error":{"message":"Overloaded","type":"server_error","code":503}})",
                                chunk(R"({"content":"lo"})"), "[DONE]"});
  EXPECT_EQ(streamed(test::openai_chat, body, "/error", 200),
            R"({"type":"server_error","code":503,"message":"Overloaded","retryable":true})");
  EXPECT_EQ(streamed(test::openai_chat, body, "/text", 200), "\"Hel\"");
  EXPECT_EQ(streamed(test::openai_chat, sse({R"({"error":{"message":"no"}})"}), "/error"),
            R"({"type":"stream_error","code":null,"message":"no","retryable":false})");
}

TEST(stream, cut_anywhere_is_seen) {
  for (const std::string& body : {chat_stream(), chat_stream("\r\n")}) {
    const std::size_t finish = body.find("\"stop\"");
    for (std::size_t n = 1; n < body.size(); ++n) {
      const std::string error = streamed(test::openai_chat, body.substr(0, n), "/error/type");
      if (n < finish) {
        EXPECT_EQ(error, "\"stream_incomplete\"") << n;
      } else {
        EXPECT_TRUE(error == "null" || error == "\"stream_incomplete\"") << n << error;
      }
    }
  }
  const std::string cut = sse({chunk(R"({"content":"Hel"})")}) + "data: " + chunk("{}").substr(0, 20);
  EXPECT_EQ(
      streamed(test::openai_chat, cut, "/error"),
      R"({"type":"stream_incomplete","code":null,"message":"the stream ended before the answer did","retryable":true})");
  EXPECT_EQ(streamed(test::openai_chat, cut, "/text"), "\"Hel\"");
  EXPECT_EQ(streamed(test::openai_chat, cut, "/message"), R"({"role":"assistant","content":"Hel"})");
}

TEST(stream, other_texts) {
  const std::string page = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n</html>\r\n";
  for (const std::string& config : {test::openai_chat, test::ollama, test::gemini_array, test::gemini}) {
    EXPECT_EQ(streamed(config, page, "/error/type", 502), "\"not_json\"");
    EXPECT_EQ(streamed(config, page, "/error/retryable", 502), "true");
    EXPECT_EQ(streamed(config, page, "/error/retryable", 404), "false");
    EXPECT_NE(streamed(config, page, "/error/message", 502).find("502 Bad Gateway"), std::string::npos);
    EXPECT_EQ(streamed(config, "", "/error"),
              R"({"type":"not_json","code":null,"message":"the response is empty","retryable":false})");
    EXPECT_EQ(streamed(config, "\n", "/error/retryable", 503), "true");
    EXPECT_EQ(streamed(config, "{\"truncated\": ", "/error/retryable", 500), "true");
  }
  EXPECT_EQ(streamed(test::openai_chat, "data: <html>\n\n", "/error/type"), "\"not_json\"");
  EXPECT_EQ(streamed(test::openai_chat, sse({chunk("{}")}) + "data: <html>\n\n", "/error/type"),
            "\"stream_invalid\"");
  EXPECT_EQ(streamed(test::openai_chat, ": only\n\n: comments\n\n", "/error/type"), "\"stream_incomplete\"");
}

TEST(stream, a_whole_document_is_an_ordinary_response) {
  const std::string refused =
      R"({"error":{"message":"Wrong key","type":"invalid_request_error","code":"invalid_api_key"}})";
  EXPECT_EQ(streamed(test::openai_chat, refused + "\n", "", 401), whole(test::openai_chat, refused, "", 401));
  EXPECT_EQ(streamed(test::openai_chat, chat_document), whole(test::openai_chat, chat_document));
  EXPECT_EQ(streamed(test::openai_chat, "{\n \"detail\": \"x\"\n}", "/error/type", 422), "\"http_422\"");
  EXPECT_EQ(streamed(test::openai_chat, "{}"), whole(test::openai_chat, "{}"));
  EXPECT_EQ(streamed(test::gemini_array, R"({"error":{"code":429,"message":"slow","status":"X"}})", "/error"),
            R"({"type":"X","code":429,"message":"slow","retryable":true})");
}

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

TEST(stream, anthropic_thinking_text_and_tool) {
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

TEST(stream, anthropic_error_event_and_cut) {
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

TEST(stream, gemini_in_both_frames) {
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

TEST(stream, gemini_without_a_finish_reason_broke_off) {
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
  EXPECT_EQ(streamed(test::gemini_array, error, "/error", 503),
            R"({"type":"UNAVAILABLE","code":503,"message":"busy","retryable":true})");
}

TEST(stream, ollama_lines) {
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
  EXPECT_EQ(streamed(test::ollama, R"({"error":"model not found"})", "/error", 404),
            R"({"type":"http_404","code":null,"message":"model not found","retryable":false})");
  EXPECT_EQ(streamed(test::ollama, "{\n  \"error\": \"no\"\n}\n", "/error/message", 400), "\"no\"");
  const std::string failed = body.substr(0, body.find("\"lo\"") - 60) + "\n";
  EXPECT_EQ(streamed(test::ollama, body.substr(0, body.find("Hel") + 20), "/error/type"),
            "\"stream_incomplete\"");
  const std::string first = body.substr(0, body.find('\n') + 1);
  EXPECT_EQ(streamed(test::ollama, first + "{\"error\":\"boom\"}\n", "/error/message"), "\"boom\"");
  EXPECT_EQ(streamed(test::ollama, first + "{\"error\":\"boom\"}\n", "/reasoning"), "\"Hm\"");
}

TEST(stream, an_error_that_no_stream_rule_looks_for_is_still_found) {
  const std::string config =
      R"({"version":"1.1","extraction_rules":{"text_content":"$.text","usage_stats":"$.usage","finish_reason":"$.end","error":"$.error"},)"
      R"("stream":{"frame":"sse","done":{"data":"[DONE]"},"rules":[{"to":"$.text","op":"append","from":"$.t"}]}})";
  EXPECT_EQ(streamed(config, sse({R"({"t":"a"})", R"({"error":{"type":"x","message":"boom","code":"429"}})"}),
                     "/error"),
            R"({"type":"x","code":"429","message":"boom","retryable":true})");
  EXPECT_EQ(streamed(config, sse({R"({"t":"a"})", R"({"t":"b"})"}), "/error/type"), "\"stream_incomplete\"");
  EXPECT_EQ(streamed(config, sse({"[DONE]"})), whole(config, "{}"));
}

TEST(stream, a_config_without_stream_says_so) {
  const auto program =
      compiled_of(R"({"version":"1.0","extraction_rules":{"text_content":"$.a","usage_stats":"$.b"}})");
  stream_input input;
  input.body = "data: {}\n\n";
  input.provider_name = "o'brien";
  json::tree out;
  try {
    extract_stream(*program, input, out);
    FAIL();
  } catch (const error& raised) {
    EXPECT_STREQ(raised.sqlstate(), "LA003");
    EXPECT_EQ(raised.message(), "provider o'brien has no rules for streams");
    EXPECT_NE(raised.hint().find("WHERE provider_name = 'o''brien';"), std::string::npos);
  }
}

TEST(stream, nothing_found_is_raised) {
  const auto program = compiled_of(test::openai_chat);
  stream_input input;
  input.body = "data: {\"id\":\"x\"}\n\ndata: [DONE]\n\n";
  json::tree out;
  EXPECT_THROW(extract_stream(*program, input, out), error);
}

}  // namespace
}  // namespace llm_admin::mapping
