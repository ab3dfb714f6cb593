// What results of mapping 1.2 hold besides: kinds of calls, choices, parts, checked usage, kept state, errors
// instead of exceptions, what nobody reads.
#include <gtest/gtest.h>

#include <string>

#include "core/mapping/compile/compile.hpp"
#include "core/mapping/response/operation.hpp"
#include "core/mapping/response/response.hpp"
#include "core/mapping/response/usage.hpp"
#include "core/mapping/state.hpp"
#include "unit/json_text.hpp"

namespace llm_admin::mapping {
namespace {

using test::document;
using test::text_of;

// Rules that give the members of the response by the names of the result's.
const std::string plain =
    R"("text_content":"$.text","usage_stats":"$.usage","reasoning_content":"$.reasoning","tool_calls":"$.calls",)"
    R"("finish_reason":"$.finish","model_used":"$.model","provider_request_id":"$.id","error":"$.error","refusal":"$.refusal",)"
    R"("choices":"$.choices","parts":"$.parts","citations":"$.citations","logprobs":"$.logprobs","provider_state":"$.state","note":"$.note")";

struct answer {
  document config, response;
  std::shared_ptr<const response_program> program;
  response_input input;
  json::tree out;
  json::item* made = nullptr;
  std::vector<finding> findings;

  answer(const std::string& text, const std::string& version = "1.2", const std::string& rules = plain)
      : config(R"({"version":")" + version + R"(","extraction_rules":{)" + rules + "}}"), response(text) {
    const auto compiled = compile_response(config);
    program = compiled.program;
    EXPECT_NE(program, nullptr) << render(compiled.problems);
    input.document = response;
  }

  json::node node(const std::string& pointer) {
    if (made == nullptr && findings.empty()) made = try_extract(*program, input, out, findings);
    return made == nullptr ? json::node{} : json::resolve(json::view(made), pointer);
  }
  std::string get(const std::string& pointer) {
    const json::node value = node(pointer);
    return made == nullptr ? "nothing: " + render(findings) : text_of(value);
  }
  std::string warnings() {
    std::string all;
    const json::node list = node("/warnings");
    for (std::uint32_t n = 0; n < list.size; ++n)
      (all += all.empty() ? "" : "\n") += list.element(n).member("message").text();
    return all;
  }
};

std::string got(const std::string& text, const std::string& pointer) { return answer(text).get(pointer); }

TEST(mapping_answer_newer, kinds_of_calls) {
  answer one(
      R"({"finish":"stop","calls":[{"id":"c1","name":"f","arguments":"{\"a\":1}"},{"id":"c2","type":"custom","custom":{"name":"sql","input":"{\"a\":1}"}},)"
      R"({"id":"c3","kind":"custom","name":"sql","input":"SELECT 1"},{"id":"c4","kind":"shell","arguments":{"command":["ls"]}},{"id":"c5","kind":"function","name":"g"},{"id":"","name":"","arguments":""}]})");
  EXPECT_EQ(
      one.get("/tool_calls"),
      R"([{"id":"c1","name":"f","arguments":{"a":1}},{"id":"c2","name":"sql","arguments":"{\"a\":1}","kind":"custom"},)"
      R"({"id":"c3","name":"sql","arguments":"SELECT 1","kind":"custom"},{"id":"c4","name":"shell","arguments":{"command":["ls"]},"kind":"shell"},)"
      R"({"id":"c5","name":"g","arguments":{}}])");
  EXPECT_EQ(
      one.get("/message/tool_calls"),
      R"([{"id":"c1","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}},{"id":"c2","type":"custom","custom":{"name":"sql","input":"{\"a\":1}"}},)"
      R"({"id":"c3","type":"custom","custom":{"name":"sql","input":"SELECT 1"}},{"id":"c4","type":"function","kind":"shell","function":{"name":"shell","arguments":"{\"command\":[\"ls\"]}"}},)"
      R"({"id":"c5","type":"function","function":{"name":"g","arguments":"{}"}}])");
}

TEST(mapping_answer_newer, a_turn_that_waits_for_the_client) {
  const auto finish = [](const std::string& reason, bool calls) {
    return got(R"({"text":"t","finish":)" + reason + (calls ? R"(,"calls":[{"name":"f"}]})" : "}"),
               "/finish_reason");
  };
  EXPECT_EQ(finish(R"("stop")", true), R"("tool_calls")");
  EXPECT_EQ(finish(R"("odd")", true), R"("tool_calls")");
  EXPECT_EQ(finish(R"("length")", true), R"("length")");
  EXPECT_EQ(finish(R"("content_filter")", true), R"("content_filter")");
  EXPECT_EQ(finish("null", true), "null");
  EXPECT_EQ(finish(R"("stop")", false), R"("stop")");
  EXPECT_EQ(answer(R"({"finish":"stop","calls":[{"name":"f"}]})", "1.1").get("/finish_reason"), R"("stop")");
}

TEST(mapping_answer_newer, a_vendor_still_at_work_is_no_error) {
  for (const char* state : {"in_progress", "queued"}) {
    answer one(std::string(R"({"id":"r1","finish":")") + state + R"("})");
    EXPECT_EQ(one.get("/finish_reason"), "null");
    EXPECT_EQ(one.get("/error"), "null");
    EXPECT_EQ(one.get("/message"), "null");
  }
}

TEST(mapping_answer_newer, an_empty_text_is_absent) {
  answer one(
      R"({"text":"Hi","reasoning":"","finish":"","model":"","id":"","refusal":"","note":"","usage":{"prompt_tokens":1,"service_tier":""}})");
  for (const char* pointer :
       {"/reasoning", "/finish_reason", "/model", "/provider_request_id", "/usage/service_tier"})
    EXPECT_EQ(one.get(pointer), "null") << pointer;
  EXPECT_EQ(one.get("/extra"), "{}");
  EXPECT_EQ(one.get("/error"), "null");
  answer empty(R"({"text":"","finish":"stop"})");
  EXPECT_EQ(empty.get("/text"), "null");
  EXPECT_EQ(empty.get("/message"), R"({"role":"assistant","content":""})");
  EXPECT_EQ(answer(R"({"text":"","model":""})", "1.1").get("/model"), "\"\"");
}

TEST(mapping_answer_newer, a_refusal_is_the_messages_content) {
  answer one(R"({"refusal":"I cannot.","finish":"stop"})");
  EXPECT_EQ(one.get("/message"), R"({"role":"assistant","content":"I cannot.","refusal":"I cannot."})");
  EXPECT_EQ(one.get("/extra"), R"({"refusal":"I cannot."})");
  EXPECT_EQ(one.get("/text"), "null");
  EXPECT_EQ(got(R"({"text":"t","refusal":"no"})", "/message"), R"({"role":"assistant","content":"t"})");
  EXPECT_EQ(got(R"({"refusal":"no"})", "/error"), "null");
}

TEST(mapping_answer_newer, choices_and_parts) {
  answer one(
      R"({"text":"A","choices":[{"text":"B","finish_reason":"length"},{"text":"","tool_calls":[{"id":"c","name":"f","arguments":"{}"}],"finish_reason":"stop"},7],)"
      R"("parts":[{"kind":"audio","id":"audio_1","data":"UklG","transcript":"Hi","url":null,"name":""},{"data":"x"}],"citations":[{"url":"u"}],"logprobs":{"content":[]}})");
  EXPECT_EQ(
      one.get("/choices"),
      R"([{"text":"B","tool_calls":[],"finish_reason":"length"},{"text":null,"tool_calls":[{"id":"c","name":"f","arguments":{}}],"finish_reason":"tool_calls"}])");
  EXPECT_EQ(one.get("/parts"), R"([{"kind":"audio","id":"audio_1","data":"UklG","transcript":"Hi"}])");
  EXPECT_EQ(one.get("/citations"), R"([{"url":"u"}])");
  EXPECT_EQ(one.get("/logprobs"), R"({"content":[]})");
  EXPECT_EQ(one.warnings(), "a part must be an object with a text kind");
  EXPECT_EQ(one.get("/extra"), "{}");
  EXPECT_EQ(got(R"({"parts":[{"kind":"image","data":"x"}]})", "/error"), "null") << "an image is an answer";
  EXPECT_EQ(answer(R"({"text":"A","parts":[1]})", "1.1").get("/extra"), R"({"parts":[1]})");
}

TEST(mapping_answer_newer, nothing_found_is_an_error_that_shows_what_came) {
  answer one(R"({"odd":[1],"usage":{"prompt_tokens":3}})");
  EXPECT_EQ(one.get("/error/kind"), R"("unknown")");
  EXPECT_EQ(one.get("/error/type"), R"("nothing_found")");
  EXPECT_EQ(one.get("/error/retryable"), "false");
  EXPECT_EQ(one.get("/error/detail/odd"), "[1]");
  EXPECT_EQ(one.get("/usage/input_tokens"), "3");
  EXPECT_EQ(one.get("/message"), "null");
  EXPECT_EQ(got("null", "/error/type"), R"("nothing_found")");
}

TEST(mapping_answer_newer, older_rows_raise_unless_asked_not_to) {
  answer raised("{}", "1.1");
  EXPECT_EQ(raised.get("/error").substr(0, 17), "nothing: neither ");
  answer lenient("{}", "1.1");
  lenient.input.lenient = true;
  EXPECT_EQ(lenient.get("/error/type"), R"("nothing_found")");
  answer required(
      R"({"finish":"stop"})", "1.1",
      R"("text_content":{"source":"$.text","required":true},"usage_stats":"$.usage","finish_reason":"$.finish")");
  required.input.lenient = true;
  EXPECT_EQ(required.get("/error/type"), R"("not_extractable")");
  EXPECT_EQ(required.get("/finish_reason"), R"("stop")");
  EXPECT_NE(required.get("/extra/mapping_warnings"), "null");
}

TEST(mapping_answer_newer, warnings_stand_in_their_own_member) {
  answer one(R"({"text":"t","model":[1]})");
  one.input.warnings.push_back({"/a", "", "found before"});
  EXPECT_EQ(one.warnings(), "found before\nmodel_used must be string, not array");
  EXPECT_EQ(
      one.get("/warnings/1"),
      R"({"pointer":"","rule_pointer":"/extraction_rules/model_used","message":"model_used must be string, not array"})");
  EXPECT_EQ(one.get("/extra"), "{}");
  answer old(R"({"text":"t","model":[1]})", "1.1");
  EXPECT_EQ(old.get("/warnings"), "[]");
  EXPECT_NE(old.get("/extra/mapping_warnings/0"), "null");
}

TEST(mapping_answer_newer, what_no_rule_reads) {
  answer one(R"({"text":"t","odd":{"a":1},"empty":[],"none":null})");
  EXPECT_EQ(one.get("/unread"), R"(["/odd"])");
  EXPECT_EQ(answer(R"({"text":"t","odd":1})", "1.1").get("/unread"), "[]");
}

// The input and output that come out, and the warnings, of this usage.
std::string usage(const std::string& raw, bool checked = true) {
  json::tree out;
  std::vector<finding> warnings;
  const document given(raw);
  const json::item* made = usage_of(given, "/u", checked, out, warnings);
  if (made == nullptr) return "null";
  const json::node view = json::view(made);
  std::string all = text_of(view.member("input_tokens")) + " " + text_of(view.member("output_tokens")) + " " +
                    text_of(view.member("total_tokens"));
  for (const finding& one : warnings) all += "! " + one.message;
  return all;
}

TEST(mapping_answer_newer, usage_that_fits_is_left) {
  EXPECT_EQ(
      usage(
          R"({"prompt_tokens":10,"completion_tokens":5,"total_tokens":15,"prompt_tokens_details":{"cached_tokens":10,"audio_tokens":3},)"
          R"("completion_tokens_details":{"reasoning_tokens":5,"audio_tokens":0}})"),
      "10 5 15");
  EXPECT_EQ(
      usage(
          R"({"input_tokens":10,"output_tokens":5,"cached_tokens":4,"cache_write_tokens":6,"cache_write_1h_tokens":6})"),
      "10 5 15");
  EXPECT_EQ(usage(R"({"input_tokens":4,"cached_tokens":9})", false), "4 0 4")
      << "before 1.2 nothing is checked";
}

TEST(mapping_answer_newer, parts_beyond_their_total_are_counted_apart) {
  // What is cached beside billed units (Cohere), and beside fresh input (Anthropic's own counts).
  EXPECT_EQ(
      usage(R"({"input_tokens":40,"output_tokens":9,"cached_tokens":1360})"),
      "1400 9 1409! cached_tokens and cache_write_tokens are 1360, more than the 40 input_tokens: they are "
      "counted apart and were added");
  EXPECT_EQ(
      usage(R"({"input_tokens":5,"output_tokens":1,"cached_tokens":3,"cache_write_tokens":4})").substr(0, 7),
      "12 1 13");
  EXPECT_EQ(usage(R"({"input_tokens":50,"cache_write_tokens":1,"cache_write_1h_tokens":20})").substr(0, 7),
            "50 0 50");
  // Audio of Voxtral, reasoning of xAI.
  EXPECT_EQ(
      usage(
          R"({"prompt_tokens":9,"completion_tokens":8,"total_tokens":317,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":300}})"),
      "309 8 317! audio, image and video tokens are 300, more than the 9 input_tokens: they are counted "
      "apart "
      "and were added");
  EXPECT_EQ(usage(R"({"input_tokens":1,"output_tokens":20,"reasoning_tokens":500})").substr(0, 9),
            "1 520 521");
}

TEST(mapping_answer_newer, the_vendors_total_against_the_sum) {
  EXPECT_EQ(usage(R"({"prompt_tokens":30,"completion_tokens":12,"total_tokens":104})"),
            "30 74 104! the vendor's total_tokens are 104, input and output 42: the rest counts as output");
  EXPECT_EQ(usage(R"({"prompt_tokens":30,"completion_tokens":12,"total_tokens":40})"),
            "30 12 42! the vendor's total_tokens are 40, input and output 42");
  EXPECT_EQ(usage(R"({"prompt_tokens":30,"completion_tokens":12,"total_tokens":"x"})"),
            "30 12 42! total_tokens must be a whole number, not \"x\"");
}

// With the config's member `dialect`.
struct own_answer : answer {
  explicit own_answer(const std::string& text) : answer(text) {
    std::const_pointer_cast<response_program>(program)->rules.dialect = "own";
  }
};

TEST(mapping_answer_newer, state_is_kept_as_text) {
  own_answer one(R"({"text":"t","finish":"stop","state":[{"b":1,"a":1.50}]})");
  EXPECT_EQ(one.get("/provider_state/own/content"), R"("[{\"b\":1,\"a\":1.50}]")");
  EXPECT_EQ(one.get("/message/provider_state"), one.get("/provider_state"));
  json::tree out;
  std::string why;
  const auto array = kept_array(one.node("/message"), "own", out, why);
  ASSERT_TRUE(array) << why;
  EXPECT_EQ(text_of(*array), R"([{"b":1,"a":1.50}])");
  EXPECT_EQ(one.warnings(), "");
  // Without a dialect it is the rule's value.
  EXPECT_EQ(got(R"({"text":"t","state":[1]})", "/message/provider_state"), "[1]");
}

TEST(mapping_answer_newer, state_that_is_not_kept) {
  EXPECT_EQ(own_answer(R"({"text":"t","state":[]})").get("/provider_state"), "null");
  own_answer wrong(R"({"text":"t","state":{"a":1}})");
  EXPECT_EQ(wrong.get("/provider_state"), "null");
  EXPECT_EQ(wrong.get("/message"), R"({"role":"assistant","content":"t"})");
  EXPECT_EQ(wrong.warnings(), "provider_state must be an array");
  own_answer cut(R"({"text":"t","state":[1]})");
  cut.input.unfinished = true;
  EXPECT_EQ(cut.get("/error/kind"), R"("stream_incomplete")");
  EXPECT_EQ(cut.get("/message"), R"({"role":"assistant","content":"t"})");
  EXPECT_EQ(cut.warnings(), "the answer broke off, so that its state was not kept");
  own_answer alone(R"({"state":{"a":1}})");
  EXPECT_EQ(alone.get("/message"), "null");
}

TEST(mapping_answer_newer, state_counts_once) {
  const std::string big(30000, 'x');
  own_answer fits(R"({"text":"t","finish":"stop","state":[")" + big + R"("]})");
  fits.input.limits.max_output_bytes = 32000;
  EXPECT_EQ(fits.node("/provider_state/own/content").size, big.size() + 4);
  own_answer left_out(R"({"text":"t","finish":"stop","state":[")" + big + R"("]})");
  left_out.input.limits.max_output_bytes = 30002;
  EXPECT_EQ(left_out.get("/provider_state"), "null");
  EXPECT_EQ(left_out.warnings(), "the state of the answer is longer than 30002 bytes and was not kept");
}

TEST(mapping_answer_newer, keys_are_taken_out_of_state_and_parts) {
  own_answer one(
      R"({"text":"t","finish":"stop","state":[{"k":"a \u0073k-1 b"}],"parts":[{"kind":"file","name":"sk-1"}]})");
  std::vector<vendor_text> asked;
  one.input.filter = [&](vendor_text what, std::string_view text, std::string& without) {
    asked.push_back(what);
    const std::size_t at = text.find("sk-1");
    if (at == std::string_view::npos) return false;
    without = std::string(text).replace(at, 4, "***");
    return true;
  };
  EXPECT_EQ(one.get("/provider_state/own/content"), R"("[{\"k\":\"a *** b\"}]")");
  EXPECT_EQ(one.get("/parts"), R"([{"kind":"file","name":"***"}])");
  EXPECT_EQ(
      one.warnings(),
      "what came beside the text held a key; it was taken out\nthe state of the answer held a key; it was "
      "taken out");
  EXPECT_NE(std::find(asked.begin(), asked.end(), vendor_text::state), asked.end());
  EXPECT_NE(std::find(asked.begin(), asked.end(), vendor_text::part), asked.end());
  json::tree out;
  std::string why;
  EXPECT_TRUE(kept_array(one.node("/message"), "own", out, why)) << why;
}

std::string operated(const std::string& response, std::optional<int> status,
                     const std::string& version = "1.2",
                     const std::string& usage_rule = R"(,"usage":"$.usage")") {
  const document requests(
      R"({"version":")" + version +
      R"(","payload_structure":{"model":"param:model_name","messages":"param:messages"},"operations":{"embed":)"
      R"({"payload_structure":{"input":{"value":1}},"extract":{"source":"$.data[*].v","all":true})" +
      usage_rule + "}}}"),
      answers(
          R"({"version":"1.1","extraction_rules":{"text_content":"$.text","usage_stats":"$.usage","error":"$.error"}})"),
      given(response);
  const auto request = compile_request(requests);
  const auto answer = compile_response(answers);
  if (!request.program) return render(request.problems);
  response_input input;
  input.document = given;
  input.http_status = status;
  json::tree out;
  return text_of(read_operation(*request.program, "embed", answer.program.get(), input, out));
}

TEST(mapping_answer_newer, operations_tell_value_usage_and_error) {
  const std::string good =
      operated(R"({"data":[{"v":[1]},{"v":[2]}],"usage":{"prompt_tokens":8,"total_tokens":8}})", 200);
  EXPECT_EQ(
      good,
      R"({"value":[[1],[2]],"usage":{"input_tokens":8,"output_tokens":0,"total_tokens":8,"cached_tokens":0,"cache_write_tokens":0,)"
      R"("cache_write_1h_tokens":0,"reasoning_tokens":0,"service_tier":null},"error":null})");
  EXPECT_EQ(operated(R"({"data":[{"v":[1]}]})", 200), R"({"value":[[1]],"usage":null,"error":null})");
  EXPECT_EQ(
      operated(R"({"error":{"message":"no","code":"invalid_api_key"}})", 401),
      R"({"value":null,"usage":null,"error":{"kind":"auth","type":"http_401","code":"invalid_api_key","message":"no","retryable":false,)"
      R"("retry_after_ms":null,"detail":{"message":"no","code":"invalid_api_key"}}})");
  EXPECT_NE(operated(R"({"odd":1})", 200).find(R"("type":"nothing_found")"), std::string::npos);
  EXPECT_NE(operated(R"({"error":"no"})", {}).find(R"("message":"no")"), std::string::npos);
}

TEST(mapping_answer_newer, usage_of_operations_belongs_to_1_2) {
  EXPECT_NE(operated("{}", 200, "1.1").find("usage"), std::string::npos);
  EXPECT_EQ(operated("{}", 200, "1.1").find("{\"value\""), std::string::npos);
  EXPECT_NE(operated("{}", 200, "1.1", "").find("nothing_found"), std::string::npos);
}

}  // namespace
}  // namespace llm_admin::mapping
