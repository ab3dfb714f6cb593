// What a request may not hold: parameters that the model does not take or that exclude one another, members
// that no rule reads; what drop_params and `ignores` make of them; extra_headers and extra_body by provider.
#include <gtest/gtest.h>

#include "core/error.hpp"
#include "core/mapping/compile/compile.hpp"
#include "core/mapping/request/request.hpp"
#include "unit/dialect_files.hpp"
#include "unit/json_text.hpp"

namespace llm_admin::mapping {
namespace {

using test::document;
using test::text_of;

const std::string all_params =
    R"("t":"param:temperature","p":"param:top_p","s":"param:stop","e":"param:reasoning_effort",)"
    R"("x":"param:max_output_tokens","f":"param:frequency_penalty")";
const std::string chat_messages =
    R"({"each":"param:messages[*]","as":{"fields":{"role":"@.role","content":{"switch":[)"
    R"({"when":{"path":"@.content","type":"array"},"then":{"each":"@.content[*]","as":{"fields":)"
    R"({"type":"@.type","text":"@.text","url":"@.image_url.url"}}}},{"then":"@.content"}]},)"
    R"("calls":{"each":"@.tool_calls[*]","as":{"fields":{"id":"@.id","name":"@.function.name",)"
    R"("args":"@.function.arguments"}},"omit_empty":true},"call":"@.tool_call_id"}}})";
const std::string chat_tools =
    R"({"each":"param:tools[*]","as":{"fields":{"type":"@.type","name":"@.function.name",)"
    R"("schema":"@.function.parameters"}},"omit_empty":true})";

// One build. Findings, then what was built; then warnings behind "! ".
struct checked {
  document config, params, capabilities;
  request_input input;
  json::tree out;
  std::optional<built_request> made;
  std::vector<finding> findings;

  checked(const std::string& version, const std::string& members, const std::string& params_text,
          const std::string& facts = "{}", const std::string& top = "")
      : config(R"({"version":")" + version +
               R"(","payload_structure":{"model":{"source":"param:model_name"},)" +
               (members.find("\"messages\"") == std::string::npos ? R"("messages":"param:messages",)" : "") +
               members + "}" + top + "}"),
        params(params_text),
        capabilities(facts) {
    input.default_model = "m-1";
    input.trace = true;
  }

  std::string run() {
    const auto compiled = compile_request(config);
    EXPECT_NE(compiled.program, nullptr) << render(compiled.problems);
    if (!compiled.program) return "no program";
    input.params = params;
    input.model_capabilities = capabilities;
    made = try_build(*compiled.program, input, out, findings);
    std::string lines;
    auto add = [&](const finding& one, const char* mark) {
      EXPECT_TRUE(test::resolves(params, one.input)) << one.input;
      EXPECT_TRUE(test::resolves(config, one.rule)) << one.rule;
      lines += (lines.empty() ? "" : "\n") + (mark + one.input) + "|" + one.message;
    };
    for (const finding& one : findings) add(one, "");
    if (!made) return lines;
    lines = text_of(made->body);
    for (const finding& one : made->warnings) add(one, "! ");
    return lines;
  }
};

std::string with_facts(const std::string& facts, const std::string& params, const char* version = "1.2") {
  return checked(version, all_params, params, facts).run();
}

constexpr const char* leaves = "; \"drop_params\": true leaves it out";

TEST(request_checks, what_a_model_refuses) {
  const std::string facts = R"({"gpt-5*":{"refuses":["temperature","max_tokens"]}})";
  for (const char* version : {"1.0", "1.1", "1.2"}) {
    const std::string members = R"("t":{"source":"param:temperature"})";
    const std::string plain = R"("messages":{"source":"param:messages"},)" + members;
    EXPECT_EQ(checked(version, plain, R"({"model":"gpt-5-2025-08-07","temperature":0.2})", facts).run(),
              std::string("/temperature|model \"gpt-5-2025-08-07\" does not take \"temperature\"") + leaves);
    EXPECT_EQ(checked(version, plain, R"({"model":"gpt-4","temperature":0.2})", facts).run(),
              R"({"model":"gpt-4","t":0.2})");
  }
  EXPECT_EQ(
      with_facts(facts, R"({"model":"gpt-5","temperature":1,"max_completion_tokens":5,"drop_params":true})"),
      R"({"model":"gpt-5"})"
      "\n! /temperature|\"temperature\" is left out: model \"gpt-5\" does not take \"temperature\""
      "\n! /max_completion_tokens|\"max_completion_tokens\" is left out: model \"gpt-5\" does not take "
      "\"max_completion_tokens\"");
  EXPECT_EQ(with_facts(facts, R"({"model":"gpt-5","temperature":null})"), R"({"model":"gpt-5"})");
}

TEST(request_checks, the_exact_name_then_the_longest_glob_then_the_row) {
  const std::string facts =
      R"({"refuses":["stop"],"grok-4*":{"refuses":["temperature"]},"grok-4":{"refuses":[]},)"
      R"("grok-4.3*":{"refuses":["top_p"]}})";
  const std::string all = R"(,"temperature":1,"top_p":1,"stop":["x"]})";
  EXPECT_EQ(with_facts(facts, R"({"model":"grok-4")" + all), R"({"model":"grok-4","t":1,"p":1,"s":["x"]})");
  EXPECT_EQ(with_facts(facts, R"({"model":"grok-4.3-fast")" + all),
            std::string("/top_p|model \"grok-4.3-fast\" does not take \"top_p\"") + leaves);
  EXPECT_EQ(with_facts(facts, R"({"model":"grok-4-0709")" + all),
            std::string("/temperature|model \"grok-4-0709\" does not take \"temperature\"") + leaves);
  EXPECT_EQ(with_facts(facts, R"({"model":"other")" + all),
            std::string("/stop|model \"other\" does not take \"stop\"") + leaves);
}

TEST(request_checks, values_a_model_requires_or_allows) {
  const std::string facts =
      R"({"requires":{"temperature":1},"values":{"reasoning_effort":["low","high"],"stop":["a","b"]},)"
      R"("default_only":["top_p","frequency_penalty"]})";
  EXPECT_EQ(with_facts(facts, R"({"temperature":1.0,"reasoning_effort":"low","stop":["b","a"],"top_p":1.00,)"
                              R"("frequency_penalty":0})"),
            R"({"model":"m-1","t":1.0,"p":1.00,"s":["b","a"],"e":"low","f":0})");
  EXPECT_EQ(
      with_facts(facts, R"({"temperature":0.5,"reasoning_effort":"none","stop":["a","c"],"top_p":0.9})"),
      std::string("/temperature|model \"m-1\" takes \"temperature\" only as 1, not 0.5") + leaves +
          "\n/reasoning_effort|model \"m-1\" takes \"reasoning_effort\" only out of [\"low\",\"high\"], not "
          "\"none\"" +
          leaves + "\n/stop|model \"m-1\" takes \"stop\" only out of [\"a\",\"b\"], not [\"a\",\"c\"]" +
          leaves + "\n/top_p|model \"m-1\" takes \"top_p\" only as its default, not 0.9" + leaves);
  EXPECT_EQ(checked("1.2", all_params, R"({"temperature":0.5,"top_p":0.9,"drop_params":true})", facts)
                .run()
                .substr(0, 15),
            R"({"model":"m-1"})");
  EXPECT_EQ(with_facts(R"({"default_only":{"temperature":0.7}})", R"({"temperature":0.70})"),
            R"({"model":"m-1","t":0.70})");
}

TEST(request_checks, contradicting_parameters) {
  const std::string facts = R"({"claude-*":{"not_together":[["temperature","top_p"],["stop","nonsense"]]}})";
  EXPECT_EQ(
      with_facts(facts, R"({"model":"claude-x","temperature":1,"top_p":1,"stop":"x"})"),
      std::string("/top_p|model \"claude-x\" does not take \"temperature\" and \"top_p\" together") + leaves);
  EXPECT_EQ(with_facts(facts, R"({"model":"claude-x","top_p":1})"), R"({"model":"claude-x","p":1})");
  EXPECT_EQ(checked("1.2", all_params, R"({"model":"claude-x","temperature":1,"top_p":1,"drop_params":true})",
                    facts)
                .run()
                .substr(0, 27),
            R"({"model":"claude-x","t":1})"
            "\n");
}

TEST(request_checks, contradictions_that_the_mapping_tells) {
  const std::string top =
      R"(,"not_together":[{"params":["reasoning_effort","temperature"],"when":{"path":"model:thinking",)"
      R"("eq":"budget"},"text":"thinking takes no temperature"},{"params":["temperature","top_p","stop"]}])";
  const auto run = [&](const std::string& params) {
    return checked("1.2", all_params, params, R"({"claude-4*":{"thinking":"budget"}})", top).run();
  };
  EXPECT_EQ(run(R"({"model":"claude-4","temperature":0.5,"reasoning_effort":"low"})"),
            std::string("/temperature|thinking takes no temperature") + leaves);
  EXPECT_EQ(run(R"({"model":"claude-5","temperature":0.5,"reasoning_effort":"low"})"),
            R"({"model":"claude-5","t":0.5,"e":"low"})");
  EXPECT_EQ(run(R"({"model":"claude-4","temperature":0.5,"reasoning_effort":"low","drop_params":true})"),
            R"({"model":"claude-4","e":"low"})"
            "\n! /temperature|\"temperature\" is left out: thinking takes no temperature");
  EXPECT_EQ(run(R"({"model":"m","temperature":1,"top_p":1,"stop":"x"})"),
            std::string("/stop|\"temperature\", \"top_p\" and \"stop\" may not be given together") + leaves);
  EXPECT_EQ(run(R"({"model":"m","temperature":1,"top_p":1})"), R"({"model":"m","t":1,"p":1})");
}

TEST(request_checks, reasoning_false_refuses_effort_since_1_2) {
  const std::string facts = R"({"reasoning":false,"o3*":{"reasoning":true}})";
  EXPECT_EQ(with_facts(facts, R"({"reasoning_effort":"low"})"),
            std::string("/reasoning_effort|model \"m-1\" does not reason; it takes no \"reasoning_effort\"") +
                leaves);
  EXPECT_EQ(with_facts(facts, R"({"model":"o3-mini","reasoning_effort":"low"})"),
            R"({"model":"o3-mini","e":"low"})");
  EXPECT_EQ(with_facts(facts, R"({"reasoning_effort":"low"})", "1.1"), R"({"model":"m-1","e":"low"})");
}

TEST(request_checks, the_models_own_limit_of_output) {
  checked larger("1.2", all_params, R"({"model":"gpt-5","max_tokens":64000})",
                 R"({"gpt-5*":{"max_output_tokens":128000}})");
  larger.input.max_output_tokens_limit = 32768;
  EXPECT_EQ(larger.run(), R"({"model":"gpt-5","x":64000})");
  checked beyond("1.2", all_params, R"({"model":"gpt-5","max_tokens":128001})",
                 R"({"gpt-5*":{"max_output_tokens":128000}})");
  EXPECT_EQ(beyond.run(), "/max_tokens|max_output_tokens 128001 is more than the model's limit of 128000");
}

TEST(request_checks, names_of_models_of_any_form) {
  const std::string facts =
      R"({"gemini-2.5-pro*":{"refuses":["stop"]},"anthropic/claude-*":{"refuses":["stop"]}})";
  const std::string told = R"("stop":"x"})";
  EXPECT_NE(with_facts(facts, R"({"model":"anthropic/claude-4.5",)" + told).find("does not take"),
            std::string::npos);
  const std::string strip =
      R"("model":{"switch":[{"when":{"path":"param:model_name","prefix":"models/"},"then":)"
      R"({"value":"gemini-2.5-pro"}},{"then":"param:model_name"}]},"s":"param:stop")";
  for (const char* name : {"models/gemini-2.5-pro", "gemini-2.5-pro-preview-06-05"}) {
    const document config(R"({"version":"1.2","payload_structure":{"messages":"param:messages",)" + strip +
                          "}}");
    const auto compiled = compile_request(config);
    ASSERT_NE(compiled.program, nullptr) << render(compiled.problems);
    const document params(R"({"model":")" + std::string(name) + R"(","stop":"x"})"), known(facts);
    request_input input;
    input.params = params;
    input.model_capabilities = known;
    json::tree out;
    std::vector<finding> findings;
    EXPECT_FALSE(try_build(*compiled.program, input, out, findings)) << name;
    ASSERT_EQ(findings.size(), 1u);
    EXPECT_EQ(findings[0].input, "/stop");
  }
  const std::string huge(10'000, 'g');
  const std::string lines =
      with_facts(R"({"g*":{"refuses":["stop"]}})", R"({"model":")" + huge + "\"," + told);
  EXPECT_EQ(lines, std::string("/stop|model (a text of 10000 characters) does not take \"stop\"") + leaves);
}

TEST(request_checks, parameters_of_the_api_are_known_by_name) {
  std::string given, dropped;
  for (const char* name : {"n", "presence_penalty", "logit_bias", "logprobs", "top_logprobs", "service_tier",
                           "verbosity", "store", "modalities", "audio", "prediction", "prompt_cache_key",
                           "dimensions", "encoding_format", "stream_options"})
    given += std::string(",\"") + name + "\":1";
  checked refused("1.1", R"("t":"param:temperature")", R"({"model":"m")" + given + "}");
  refused.run();
  EXPECT_EQ(refused.findings.size(), 15u);
  for (const finding& one : refused.findings)
    EXPECT_EQ(one.message.find("no rule of this provider reads"), 0u);
  checked left("1.1", R"("t":"param:temperature")", R"({"model":"m","drop_params":true)" + given + "}");
  EXPECT_EQ(left.run().substr(0, 13), R"({"model":"m"})");
  EXPECT_EQ(left.made->dropped.size(), 15u);
  EXPECT_EQ(left.made->warnings.size(), 15u);
}

TEST(request_checks, the_hint_names_the_provider_and_extra_body) {
  checked one("1.2", R"("t":"param:temperature")", R"({"unheard_of":1})");
  const auto compiled = compile_request(one.config);
  one.input.params = one.params;
  one.input.provider_name = "mistral";
  try {
    build(*compiled.program, one.input, one.out);
    FAIL() << "built";
  } catch (const error& raised) {
    EXPECT_NE(raised.hint().find("extra_body"), std::string::npos);
    EXPECT_NE(raised.hint().find("get_provider('mistral')"), std::string::npos);
  }
}

std::string of_messages(const std::string& messages, const std::string& more = "",
                        const std::string& top = "", const char* version = "1.2") {
  return checked(version, "\"messages\":" + chat_messages + ",\"tools\":" + chat_tools,
                 R"({"messages":)" + messages + more + "}", "{}", top)
      .run();
}

TEST(request_checks, members_that_no_rule_reads) {
  const std::string user = R"([{"role":"user","content":"x","name":"ann"}])";
  EXPECT_EQ(of_messages(user), "/messages/0/name|no rule of this provider reads \"name\" of a message");
  EXPECT_EQ(of_messages(user, "", "", "1.1"),
            R"({"model":"m-1","messages":[{"role":"user","content":"x"}]})");
  EXPECT_EQ(of_messages(user, R"(,"drop_params":true)"),
            R"({"model":"m-1","messages":[{"role":"user","content":"x"}]})"
            "\n! /messages/0/name|no rule of this provider reads \"name\" of a message; it is left out");
  EXPECT_EQ(of_messages(user, "", R"(,"ignores":{"message":["name"]})"),
            R"({"model":"m-1","messages":[{"role":"user","content":"x"}]})"
            "\n! /messages/0/name|no rule of this provider reads \"name\" of a message; it is left out");
  EXPECT_EQ(
      of_messages(R"([{"role":"tool","tool_call_id":"i","content":[{"type":"text","text":"x",)"
                  R"("cache_control":{"type":"ephemeral"}}],"is_error":true}])"),
      "/messages/0/is_error|no rule of this provider reads \"is_error\" of a message\n"
      "/messages/0/content/0/cache_control|no rule of this provider reads \"cache_control\" of a content "
      "part");
  EXPECT_EQ(of_messages("[]", R"(,"tools":[{"type":"function","function":{"name":"f","strict":true,)"
                              R"("parameters":{"unread":{"deep":1}}},"cache_control":{"type":"x"}}])"),
            "/tools/0/cache_control|no rule of this provider reads \"cache_control\" of a tool\n"
            "/tools/0/function/strict|no rule of this provider reads \"strict\" of a tool");
}

// What an SDK gives back of an answer: full of nulls, and of what vendors wrote.
TEST(request_checks, a_message_of_an_sdk_builds) {
  EXPECT_EQ(of_messages(R"([{"role":"assistant","content":"x","refusal":null,"annotations":[],"audio":null,)"
                        R"("function_call":null,"tool_calls":null,"parsed":{},"name":""}])"),
            R"({"model":"m-1","messages":[{"role":"assistant","content":"x"}]})");
  EXPECT_EQ(
      of_messages(R"([{"role":"assistant","content":null,"reasoning_content":"r","annotations":[{"a":1}],)"
                  R"("provider_state":{"other":{"v":1}},"tool_calls":[{"id":"i","index":0,"type":"function",)"
                  R"("function":{"name":"f","arguments":"{}"},"extra_content":{"g":1}}]}])"),
      R"({"model":"m-1","messages":[{"role":"assistant","calls":[{"id":"i","name":"f","args":"{}"}]}]})"
      "\n! /messages/0/reasoning_content|no rule of this provider reads \"reasoning_content\" of a message; "
      "it is left out"
      "\n! /messages/0/annotations|no rule of this provider reads \"annotations\" of a message; it is left "
      "out"
      "\n! /messages/0/tool_calls/0/index|no rule of this provider reads \"index\" of a tool call; it is "
      "left out"
      "\n! /messages/0/tool_calls/0/extra_content|no rule of this provider reads \"extra_content\" of a tool "
      "call; it is left out"
      "\n! /messages/0/provider_state|no rule of this provider reads \"provider_state\" of a message; it is "
      "left out");
}

// A message whose own array goes back to its vendor loses nothing; another dialect's state is left out.
TEST(request_checks, kept_state) {
  const std::string members = R"("messages":{"each":"param:messages[*]","as":{"first":[{"kept":true},)"
                              R"({"fields":{"role":"@.role","content":"@.content"}}]}})";
  const auto run = [&](const char* dialect) {
    checked one("1.2", members,
                R"({"messages":[{"role":"assistant","content":"x","annotations":[1],"provider_state":)"
                R"({"mine":{"v":1,"content":"[]","digest":"0"}}}]})",
                "{}", R"(,"dialect":")" + std::string(dialect) + "\"");
    one.run();
    std::string told;
    for (const finding& warning : one.made.value().warnings) told += warning.input + " ";
    return told;
  };
  EXPECT_EQ(run("mine").find("annotations"), std::string::npos);
  EXPECT_EQ(run("theirs"), "/messages/0/annotations /messages/0/provider_state/mine ");
}

TEST(request_checks, what_stands_inside_a_part_is_told_and_no_more) {
  EXPECT_EQ(
      of_messages(R"([{"role":"user","content":[{"type":"image_url","image_url":{"url":"u",)"
                  R"("detail":"low"}}]}])"),
      R"({"model":"m-1","messages":[{"role":"user","content":[{"type":"image_url","url":"u"}]}]})"
      "\n! /messages/0/content/0/image_url/detail|no rule of this provider reads \"detail\" of a content "
      "part; it is left out");
}

TEST(request_checks, one_finding_for_many_messages) {
  std::string many;
  for (int n = 0; n < 20'000; ++n)
    many +=
        std::string(n ? "," : "") + R"({"role":"user","content":[{"type":"text","text":"x","z":1}],"y":1})";
  checked one("1.2", "\"messages\":" + chat_messages, R"({"messages":[)" + many + "]}");
  EXPECT_EQ(
      one.run(),
      "/messages/0/y|no rule of this provider reads \"y\" of a message (nor in 19999 more)\n"
      "/messages/0/content/0/z|no rule of this provider reads \"z\" of a content part (nor in 19999 more)");
}

TEST(request_checks, extra_headers) {
  checked good("1.2", R"("t":"param:temperature")",
               R"({"extra_headers":{"anthropic-beta":"a","X-Empty":null}})");
  EXPECT_EQ(good.run(), R"({"model":"m-1"})");
  using pairs = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(good.made->headers, (pairs{{"anthropic-beta", "a"}}));
  EXPECT_EQ(good.made->trace.back().note, "extra_headers");
  for (const char* name : {"Authorization", "x-api-key", "Host", "Connection", "Transfer-Encoding", "Cookie",
                           "Proxy-Authorization", "Content-Length", "X-Forwarded-Host", "api_key"}) {
    checked bad("1.2", R"("t":"param:temperature")",
                R"({"extra_headers":{")" + std::string(name) + R"(":"v"}})");
    EXPECT_NE(bad.run().find("may not be set by extra_headers"), std::string::npos) << name;
  }
  for (const char* value : {"1", "\"a\\nb\"", "\"\\u4e00\"", "{}", "true"}) {
    checked bad("1.2", R"("t":"param:temperature")",
                R"({"extra_headers":{"X-A":)" + std::string(value) + "}}");
    EXPECT_NE(bad.run().find("must be a text"), std::string::npos) << value;
  }
  checked twice("1.2", R"("t":"param:temperature")", R"({"extra_headers":{"X-Rule":"v"}})", "{}",
                R"(,"headers":{"x-rule":{"value":"r"}})");
  EXPECT_NE(twice.run().find("it is set already"), std::string::npos);
  EXPECT_EQ(checked("1.2", R"("t":"param:temperature")", R"({"extra_headers":[]})").run(),
            "/extra_headers|extra_headers must be an object, not array");
}

TEST(request_checks, extra_body_of_one_provider) {
  const std::string params =
      R"({"extra_body":{"safe":true,"mistral":{"safe":false,"own":1},"openai":{"theirs":1},"plain":{"a":1}}})";
  checked one("1.2", R"("t":"param:temperature")", params);
  one.input.provider_name = "mistral";
  one.input.provider_of = [](std::string_view name) {
    return std::string(name == "openai" ? "chatgpt" : name == "mistral" ? "mistral" : "");
  };
  EXPECT_EQ(one.run(), R"({"model":"m-1","plain":{"a":1},"safe":false,"own":1})");
  checked older("1.1", R"("t":"param:temperature")", params);
  older.input = one.input;
  EXPECT_EQ(older.run(),
            R"({"model":"m-1","safe":true,"mistral":{"safe":false,"own":1},"openai":{"theirs":1},)"
            R"("plain":{"a":1}})");
}

TEST(request_checks, what_the_reader_replaced_is_told) {
  checked one("1.2", R"("t":"param:temperature")", "{}");
  one.input.replaced.nulls = 2;
  one.input.replaced.surrogates = 1;
  EXPECT_EQ(one.run(),
            R"({"model":"m-1"})"
            "\n! |2 \\u0000 in texts became U+FFFD\n! |1 halves of surrogate pairs in texts became "
            "U+FFFD");
}

// Paths into messages: what no message can have is told when the config is looked at.
TEST(request_checks, paths_that_name_no_member_are_warned_of) {
  const auto problems = [](const std::string& rule) {
    std::string all;
    for (const problem& one :
         compile_request(document(R"({"version":"1.2","payload_structure":{"model":"param:model_name",)"
                                  R"("messages":{"each":"param:messages[*]","as":)" +
                                  rule + "}}}"))
             .problems)
      all += one.pointer + "|" + severity_name(one.level) + "|" + one.message + "|" + one.hint + "\n";
    return all;
  };
  EXPECT_EQ(
      problems(R"({"fields":{"r":"@.role","c":"@.contnet"}})"),
      "/payload_structure/messages/as/fields/c|warning|no message has a member \"contnet\"|did you mean "
      "\"content\"?\n");
  EXPECT_EQ(
      problems(R"({"fields":{"c":{"each":"@.content[*]","as":"@.txt"},"t":{"each":"@.tool_calls[*]",)"
               R"("as":"@.function.argument"}}})"),
      "/payload_structure/messages/as/fields/c/as|warning|no content part has a member \"txt\"|did you mean "
      "\"text\"?\n"
      "/payload_structure/messages/as/fields/t/as|warning|no tool call has a member \"argument\"|did you "
      "mean "
      "\"arguments\"?\n");
  EXPECT_EQ(problems(R"("@.provider_state.mine.whatever")"), "");
}

TEST(request_checks, no_shipped_mapping_names_a_member_that_there_is_not) {
  shipped::catalog ships;
  json::tree out;
  for (const shipped::provider& one : ships.providers()) {
    json::item* config = out.copy(one.request_config);
    out.put(config, "version", out.string("1.2"));
    for (const problem& found : compile_request(json::view(config)).problems)
      EXPECT_STRNE(found.code.c_str(), "unknown_member_of_message") << one.name() << found.message;
  }
}

}  // namespace
}  // namespace llm_admin::mapping
