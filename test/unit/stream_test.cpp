#include "core/mapping/stream/stream.hpp"

#include <gtest/gtest.h>

#include <cstdio>

#include "core/error.hpp"
#include "unit/streamed.hpp"

namespace llm_admin::mapping {
namespace {

using test::compiled_of;
using test::sse;
using test::streamed;
using test::whole;

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

// However the vendor cuts a text or arguments into deltas, the stream is the document.
TEST(stream, openai_deltas_of_any_length) {
  const std::u32string text = U"{\"ä\": [\"😀\\n\\\\\", 1.50, {}], \"x\": null}";
  const auto utf8 = [](std::u32string_view part) {
    std::string out;
    for (char32_t c : part) {
      char buffer[8];
      std::snprintf(buffer, sizeof buffer, "\\u%04x", static_cast<unsigned>(c));
      if (c > 0xFFFF) {
        out += "😀";
      } else {
        out += buffer;
      }
    }
    return out;
  };
  const std::string same =
      whole(test::openai_chat, "{" + chat_head + R"(,"choices":[{"message":{"content":")" + utf8(text) +
                                   R"(","tool_calls":[{"id":"t","function":{"name":"f","arguments":")" +
                                   utf8(text) + R"("}}]},"finish_reason":"tool_calls"}]})");
  EXPECT_NE(same.find(R"("arguments":{"ä":["😀\n\\",1.50,{}],"x":null})"), std::string::npos) << same;
  for (std::size_t size = 1; size <= text.size(); ++size) {
    std::string body =
        sse({chunk(R"({"tool_calls":[{"index":0,"id":"t","function":{"name":"f","arguments":""}}]})")});
    for (std::size_t at = 0; at < text.size(); at += size) {
      const std::string part = utf8(std::u32string_view(text).substr(at, size));
      body += sse({chunk(R"({"content":")" + part + "\"}"),
                   chunk(R"({"tool_calls":[{"index":0,"function":{"arguments":")" + part + "\"}}]}")});
    }
    body += sse({chunk("{}", "\"tool_calls\""), "[DONE]"});
    EXPECT_EQ(streamed(test::openai_chat, body), same) << size;
  }
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
  EXPECT_EQ(
      streamed(test::openai_chat, body, "/error", 200),
      R"({"kind":"overloaded","type":"server_error","code":503,"message":"Overloaded","retryable":true,"retry_after_ms":null,"detail":{"message":"Overloaded","type":"server_error","code":503}})");
  EXPECT_EQ(streamed(test::openai_chat, body, "/text", 200), "\"Hel\"");
  EXPECT_EQ(
      streamed(test::openai_chat, sse({R"({"error":{"message":"no"}})"}), "/error"),
      R"({"kind":"unknown","type":"stream_error","code":null,"message":"no","retryable":false,"retry_after_ms":null,"detail":{"message":"no"}})");
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
      R"({"kind":"stream_incomplete","type":"stream_incomplete","code":null,"message":"the stream ended before the answer did","retryable":true,"retry_after_ms":null,"detail":null})");
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
    EXPECT_EQ(
        streamed(config, "", "/error"),
        R"({"kind":"not_json","type":"not_json","code":null,"message":"the response is empty","retryable":false,"retry_after_ms":null,"detail":null})");
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
  EXPECT_EQ(
      streamed(test::gemini_array, R"({"error":{"code":429,"message":"slow","status":"X"}})", "/error"),
      R"({"kind":"rate_limit","type":"X","code":429,"message":"slow","retryable":true,"retry_after_ms":null,"detail":{"code":429,"message":"slow","status":"X"}})");
}

TEST(stream, an_error_that_no_stream_rule_looks_for_is_still_found) {
  const std::string config =
      R"({"version":"1.1","extraction_rules":{"text_content":"$.text","usage_stats":"$.usage","finish_reason":"$.end","error":"$.error"},)"
      R"("stream":{"frame":"sse","done":{"data":"[DONE]"},"rules":[{"to":"$.text","op":"append","from":"$.t"}]}})";
  EXPECT_EQ(
      streamed(config, sse({R"({"t":"a"})", R"({"error":{"type":"x","message":"boom","code":"429"}})"}),
               "/error"),
      R"({"kind":"rate_limit","type":"x","code":"429","message":"boom","retryable":true,"retry_after_ms":null,"detail":{"type":"x","message":"boom","code":"429"}})");
  EXPECT_EQ(streamed(config, sse({R"({"t":"a"})", R"({"t":"b"})"}), "/error/type"), "\"stream_incomplete\"");
  EXPECT_EQ(streamed(config, sse({"[DONE]"})), whole(config, "{}"));
}

TEST(stream, rules_may_read_what_is_around_the_stream) {
  const auto program = compiled_of(
      R"({"version":"1.1","extraction_rules":{"text_content":"$.text","usage_stats":"$.usage","finish_reason":"$.end"},)"
      R"("stream":{"frame":"sse","done":{"when":{"path":"status","eq":200}},"rules":[{"to":"$.text","op":"append","from":)"
      R"({"format":"{header:x-a} {provider:default_model} {$.t}{@.t} {status}"}},{"to":"$.end","op":"set","from":{"value":"stop"}}]}})");
  const test::document headers(R"({"X-A":"h"})"), columns(R"({"default_model":"m"})");
  stream_input input;
  input.body = "data: {\"t\":1}\n\ndata: {\"t\":2}\n\n";
  input.http_status = 200;
  input.headers = headers;
  input.provider_columns = columns;
  json::tree out;
  const json::node result = json::view(extract_stream(*program, input, out));
  EXPECT_EQ(result.member("text").text(), "h m 11 200") << "done with the first event";
  EXPECT_TRUE(result.member("error").is_absent());
}

TEST(stream, findings_of_stream_rules_are_warnings_of_the_result) {
  const std::string config =
      R"({"version":"1.1","extraction_rules":{"text_content":"$.text","usage_stats":"$.usage"},"stream":{"frame":"sse","done":"eof",)"
      R"("rules":[{"to":"$.text","op":"append","from":"$.t"},{"to":"$.n","op":"set","from":{"source":"$.n","type":"integer"}}]}})";
  const std::string warnings =
      streamed(config, sse({R"({"t":"a","n":"x"})"}), "/extra/mapping_warnings/0/rule_pointer");
  EXPECT_EQ(warnings, "\"/stream/rules/1/from\"");
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

// How a server lets a statement be cancelled.
TEST(stream, what_a_poll_throws_ends_it) {
  struct cancelled {};
  const auto program = compiled_of(test::openai_chat);
  stream_input input;
  std::string body;
  for (int n = 0; n < 3000; ++n)
    body += R"(data: {"choices":[{"delta":{"content":"a"}}]})"
            "\n\n";
  input.body = body;
  static int polls;
  polls = 0;
  input.limits.poll = [] {
    if (++polls == 3) throw cancelled{};
  };
  json::tree out;
  EXPECT_THROW(extract_stream(*program, input, out), cancelled);
  EXPECT_EQ(polls, 3);
}

}  // namespace
}  // namespace llm_admin::mapping
