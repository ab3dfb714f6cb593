// The result's error: its kind, whether and when to try again, the vendor's own words. Shapes and texts are
// those that the vendors document, or that users quote in public reports; read on 2026-11-29.
#include "core/mapping/response/error.hpp"

#include <gtest/gtest.h>

#include <string>

#include "core/http/date.hpp"
#include "core/mapping/response/error_kind.hpp"
#include "core/mapping/response/retry_after.hpp"
#include "unit/json_text.hpp"

namespace llm_admin::mapping {
namespace {

using test::document;
using test::text_of;

// An error as a rule finds it: `found` beside the whole response.
struct vendor_error {
  std::string found;
  std::string response;
  std::optional<int> status;
  std::string headers = "{}";
  std::optional<std::int64_t> now_ms = {};
  bool newer = true;

  std::string get(const std::string& pointer) const {
    const document found_in(found), whole(response), header_values(headers);
    error_input in;
    in.found = found_in;
    in.document = whole;
    in.headers = header_values;
    in.http_status = status;
    in.now_ms = now_ms;
    in.newer = newer;
    json::tree out;
    json::item* made = error_of(in, out);
    return made == nullptr ? "none" : text_of(json::resolve(json::view(made), pointer));
  }
};

// Of OpenAI's shape, which most vendors have: the rule gives the members of `error`.
vendor_error openai(const std::string& error, std::optional<int> status, const std::string& headers = "{}") {
  return {error, R"({"error":)" + error + "}", status, headers};
}

// Of those that write it at the top.
vendor_error at_top(const std::string& error, std::optional<int> status, const std::string& headers = "{}") {
  return {error, error, status, headers};
}

std::string kind(const vendor_error& one) {
  const std::string text = one.get("/kind");
  return text.size() < 2 ? text : text.substr(1, text.size() - 2);
}

struct kind_case {
  const char* kind;
  const char* error;
  std::optional<int> status;
};

// developers.openai.com/docs/guides/error-codes; console.groq.com/docs/errors; api-docs.deepseek.com;
// learn.microsoft.com azure openai content-filter; openrouter.ai errors-and-debugging; docs.vllm.ai; llama-cpp
// tools/server/README.md; continuedev/continue #10373, #10778; litellm #25078; cline #9085.
TEST(response_error, kinds_of_openai_and_those_like_it) {
  const kind_case cases[] = {
      {"rate_limit",
       R"({"message":"Rate limit reached for gpt-4.1 on tokens per min (TPM): Limit 30000, Used 29000, Requested 2000. Please try again in 2s.","type":"tokens","param":null,"code":"rate_limit_exceeded"})",
       429},
      {"quota_exhausted",
       R"({"message":"You exceeded your current quota, please check your plan and billing details.","type":"insufficient_quota","param":null,"code":"insufficient_quota"})",
       429},
      {"quota_exhausted",
       R"({"message":"x","type":"insufficient_quota","code":"project_spend_limit_exceeded"})", 429},
      {"quota_exhausted",
       R"({"message":"Rate limit reached for model in organization on requests per day (RPD): Limit 1000","type":"requests","code":"rate_limit_exceeded"})",
       429},
      {"context_too_long",
       R"({"message":"Request too large for model `m` on tokens per minute (TPM): Limit 6000, Requested 9000","type":"tokens","code":"rate_limit_exceeded"})",
       413},
      {"auth",
       R"({"message":"Incorrect API key provided","type":"invalid_request_error","param":null,"code":"invalid_api_key"})",
       401},
      {"permission",
       R"({"message":"x","type":"request_forbidden","code":"unsupported_country_region_territory"})", 403},
      {"not_found",
       R"({"message":"The model `m` does not exist or you do not have access to it.","type":"invalid_request_error","param":null,"code":"model_not_found"})",
       404},
      {"context_too_long",
       R"({"message":"This model's maximum context length is 128000 tokens.","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"})",
       400},
      {"content_filter",
       R"({"message":"Invalid prompt: your prompt was flagged as potentially violating our usage policy.","type":"invalid_request_error","code":"invalid_prompt"})",
       400},
      {"overloaded", R"({"message":"x","type":"service_unavailable_error","code":"server_is_overloaded"})",
       503},
      {"overloaded", R"({"message":"x","type":"service_unavailable_error","code":"slow_down"})", 503},
      {"server",
       R"({"message":"The server had an error while processing your request.","type":"server_error","code":null})",
       500},
      {"invalid_request",
       R"({"message":"Unsupported parameter: 'max_tokens'","type":"invalid_request_error","code":"unsupported_parameter"})",
       400},
      // Azure
      {"content_filter",
       R"({"message":"The response was filtered due to the prompt triggering content management policy.","type":null,"param":"prompt","code":"content_filter","status":400,"innererror":{"code":"ResponsibleAIPolicyViolation","content_filter_result":{"hate":{"filtered":true}}}})",
       400},
      {"rate_limit",
       R"({"code":"429","message":"Requests to the ChatCompletions Operation have exceeded call rate limit. Please retry after 26 seconds."})",
       429},
      {"not_found", R"({"code":"DeploymentNotFound","message":"The API deployment does not exist."})", 404},
      {"auth",
       R"({"code":"401","message":"Access denied due to invalid subscription key or wrong API endpoint."})",
       401},
      // OpenRouter: the status is the code, also within an answer of HTTP 200
      {"quota_exhausted", R"({"code":402,"message":"Insufficient credits. Add more."})", 200},
      {"content_filter",
       R"({"code":403,"message":"openai/m requires moderation. Your input was flagged","metadata":{"reasons":["x"],"flagged_input":"y"}})",
       403},
      {"quota_exhausted", R"({"code":429,"message":"Rate limit exceeded: free-models-per-day"})", 429},
      {"context_too_long",
       R"({"code":400,"message":"Provider returned error","metadata":{"raw":"{\"error\":{\"message\":\"prompt is too long: 210000 tokens > 200000 maximum\"}}","provider_name":"P"}})",
       400},
      {"server", R"({"code":502,"message":"Provider returned error"})", 200},
      {"timeout", R"({"code":408,"message":"x"})", {}},
      // DeepSeek, Groq, vLLM, llama-cpp
      {"quota_exhausted",
       R"({"message":"Insufficient Balance","type":"unknown_error","code":"invalid_request_error"})", 402},
      {"overloaded", R"({"message":"Flex tier capacity exceeded","type":"x","code":"capacity_exceeded"})",
       498},
      {"not_found",
       R"({"message":"The model is gone","type":"invalid_request_error","code":"model_decommissioned"})",
       400},
      {"context_too_long",
       R"({"code":400,"message":"the request exceeds the available context size","type":"exceed_context_size_error","n_ctx":4096})",
       {}},
      {"overloaded", R"({"code":503,"message":"Loading model","type":"unavailable_error"})", 503},
      {"unknown", R"({"message":"something odd"})", {}},
  };
  for (const kind_case& one : cases) EXPECT_EQ(kind(openai(one.error, one.status)), one.kind) << one.error;
}

// docs.claude.com/en/api/errors
TEST(response_error, kinds_of_anthropic) {
  const auto of = [](const char* type, const char* message, std::optional<int> status) {
    const std::string error = std::string(R"({"type":")") + type + R"(","message":")" + message + R"("})";
    return kind({error, R"({"type":"error","error":)" + error + R"(,"request_id":"req_1"})", status});
  };
  EXPECT_EQ(of("invalid_request_error", "messages: at least one message is required", 400),
            "invalid_request");
  EXPECT_EQ(of("invalid_request_error", "prompt is too long: 208310 tokens > 200000 maximum", 400),
            "context_too_long");
  EXPECT_EQ(of("invalid_request_error", "Your credit balance is too low to access the Anthropic API.", 400),
            "quota_exhausted");
  EXPECT_EQ(of("invalid_request_error", "You have reached your specified API usage limits.", 400),
            "quota_exhausted");
  EXPECT_EQ(of("invalid_request_error", "Output blocked by content filtering policy", 400), "content_filter");
  EXPECT_EQ(of("authentication_error", "invalid x-api-key", 401), "auth");
  EXPECT_EQ(of("billing_error", "x", 402), "quota_exhausted");
  EXPECT_EQ(of("permission_error", "x", 403), "permission");
  EXPECT_EQ(of("not_found_error", "model: claude-x", 404), "not_found");
  EXPECT_EQ(of("request_too_large", "x", 413), "context_too_long");
  EXPECT_EQ(of("rate_limit_error", "x", 429), "rate_limit");
  EXPECT_EQ(of("api_error", "Internal server error", 500), "server");
  EXPECT_EQ(of("timeout_error", "x", 504), "timeout");
  EXPECT_EQ(of("overloaded_error", "Overloaded", 529), "overloaded");
  EXPECT_EQ(of("overloaded_error", "Overloaded", {}), "overloaded") << "an event of a stream";
}

// google-gemini/gemini-cli #8437, #2020; AIP-193; ai.google.dev/gemini-api/docs/troubleshooting
TEST(response_error, kinds_of_google) {
  const auto of = [](int code, const char* status, const char* message, const std::string& details = "[]") {
    const std::string error = R"({"code":)" + std::to_string(code) + R"(,"message":")" + message +
                              R"(","status":")" + status + R"(","details":)" + details + "}";
    return openai(error, code);
  };
  const std::string minute =
      R"({"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaId":"GenerateRequestsPerMinutePerProjectPerModel-FreeTier"}]})";
  const std::string day =
      R"({"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaId":"GenerateContentInputTokensPerModelPerMinute-FreeTier"},{"quotaId":"GenerateRequestsPerDayPerProjectPerModel-FreeTier"}]})";
  const std::string retry =
      R"({"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34.074824224s"})";
  const char* quota = "You exceeded your current quota, please check your plan and billing details.";

  const vendor_error by_minute = of(429, "RESOURCE_EXHAUSTED", quota, "[" + minute + "," + retry + "]");
  EXPECT_EQ(kind(by_minute), "rate_limit");
  EXPECT_EQ(by_minute.get("/retryable"), "true");
  EXPECT_EQ(by_minute.get("/retry_after_ms"), "34075");

  const vendor_error by_day = of(429, "RESOURCE_EXHAUSTED", quota, "[" + day + "," + retry + "]");
  EXPECT_EQ(kind(by_day), "quota_exhausted");
  EXPECT_EQ(by_day.get("/retryable"), "false");
  EXPECT_EQ(by_day.get("/retry_after_ms"), "null") << "the delay is that of the minute's limit";

  EXPECT_EQ(kind(of(429, "RESOURCE_EXHAUSTED", quota)), "quota_exhausted");
  EXPECT_EQ(kind(of(429, "RESOURCE_EXHAUSTED", quota, "[" + retry + "]")), "rate_limit");
  EXPECT_EQ(kind(of(429, "RESOURCE_EXHAUSTED", "Resource has been exhausted (e.g. check quota).")),
            "rate_limit");
  EXPECT_EQ(kind(of(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.",
                    R"([{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID"}])")),
            "auth");
  EXPECT_EQ(kind(of(400, "FAILED_PRECONDITION", "User location is not supported for the API use.")),
            "permission");
  EXPECT_EQ(
      kind(of(400, "INVALID_ARGUMENT",
              "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).")),
      "context_too_long");
  EXPECT_EQ(kind(of(400, "INVALID_ARGUMENT", "Invalid JSON payload received.")), "invalid_request");
  EXPECT_EQ(kind(of(403, "PERMISSION_DENIED", "x")), "permission");
  EXPECT_EQ(kind(of(404, "NOT_FOUND", "x")), "not_found");
  EXPECT_EQ(kind(of(500, "INTERNAL", "x")), "server");
  EXPECT_EQ(kind(of(503, "UNAVAILABLE", "The model is overloaded.")), "overloaded");
  EXPECT_EQ(kind(of(504, "DEADLINE_EXCEEDED", "x")), "timeout");
  EXPECT_EQ(kind({R"({"type":"prompt_blocked","code":"PROHIBITED_CONTENT"})",
                  R"({"promptFeedback":{"blockReason":"PROHIBITED_CONTENT"}})", 200}),
            "content_filter");
}

// docs.aws.amazon.com/bedrock/latest/userguide/troubleshooting-api-error-codes.html and botocore's exceptions
TEST(response_error, kinds_of_bedrock) {
  const auto of = [](const char* type, const char* message, int status) {
    return kind({std::string(R"({"type":")") + type + R"(","message":")" + message + R"("})",
                 std::string(R"({"message":")") + message + R"("})", status});
  };
  EXPECT_EQ(of("ThrottlingException", "Too many tokens, please wait before trying again.", 429),
            "rate_limit");
  EXPECT_EQ(of("ThrottlingException:http://internal.amazon.com/coral/", "Rate exceeded", 429), "rate_limit");
  EXPECT_EQ(of("ThrottlingException", "Too many tokens per day, please wait before trying again.", 429),
            "quota_exhausted");
  EXPECT_EQ(of("ServiceQuotaExceededException", "x", 400), "quota_exhausted");
  EXPECT_EQ(of("ValidationException", "Input is too long for requested model.", 400), "context_too_long");
  EXPECT_EQ(of("ValidationException", "Malformed input request", 400), "invalid_request");
  EXPECT_EQ(of("AccessDeniedException", "x", 403), "permission");
  EXPECT_EQ(of("com.amazon.coral.service#UnrecognizedClientException", "x", 403), "auth");
  EXPECT_EQ(of("ResourceNotFoundException", "x", 404), "not_found");
  EXPECT_EQ(of("ModelTimeoutException", "x", 408), "timeout");
  EXPECT_EQ(of("ModelErrorException", "x", 424), "server");
  EXPECT_EQ(of("ModelNotReadyException", "x", 429), "overloaded");
  EXPECT_EQ(of("InternalServerException", "x", 500), "server");
  EXPECT_EQ(of("ServiceUnavailableException", "x", 503), "overloaded");
}

TEST(response_error, kinds_of_others_at_the_top) {
  // Mistral
  EXPECT_EQ(
      kind(at_top(
          R"({"object":"error","message":"Rate limit exceeded","type":"rate_limited","param":null,"code":"1300"})",
          429)),
      "rate_limit");
  EXPECT_EQ(
      kind(at_top(
          R"({"object":"error","message":"Service tier capacity exceeded for this model.","type":"invalid_request_error","param":null,"code":null})",
          429)),
      "overloaded");
  EXPECT_EQ(kind({R"({"message":"Input should be a valid string"})",
                  R"({"detail":[{"msg":"Input should be a valid string"}]})", 422}),
            "invalid_request");
  // Cohere
  EXPECT_EQ(kind(at_top(R"({"message":"invalid api token"})", 401)), "auth");
  EXPECT_EQ(
      kind(at_top(R"({"message":"too many tokens: total number of tokens in the prompt cannot exceed 4081"})",
                  400)),
      "context_too_long");
  EXPECT_EQ(
      kind(at_top(R"({"message":"You are using a Trial key, which is limited to 1000 API calls / month."})",
                  429)),
      "rate_limit");
  // Ollama
  EXPECT_EQ(kind({R"("model 'm' not found, try pulling it first")",
                  R"({"error":"model 'm' not found, try pulling it first"})",
                  {}}),
            "not_found");
  // xAI
  EXPECT_EQ(
      kind(
          {R"({"code":"Client specified an invalid argument","message":"Incorrect API key provided: na***ys."})",
           R"({"code":"Client specified an invalid argument","error":"Incorrect API key provided: na***ys."})",
           400}),
      "auth");
  EXPECT_EQ(
      kind(
          {R"({"message":"Your team has either used all available credits or reached its monthly spending limit."})",
           "{}", 429}),
      "quota_exhausted");
}

TEST(response_error, the_engines_own_kinds) {
  const auto of = [](const char* type) {
    return kind({std::string(R"({"type":")") + type + R"("})", "{}", {}});
  };
  EXPECT_EQ(of("not_json"), "not_json");
  EXPECT_EQ(of("empty"), "empty");
  EXPECT_EQ(of("stream_incomplete"), "stream_incomplete");
  EXPECT_EQ(of("network_cut"), "network_cut");
  EXPECT_EQ(kind({R"({"type":"not_json","kind":"empty"})", "{}", {}}), "empty")
      << "a rule or the engine may say it";
  EXPECT_EQ(kind({R"({"type":"not_json","kind":"no_such_kind"})", "{}", {}}), "not_json");
}

TEST(response_error, a_status_alone) {
  const auto of = [](int status) { return kind({"null", "{}", status}); };
  EXPECT_EQ((vendor_error{"null", "{}", 399}).get("/kind"), "none");
  EXPECT_EQ(of(400), "invalid_request");
  EXPECT_EQ(of(401), "auth");
  EXPECT_EQ(of(402), "quota_exhausted");
  EXPECT_EQ(of(409), "unknown");
  EXPECT_EQ(of(418), "invalid_request");
  EXPECT_EQ(of(502), "server");
  EXPECT_EQ(of(529), "overloaded");
}

TEST(response_error, retryable_by_kind_and_status) {
  const auto of = [](const std::string& error, std::optional<int> status, bool newer = true) {
    return vendor_error{error, "{}", status, "{}", {}, newer}.get("/retryable");
  };
  EXPECT_EQ(of(R"({"type":"overloaded_error"})", {}), "true");
  EXPECT_EQ(of(R"({"type":"overloaded_error"})", {}, false), "false") << "before 1.2 numbers alone decide";
  EXPECT_EQ(of(R"({"code":"insufficient_quota"})", 429), "false");
  EXPECT_EQ(of(R"({"code":"insufficient_quota"})", 429, false), "true");
  EXPECT_EQ(of(R"({"code":"insufficient_quota","retryable":true})", 429), "true");
  // A server that failed may succeed, whatever the body says.
  EXPECT_EQ(of(R"({"type":"invalid_request_error"})", 500), "true");
  EXPECT_EQ(of(R"({"type":"invalid_request_error","retryable":false})", 503), "true");
  EXPECT_EQ(of(R"({"type":"invalid_request_error","retryable":false})", 503, false), "false");
  EXPECT_EQ(of("null", 409), "true");
  EXPECT_EQ(of("null", 404), "false");
  EXPECT_EQ(of(R"({"type":"not_json"})", 200), "false");
  EXPECT_EQ(of(R"({"type":"not_json"})", 502), "true");
}

TEST(response_error, all_members_in_their_order) {
  EXPECT_EQ(
      openai(R"({"message":"no","type":"t","code":7})", 400).get(""),
      R"({"kind":"invalid_request","type":"t","code":7,"message":"no","retryable":false,"retry_after_ms":null,)"
      R"("detail":{"message":"no","type":"t","code":7}})");
  EXPECT_EQ(
      (vendor_error{"null", "null", 418}).get(""),
      R"({"kind":"invalid_request","type":"http_418","code":null,"message":"HTTP status 418","retryable":false,)"
      R"("retry_after_ms":null,"detail":null})");
}

TEST(response_error, detail_is_the_vendors_own_and_bounded) {
  EXPECT_EQ(openai(R"({"message":"Provider returned error","metadata":{"raw":"why"}})", 400)
                .get("/detail/metadata/raw"),
            R"("why")");
  EXPECT_EQ(at_top(R"({"message":"no","trace":"t"})", 400).get("/detail"), R"({"message":"no","trace":"t"})");
  EXPECT_EQ(
      (vendor_error{R"({"message":"m"})", R"([{"error":{"message":"m","status":"S"}}])", 400}).get("/detail"),
      R"({"message":"m","status":"S"})");
  EXPECT_EQ((vendor_error{R"({"message":"m"})", R"({"candidates":[]})", 200}).get("/detail"), "null")
      << "an answer is no detail";
  EXPECT_EQ((vendor_error{R"({"message":"m","detail":{"a":1}})", R"({"error":{"b":2}})", 400}).get("/detail"),
            R"({"a":1})");
  const std::string dots(10000, '.');
  const vendor_error one_long = openai(R"({"message":"m","trace":")" + dots + R"(","code":1})", 400);
  EXPECT_EQ(one_long.get("/detail/code"), "1");
  EXPECT_EQ(one_long.get("/detail/trace").size(), 505u) << "500 bytes, three dots, two quotes";
  std::string many = "[";
  for (int n = 0; n < 3000; ++n) many += R"("abc",)";
  many += "1]";
  const std::string text = openai(R"({"message":"m","list":)" + many + "}", 400).get("/detail");
  EXPECT_TRUE(text.starts_with("\"{")) << text.substr(0, 20);
  EXPECT_LE(text.size(), max_detail_bytes);
  EXPECT_GT(text.size(), max_detail_bytes / 2);
}

TEST(response_error, keys_are_taken_out_of_all_texts) {
  const document found(R"({"message":"bad key sk-1","type":"sk-1","code":"sk-1"})"),
      response(R"({"error":{"message":"bad key sk-1","list":["\u0073k-1",{"sk-1":true}]}})");
  const key_filter filter = [](vendor_text what, std::string_view text, std::string& without) {
    const std::size_t at = text.find("sk-1");
    if (what != vendor_text::error || at == std::string_view::npos) return false;
    without = std::string(text).replace(at, 4, "***");
    return true;
  };
  error_input in;
  in.found = found;
  in.document = response;
  in.filter = &filter;
  json::tree out;
  EXPECT_EQ(
      text_of(error_of(in, out)),
      R"({"kind":"unknown","type":"***","code":"***","message":"bad key ***","retryable":false,"retry_after_ms":null,)"
      R"("detail":{"message":"bad key ***","list":["***",{"***":true}]}})");
  EXPECT_EQ(text_of(response), R"({"error":{"message":"bad key sk-1","list":["sk-1",{"sk-1":true}]}})");
}

// What is waited for, of an answer with this status and these headers.
std::string wait(const std::string& headers, int status = 429,
                 const std::string& error = R"({"message":"m"})", std::optional<std::int64_t> now_ms = {}) {
  return vendor_error{error, R"({"error":)" + error + "}", status, headers, now_ms}.get("/retry_after_ms");
}

TEST(response_error, retry_after_headers) {
  EXPECT_EQ(wait(R"({"Retry-After":"20"})"), "20000");
  EXPECT_EQ(wait(R"({"retry-after":20})"), "20000");
  EXPECT_EQ(wait(R"({"RETRY-AFTER":["7"]})"), "7000");
  EXPECT_EQ(wait(R"({"retry-after":"1.5"})"), "1500");
  EXPECT_EQ(wait(R"({"retry-after":"0"})"), "0");
  EXPECT_EQ(wait(R"({"retry-after":" 3 ","retry-after-ms":"250"})"), "250");
  EXPECT_EQ(wait(R"({"retry-after":"30"})", 503), "30000");
  for (const char* wrong : {"-5", "soon", "", "1e9", "99999999999999999999", "4000000000"})
    EXPECT_EQ(wait(R"({"retry-after":")" + std::string(wrong) + R"("})"), "null") << wrong;
  // A year and a day is read as it is; what is longer says nothing, and the next place is looked at.
  EXPECT_EQ(wait(R"({"retry-after":"31622400"})"), "31622400000");
  EXPECT_EQ(wait(R"({"retry-after":"31622401"})"), "null");
  EXPECT_EQ(wait(R"({"retry-after-ms":"31622400001","retry-after":"5"})"), "5000");
  EXPECT_EQ(wait(R"({"retry-after":"31622401"})", 429, R"({"message":"Please retry in 3s."})"), "3000");
  EXPECT_EQ(wait("{}"), "null");
  EXPECT_EQ(wait("null"), "null");
}

TEST(response_error, retry_after_as_a_date) {
  const std::string at = R"("retry-after":"Sun, 06 Nov 1994 08:49:37 GMT")";
  constexpr std::int64_t then = 784111777000;
  EXPECT_EQ(wait("{" + at + "}", 429, "{}", then - 90'000), "90000");
  EXPECT_EQ(wait("{" + at + "}", 429, "{}", then + 1), "0") << "it has passed";
  EXPECT_EQ(wait("{" + at + R"(,"Date":"Sun, 06 Nov 1994 08:49:07 GMT"})", 429, "{}", then + 999'999),
            "30000")
      << "the vendor's own clock goes before ours";
  EXPECT_EQ(wait("{" + at + "}", 429, "{}", then - 31'622'400'000), "31622400000")
      << "a year and a day ahead";
  EXPECT_EQ(wait("{" + at + "}", 429, "{}", then - 31'622'400'001), "null");
  EXPECT_EQ(wait("{" + at + "}"), "null") << "without a clock a date says nothing";
}

TEST(response_error, retry_after_of_rate_limits) {
  EXPECT_EQ(wait(R"({"x-ratelimit-remaining-requests":"0","x-ratelimit-reset-requests":"6m0s",)"
                 R"("x-ratelimit-remaining-tokens":"900","x-ratelimit-reset-tokens":"1s"})"),
            "360000");
  EXPECT_EQ(wait(R"({"x-ratelimit-remaining-requests":"5","x-ratelimit-reset-requests":"6m0s",)"
                 R"("x-ratelimit-remaining-tokens":"900","x-ratelimit-reset-tokens":"7.66s"})"),
            "7660");
  EXPECT_EQ(wait(R"({"x-ratelimit-reset-tokens":"12ms"})"), "12");
  EXPECT_EQ(wait(R"({"x-ratelimit-reset-tokens":"6m0s"})", 503), "null") << "no limit was met";
  EXPECT_EQ(wait(R"({"X-RateLimit-Reset":"1741305600000"})", 429, "{}", 1741305590000), "10000");
  EXPECT_EQ(wait(R"({"X-RateLimit-Reset":"1741305600"})", 429, "{}", 1741305590000), "10000");
  EXPECT_EQ(wait(R"({"x-ratelimit-reset-requests":"17"})"), "17000");
  EXPECT_EQ(
      wait(
          R"({"anthropic-ratelimit-tokens-remaining":"0","anthropic-ratelimit-tokens-reset":"2026-01-27T12:01:00Z",)"
          R"("date":"Tue, 27 Jan 2026 12:00:00 GMT"})"),
      "60000");
  EXPECT_EQ(wait("{}", 429,
                 R"({"code":429,"message":"m","metadata":{"headers":{"X-RateLimit-Reset":"1741305600000"}}})",
                 1741305590500),
            "9500");
}

TEST(response_error, retry_after_of_the_body) {
  const std::string info =
      R"({"code":503,"message":"m","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"20s"}]})";
  EXPECT_EQ(wait("{}", 503, info), "20000");
  EXPECT_EQ(wait(R"({"retry-after":"1"})", 503, info), "1000");
  EXPECT_EQ(wait("{}", 429, R"({"message":"Please try again in 6m1.5s. Visit us."})"), "361500");
  EXPECT_EQ(wait("{}", 429, R"({"message":"Please retry in 34.07s."})"), "34070");
  EXPECT_EQ(wait("{}", 429, R"({"message":"Please retry after 26 seconds."})"), "26000");
  EXPECT_EQ(wait("{}", 429, R"({"message":"Please try again in a moment"})"), "null");
  EXPECT_EQ(wait("{}", 400, R"({"message":"try again in 20s"})"), "null");
  EXPECT_EQ(wait("{}", 429, R"({"message":"m","retry_after_ms":5})"), "5") << "a rule says it";
}

TEST(response_error, a_days_quota_waits_only_as_the_vendor_says) {
  const std::string daily =
      R"({"message":"Rate limit reached on tokens per day (TPD). Please try again in 9m56.4s."})";
  EXPECT_EQ(wait("{}", 429, daily), "null");
  EXPECT_EQ(wait(R"({"retry-after":"597","x-ratelimit-reset-tokens":"1s"})", 429, daily), "597000");
}

TEST(response_error, durations) {
  EXPECT_EQ(duration_ms("1h2m3.5s"), 3'723'500);
  EXPECT_EQ(duration_ms("1.0001s"), 1001);
  EXPECT_EQ(duration_ms("250us"), 1);
  EXPECT_EQ(duration_ms(" 2 minutes "), 120'000);
  EXPECT_EQ(duration_ms("1d"), 86'400'000);
  for (const char* wrong : {"", "5", "s", "5 parsecs", "1s!", "-1s", "999999999999d", "1.s"})
    EXPECT_EQ(duration_ms(wrong), std::nullopt) << wrong;
}

TEST(response_error, dates) {
  constexpr std::int64_t then = 784111777000;
  EXPECT_EQ(http_date_ms("Sun, 06 Nov 1994 08:49:37 GMT"), then);
  EXPECT_EQ(http_date_ms("Sunday, 06-Nov-94 08:49:37 GMT"), then);
  EXPECT_EQ(http_date_ms("Sun Nov  6 08:49:37 1994"), then);
  EXPECT_EQ(http_date_ms("1994-11-06T08:49:37Z"), then);
  EXPECT_EQ(http_date_ms("1994-11-06T09:49:37.25+01:00"), then + 250);
  EXPECT_EQ(http_date_ms("Thu, 01 Jan 1970 00:00:00 GMT"), 0);
  EXPECT_EQ(http_date_ms("2024-02-29T00:00:00Z"), 1709164800000);
  EXPECT_EQ(http_date_ms("9999-12-31T23:59:59Z"), 253402300799000);
  for (const char* wrong :
       {"", "Sun", "20", "Sun, 06 Nov 1994", "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 CET",
        "1994-11-06", "1994-11-06T08:49:37", "1994-13-06T08:49:37Z", "Sun Nov  6 08:49:37 1994 GMT"})
    EXPECT_EQ(http_date_ms(wrong), std::nullopt) << wrong;
}

}  // namespace
}  // namespace llm_admin::mapping
