#include <gtest/gtest.h>

#include "core/error.hpp"
#include "core/mapping/compile/compile.hpp"
#include "core/mapping/response/response.hpp"
#include "unit/json_text.hpp"

namespace llm_admin::mapping {
namespace {

using test::document;
using test::text_of;

const std::string chat =
    R"("text_content":{"type":"string","paths":["$.choices[0].message.content"]},"tool_calls":{"source":"$.choices[0].message.tool_calls"},)"
    R"("finish_reason":"$.choices[0].finish_reason","usage_stats":{"type":"object","fields":{"prompt_tokens":{"type":"integer","paths":["$.usage.prompt_tokens"]},)"
    R"("completion_tokens":{"type":"integer","paths":["$.usage.completion_tokens"]},"cached_tokens":{"source":"$.usage.prompt_tokens_details.cached_tokens"}}},)"
    R"("model_used":"$.model","provider_request_id":"$.id","reported_cost":"$.usage.cost","error":{"fields":{"message":"$.error.message","type":"$.error.type","code":"$.error.code"}})";

struct call {
  document config, response, headers{"{}"};
  response_input input;
  json::tree out;
  json::item* made = nullptr;
  std::vector<finding> findings;

  call(const std::string& rules, const std::string& text)
      : config(R"({"version":"1.0","extraction_rules":{)" + rules + "}}"), response(text) {}

  // The value at `pointer` of the result, or the findings.
  std::string get(const std::string& pointer) {
    if (made == nullptr && findings.empty()) run();
    if (made != nullptr) return text_of(json::resolve(json::view(made), pointer));
    std::string lines;
    for (const finding& one : findings)
      lines += (lines.empty() ? "" : "\n") + one.input + "|" + one.rule + "|" + one.message;
    return lines;
  }

  void run() {
    const auto compiled = compile_response(config);
    ASSERT_NE(compiled.program, nullptr) << render(compiled.problems);
    program = compiled.program;
    input.document = response;
    input.headers = headers;
    made = try_extract(*program, input, out, findings);
    for (const finding& one : findings) {
      EXPECT_TRUE(test::resolves(response, one.input)) << one.input;
      EXPECT_TRUE(test::resolves(config, one.rule)) << one.rule;
    }
  }
  std::shared_ptr<const response_program> program;
};

std::string got(const std::string& rules, const std::string& text, const std::string& pointer = "") {
  return call(rules, text).get(pointer);
}

TEST(mapping_response, openai_chat_whole_result) {
  EXPECT_EQ(
      got(chat,
          R"({"id":"c1","model":"gpt","choices":[{"message":{"role":"assistant","content":"Hello"},"finish_reason":"stop"}],)"
          R"("usage":{"prompt_tokens":10,"completion_tokens":5.0,"prompt_tokens_details":{"cached_tokens":4},"cost":0.00120}})"),
      R"({"text":"Hello","reasoning":null,"tool_calls":[],"finish_reason":"stop","usage":{"input_tokens":10,"output_tokens":5,)"
      R"("total_tokens":15,"cached_tokens":4,"cache_write_tokens":0,"cache_write_1h_tokens":0,"reasoning_tokens":0,"service_tier":null},)"
      R"("usage_raw":{"prompt_tokens":10,"completion_tokens":5,"cached_tokens":4},"model":"gpt","provider_request_id":"c1",)"
      R"("reported_cost_usd":0.00120,"message":{"role":"assistant","content":"Hello"},"provider_state":null,"extra":{},"error":null,"choices":[],"parts":[],"citations":[],)"
      R"("logprobs":null,"unread":[],"warnings":[]})");
}

TEST(mapping_response, seed_shape_alone) {
  const std::string seed =
      R"("text_content":{"type":"string","paths":["$.choices[0].message.content"]},"usage_stats":{"type":"object","fields":{}})";
  EXPECT_EQ(got(seed, R"({"choices":[{"message":{"content":""}}]})", "/text"), "\"\"");
  EXPECT_EQ(got(seed, R"({"choices":[{"message":{"content":"x"}}]})", "/usage"), "null");
  EXPECT_EQ(got(seed, R"({"choices":[{"message":{"content":"x"}}]})", "/usage_raw"), "null");
}

TEST(mapping_response, responses_api_text_is_spread) {
  const std::string rules =
      R"("text_content":{"type":"string","paths":["$.output[?(@.type == \"message\")].content[?(@.type == \"output_text\")].text"],"join":""},)"
      R"("finish_reason":"$.status","usage_stats":{"type":"object","paths":["$.usage"]},"provider_state":"$.output[?(@.type == 'reasoning')]")";
  call one(
      rules,
      R"({"status":"completed","output":[{"type":"reasoning","id":"r1"},{"type":"message","content":[{"type":"output_text","text":"Hel"},{"type":"refusal","refusal":"no"}]},)"
      R"({"type":"message","content":[{"type":"output_text","text":"lo"}]}],"usage":{"input_tokens":3,"input_tokens_details":{"cached_tokens":1},"output_tokens":7,"output_tokens_details":{"reasoning_tokens":2},"total_tokens":99}})");
  EXPECT_EQ(one.get("/text"), "\"Hello\"");
  EXPECT_EQ(one.get("/finish_reason"), "\"other\"");
  EXPECT_EQ(one.get("/usage/total_tokens"), "10");
  EXPECT_EQ(one.get("/usage/cached_tokens"), "1");
  EXPECT_EQ(one.get("/usage/reasoning_tokens"), "2");
  EXPECT_EQ(one.get("/message"),
            R"({"role":"assistant","content":"Hello","provider_state":{"type":"reasoning","id":"r1"}})");
}

TEST(mapping_response, tool_calls_flat_and_nested) {
  call one(
      chat,
      R"({"choices":[{"message":{"content":null,"tool_calls":[{"id":"t1","type":"function","function":{"name":"f","arguments":"{\"a\": 1}"}},)"
      R"({"id":"t2","function":{"name":"g","arguments":"{broken"}},{"name":"h","arguments":{"b":[2]}},{"id":"t4","function":{}}]},"finish_reason":"tool_calls"}]})");
  EXPECT_EQ(
      one.get("/tool_calls"),
      R"([{"id":"t1","name":"f","arguments":{"a":1}},{"id":"t2","name":"g","arguments":"{broken"},{"id":null,"name":"h","arguments":{"b":[2]}}])");
  EXPECT_EQ(
      one.get("/message"),
      R"({"role":"assistant","content":null,"tool_calls":[{"id":"t1","type":"function","function":{"name":"f","arguments":"{\"a\": 1}"}},)"
      R"({"id":"t2","type":"function","function":{"name":"g","arguments":"{broken"}},{"type":"function","function":{"name":"h","arguments":"{\"b\":[2]}"}}]})");
  EXPECT_EQ(one.get("/text"), "null");
}

TEST(mapping_response, error_is_found_on_http_200_and_lifts_required) {
  const std::string rules =
      R"("text_content":{"source":"$.text","required":true},"usage_stats":"$.usage","error":"$.error")";
  call one(rules, R"({"error":{"message":"busy","code":429,"metadata":{}}})");
  one.input.http_status = 200;
  EXPECT_EQ(
      one.get("/error"),
      R"({"kind":"rate_limit","type":null,"code":429,"message":"busy","retryable":true,"retry_after_ms":null,)"
      R"("detail":{"message":"busy","code":429,"metadata":{}}})");
  EXPECT_EQ(one.get("/message"), "null");
  EXPECT_EQ(
      got(rules, R"({"error":"plain"})", "/error"),
      R"({"kind":"unknown","type":null,"code":null,"message":"plain","retryable":false,"retry_after_ms":null,"detail":{"error":"plain"}})");
  EXPECT_EQ(got(rules, R"({"error":{"type":"x","retryable":true}})", "/error/retryable"), "true");
  EXPECT_EQ(got(rules, R"({"error":{"code":"503"}})", "/error/retryable"), "true");
  EXPECT_EQ(got(rules, R"({"error":{"code":1302}})", "/error/retryable"), "false");
  for (const char* none : {"null", "\"\"", "{}", "false", "[]"}) {
    EXPECT_EQ(got(rules, std::string(R"({"text":"t","error":)") + none + "}", "/error"), "null") << none;
  }
}

TEST(mapping_response, http_status_without_a_matching_rule) {
  auto error = [](int status, const char* text) {
    call one(chat, text);
    one.input.http_status = status;
    return one.get("/error");
  };
  EXPECT_EQ(
      error(418, "{}"),
      R"({"kind":"invalid_request","type":"http_418","code":null,"message":"HTTP status 418","retryable":false,"retry_after_ms":null,"detail":null})");
  EXPECT_EQ(
      error(529, R"({"message":"overloaded"})"),
      R"({"kind":"overloaded","type":"http_529","code":null,"message":"overloaded","retryable":true,"retry_after_ms":null,"detail":{"message":"overloaded"}})");
  EXPECT_EQ(
      error(401, R"({"error":{"type":"auth","message":"no"}})"),
      R"({"kind":"auth","type":"auth","code":null,"message":"no","retryable":false,"retry_after_ms":null,"detail":{"type":"auth","message":"no"}})");
  for (int status : {408, 409, 425, 429, 500, 503, 599, 600})
    EXPECT_NE(error(status, "null").find("\"retryable\":true"), std::string::npos) << status;
  for (int status : {400, 402, 404, 422, 499})
    EXPECT_NE(error(status, "[]").find("\"retryable\":false"), std::string::npos) << status;
}

TEST(mapping_response, usage_is_normalised) {
  auto usage = [](const char* raw) {
    return got(R"("text_content":"$.t","usage_stats":"$.u")", std::string(R"({"t":"x","u":)") + raw + "}",
               "/usage");
  };
  EXPECT_EQ(
      usage(R"({"input_tokens":"7","output_tokens":2e1,"service_tier":"flex"})"),
      R"({"input_tokens":7,"output_tokens":20,"total_tokens":27,"cached_tokens":0,"cache_write_tokens":0,"cache_write_1h_tokens":0,"reasoning_tokens":0,"service_tier":"flex"})");
  EXPECT_EQ(usage(R"({"service_tier":"flex"})"), "null");
  for (const char* none : {"{}", "null", "[]", "5", R"({"input_tokens":-1})", R"({"input_tokens":1.5})",
                           R"({"input_tokens":1e30})"})
    EXPECT_EQ(usage(none), "null") << none;
  EXPECT_EQ(
      got(R"("text_content":"$.t","usage_stats":"$.u")",
          R"({"t":"x","u":{"input_tokens":1.5,"output_tokens":1}})", "/extra/mapping_warnings"),
      R"([{"pointer":"","rule_pointer":"/extraction_rules/usage_stats","message":"input_tokens must be a whole number, not 1.5"}])");
}

TEST(mapping_response, what_a_type_cannot_take_is_absent_and_listed) {
  const std::string rules =
      R"("text_content":{"type":"string","paths":["$.text"]},"usage_stats":"$.u","finish_reason":"$.f","n":{"source":"$.n","type":"integer"},"m":"$.m")";
  call one(rules, R"({"text":["a"],"f":"length","n":"x","m":{"k":null}})");
  EXPECT_EQ(one.get("/text"), "null");
  EXPECT_EQ(one.get("/finish_reason"), "\"length\"");
  EXPECT_EQ(one.get("/message"), R"({"role":"assistant","content":""})");
  EXPECT_EQ(
      one.get("/extra"),
      R"({"m":{"k":null},"mapping_warnings":[{"pointer":"/text","rule_pointer":"/extraction_rules/text_content","message":"value must be string, not array [\"a\"]"},)"
      R"({"pointer":"/n","rule_pointer":"/extraction_rules/n","message":"value must be integer, not string \"x\""}]})");
  EXPECT_EQ(got(rules, R"({"text":["a"]})"),
            "||neither a text, a tool call, a finish reason nor an error was found\n"
            "/text|/extraction_rules/text_content|value must be string, not array [\"a\"]");
}

TEST(mapping_response, required_and_default) {
  const std::string rules =
      R"("text_content":{"source":"$.t","required":true,"type":"string"},"usage_stats":{"source":"$.u","required":true},"d":{"source":"$.d","default":[1]})";
  EXPECT_EQ(got(rules, R"({"t":"x"})"),
            "|/extraction_rules/usage_stats|\"usage_stats\" is required and not in the response");
  EXPECT_EQ(got(rules, R"({"t":{},"u":{}})"),
            "/t|/extraction_rules/text_content|value must be string, not object {}\n"
            "||neither a text, a tool call, a finish reason nor an error was found");
  EXPECT_EQ(got(rules, R"({"t":"x","u":{"input_tokens":1}})", "/extra/d"), "[1]");
}

TEST(mapping_response, headers_and_status) {
  call one(
      R"("text_content":"$.t","usage_stats":"$.u","provider_request_id":{"paths":["$.id","header:X-Request-Id"]},"status":"status","provider":"provider:provider_name")",
      R"({"t":"x"})");
  one.headers = document(R"({"x-request-id":"h1"})");
  const document provider(R"({"provider_name":"groq"})");
  one.input.provider_columns = provider;
  one.input.http_status = 201;
  EXPECT_EQ(one.get("/provider_request_id"), "\"h1\"");
  EXPECT_EQ(one.get("/extra"), R"({"status":201,"provider":"groq"})");
}

TEST(mapping_response, nothing_found_names_the_provider) {
  call one(chat, R"(["<html>"])");
  const auto compiled = compile_response(one.config);
  one.input.document = one.response;
  one.input.provider_name = "o'groq";
  try {
    extract(*compiled.program, one.input, one.out);
    FAIL() << "extracted";
  } catch (const error& raised) {
    EXPECT_STREQ(raised.sqlstate(), "LA003");
    EXPECT_NE(raised.detail().find("neither a text"), std::string::npos);
    EXPECT_NE(raised.hint().find(
                  "llm_admin.config_problems(c.request_builder_config, c.response_extractor_config)"),
              std::string::npos);
    EXPECT_NE(raised.hint().find("'o''groq'"), std::string::npos);
  }
}

TEST(mapping_response, hostile_documents) {
  const std::string deep = std::string(20000, '[') + std::string(20000, ']');
  EXPECT_EQ(
      got(chat, R"({"choices":[{"message":{"content":)" + deep + R"(},"finish_reason":"stop"}]})", "/text"),
      "null");
  EXPECT_EQ(got(R"("text_content":"$.t","usage_stats":"$.u","x":"$.x")", R"({"t":"x","x":)" + deep + "}",
                "/extra/x"),
            deep);
  call wide(chat, R"({"choices":[{"message":{"content":")" + std::string(1 << 20, 'a') + R"("}}]})");
  EXPECT_EQ(wide.get("/text").size(), (1u << 20) + 2);
  EXPECT_LT(wide.out.bytes(), 32768u);  // borrowed, not copied
  call large(chat, R"({"choices":[{"message":{"content":")" + std::string(1000, 'a') + R"("}}]})");
  large.input.limits.max_output_bytes = 900;
  EXPECT_THROW(large.run(), error);
  call busy(R"("text_content":"$[?(@.a == 1)]","usage_stats":"$.u")", "[0,0,0,0,0,0,0,0]");
  busy.input.limits.max_matches = 10;
  EXPECT_THROW(busy.run(), error);
}

}  // namespace
}  // namespace llm_admin::mapping
