#include <gtest/gtest.h>

#include "core/error.hpp"
#include "core/mapping/compile/compile.hpp"
#include "core/mapping/request/request.hpp"
#include "unit/json_text.hpp"

namespace llm_admin::mapping {
namespace {

using test::document;
using test::text_of;

// A config and one call; what was built, or the findings as "input|rule|message" lines.
struct call {
  document config, params, provider{"{}"}, capabilities{"{}"};
  request_input input;
  json::tree out;
  std::optional<built_request> made;
  std::vector<finding> findings;

  call(const std::string& members, const std::string& params_text)
      : config(
            R"({"version":"1.0","payload_structure":{"model":{"source":"param:model_name","required":true},)"
            R"("messages":{"source":"param:messages"})" +
            (members.empty() ? "" : "," + members) + "}}"),
        params(params_text) {
    input.default_model = "default-m";
    input.trace = true;
  }

  std::string run() {
    const auto compiled = compile_request(config);
    EXPECT_NE(compiled.program, nullptr) << render(compiled.problems);
    if (!compiled.program) return "no program";
    input.params = params;
    input.provider_columns = provider;
    input.model_capabilities = capabilities;
    made = try_build(*compiled.program, input, out, findings);
    std::string lines;
    for (const finding& one : findings) {
      EXPECT_TRUE(test::resolves(params, one.input)) << one.input;
      EXPECT_TRUE(test::resolves(config, one.rule)) << one.rule;
      lines += (lines.empty() ? "" : "\n") + one.input + "|" + one.rule + "|" + one.message;
    }
    if (!made) return lines;
    const std::string body = text_of(made->body);
    for (const trace_entry& one : made->trace) {
      if (one.pointer.find(':') == std::string::npos) {
        EXPECT_TRUE(test::resolves(document(body), one.pointer)) << one.pointer;
      }
      EXPECT_TRUE(test::resolves(config, one.rule_pointer));
    }
    return body;
  }
};

std::string built(const std::string& members, const std::string& params) {
  return call(members, params).run();
}

TEST(mapping_request, seed_shape) {
  EXPECT_EQ(built("", R"({"messages":[{"role":"user","content":"hi"}]})"),
            R"({"model":"default-m","messages":[{"role":"user","content":"hi"}]})");
  EXPECT_EQ(built("", R"({"model_name":"m"})"), R"({"model":"m"})");
  EXPECT_EQ(built("", R"({"model":"m","messages":null})"), R"({"model":"m"})");
}

TEST(mapping_request, places_url_and_query) {
  call one(
      R"("t":{"source":"param:temperature","path":"generationConfig.temperature"},)"
      R"("k":{"source":"param:top_k","path":"generationConfig.top\\.k"},"who":{"source":"param:user","path":"url:who"},)"
      R"("s":{"source":"param:stream","path":"query:stream"})",
      R"({"temperature":0.50,"top_k":3,"user":"a/b","stream":true})");
  EXPECT_EQ(one.run(), R"({"model":"default-m","generationConfig":{"temperature":0.50,"top.k":3}})");
  using pairs = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(one.made->url_holes, (pairs{{"who", "a/b"}}));
  EXPECT_EQ(one.made->query, (pairs{{"stream", "true"}}));
  EXPECT_EQ(one.made->model, "default-m");
  EXPECT_EQ(one.made->trace[1].pointer, "/generationConfig/temperature");
  EXPECT_EQ(one.made->trace[1].rule_pointer, "/payload_structure/t");
  for (const char* bad : {"\"\"", "\".\"", "\"..\"", "{}", "[1]"}) {
    call wrong(R"("who":{"source":"param:user","path":"url:who"})", std::string("{\"user\":") + bad + "}");
    EXPECT_NE(wrong.run().find("|/payload_structure/who|"), std::string::npos) << bad;
    EXPECT_FALSE(wrong.made);
  }
}

TEST(mapping_request, types_are_lossless) {
  auto value = [](const char* type, const char* given) {
    const std::string body = built(std::string(R"("x":{"source":"param:metadata","type":")") + type + "\"}",
                                   std::string("{\"metadata\":") + given + "}");
    const std::string start = R"({"model":"default-m","x":)";
    return body.starts_with(start) ? body.substr(start.size(), body.size() - start.size() - 1)
                                   : std::string("refused");
  };
  EXPECT_EQ(value("integer", "\"12\""), "12");
  EXPECT_EQ(value("integer", "\"-3\""), "-3");
  EXPECT_EQ(value("integer", "5.0"), "5");
  EXPECT_EQ(value("integer", "1e3"), "1000");
  EXPECT_EQ(value("integer", "1e90"), "1" + std::string(90, '0'));
  EXPECT_EQ(value("integer", "12345678901234567890123"), "12345678901234567890123");
  for (const char* bad : {"1.5", "\"1.0\"", "\"007\"", "\" 1\"", "\"\"", "true", "[1]", "{}", "\"1e3\""})
    EXPECT_EQ(value("integer", bad), "refused") << bad;
  EXPECT_EQ(value("number", "\"0.70\""), "0.70");
  EXPECT_EQ(value("number", "\"1e3\""), "1000");
  for (const char* bad : {"\"x\"", "\"0x1\"", "\"NaN\"", "\"1 \"", "true", "[1]"})
    EXPECT_EQ(value("number", bad), "refused") << bad;
  EXPECT_EQ(value("string", "1.50"), "\"1.50\"");
  EXPECT_EQ(value("string", "false"), "\"false\"");
  EXPECT_EQ(value("string", "[\"a\"]"), "refused");
  EXPECT_EQ(value("string", "{}"), "refused");
  EXPECT_EQ(value("boolean", "true"), "true");
  EXPECT_EQ(value("boolean", "\"true\""), "refused");
  EXPECT_EQ(value("boolean", "1"), "refused");
  EXPECT_EQ(value("array", "\"a\""), "[\"a\"]");
  EXPECT_EQ(value("array", "[1]"), "[1]");
  EXPECT_EQ(value("array", "{}"), "refused");
  EXPECT_EQ(value("object", "{\"a\":1}"), "{\"a\":1}");
  EXPECT_EQ(value("object", "[]"), "refused");
}

TEST(mapping_request, fields_default_join_and_several_paths) {
  const std::string rules =
      R"("o":{"fields":{"a":{"source":"param:seed"},"b":{"fields":{"c":"param:top_p"}},"d":{"default":true}}},)"
      R"("j":{"source":"param:messages[*].content","join":"; "},"p":{"paths":["param:top_k","param:temperature"],"default":9})";
  EXPECT_EQ(
      built(
          rules,
          R"({"seed":1,"temperature":2,"messages":[{"content":"x"},{"content":null},{"content":["y","z"]}]})"),
      R"({"model":"default-m","messages":[{"content":"x"},{"content":null},{"content":["y","z"]}],)"
      R"("o":{"a":1,"b":{},"d":true},"j":"x; y; z","p":2})");
  EXPECT_EQ(built(rules, "{}"), R"({"model":"default-m","o":{"b":{},"d":true},"p":9})");
  EXPECT_EQ(built(rules, R"({"messages":[{"content":"x"},{"content":5}]})"),
            "/messages/1/content|/payload_structure/j|join takes text, not number 5");
}

TEST(mapping_request, all_problems_at_once_with_pointers) {
  EXPECT_EQ(
      built(
          R"("n":{"source":"param:max_tokens","type":"integer"},"t":{"source":"param:temperature","type":"number"},)"
          R"("tools":{"source":"param:tools","required":true})",
          R"({"max_tokens":"many","temperature":{"a":1},"temprature":1,"top_k":5,"model":7})"),
      "/temprature||unknown parameter \"temprature\"; did you mean \"temperature\"?\n"
      "/top_k||no rule of this provider reads \"top_k\"\n"
      "/model|/payload_structure/model|model must be a text that is not empty\n"
      "/max_tokens|/payload_structure/n|max_output_tokens must be integer, not string \"many\"\n"
      "/temperature|/payload_structure/t|temperature must be number, not object {\"a\":1}\n"
      "|/payload_structure/tools|\"tools\" is required; give the parameter \"tools\"");
  EXPECT_EQ(built("", "[]"), "||the parameters must be an object, not array");
}

TEST(mapping_request, aliases) {
  EXPECT_EQ(built(R"("n":"param:max_completion_tokens")", R"({"max_tokens":5})"),
            R"({"model":"default-m","n":5})");
  EXPECT_EQ(built(R"("n":"param:max_completion_tokens")", R"({"max_tokens":5,"max_output_tokens":5})"),
            "/max_output_tokens||\"max_output_tokens\" and \"max_tokens\" name the same parameter; give one");
  EXPECT_EQ(built(R"("n":"param:max_completion_tokens")", R"({"max_tokens":5,"max_output_tokens":null})"),
            R"({"model":"default-m","n":5})");
}

TEST(mapping_request, model) {
  call none("", "{}");
  none.input.default_model = "";
  EXPECT_EQ(none.run(), "|/payload_structure/model|\"model\" is required; give the parameter \"model_name\"");
  EXPECT_EQ(built("", R"({"model_name":""})"),
            "/model_name|/payload_structure/model|model must be a text that is not empty");
}

TEST(mapping_request, drop_params) {
  call one("", R"({"top_k":5,"max_tokens":3,"drop_params":true})");
  EXPECT_EQ(one.run(), R"({"model":"default-m"})");
  EXPECT_EQ(one.made->dropped, (std::vector<std::string>{"top_k", "max_tokens"}));
  EXPECT_EQ(built("", R"({"drop_params":"yes"})"), "/drop_params||drop_params must be true or false");
  EXPECT_EQ(built("", R"({"topk":5,"drop_params":true})"),
            "/topk||unknown parameter \"topk\"; did you mean \"top_k\"?");
}

TEST(mapping_request, limit_on_output_tokens) {
  auto limited = [](const std::string& params,
                    const char* rule = R"({"source":"param:max_tokens","path":"o.n","default":200})") {
    call one(std::string("\"n\":") + rule, params);
    one.input.max_output_tokens_limit = 100;
    return one.run();
  };
  EXPECT_EQ(limited(R"({"max_tokens":100})"), R"({"model":"default-m","o":{"n":100}})");
  for (const char* over : {"101", "100.5e1", "\"101\"", "1e30"})
    EXPECT_TRUE(
        limited(std::string("{\"max_tokens\":") + over + "}").starts_with("/max_tokens||max_output_tokens "))
        << over;
  EXPECT_TRUE(
      limited(R"({"max_tokens":"x"})").starts_with("/max_tokens||max_output_tokens must be an integer"));
  EXPECT_EQ(limited("{}"),
            "|/payload_structure/n|max_output_tokens 200 is more than the provider's limit of 100");
  const char* plain = R"({"source":"param:max_tokens","path":"o.n"})";
  for (const char* extra :
       {R"({"max_tokens":500})", R"({"max_completion_tokens":500})", R"({"o":{"n":500}})"}) {
    EXPECT_NE(limited(std::string("{\"extra_body\":") + extra + "}", plain)
                  .find("extra_body cannot set max_output_tokens"),
              std::string::npos)
        << extra;
  }
  EXPECT_EQ(limited(R"({"extra_body":{"o":{"m":1}}})", plain), R"({"model":"default-m","o":{"m":1}})");
}

TEST(mapping_request, clamped_output_is_the_limit_and_a_warning) {
  const auto limited = [](const std::string& params, std::optional<std::int64_t> limit = 100) {
    call one(R"("n":{"source":"param:max_tokens","path":"o.n"})", params);
    one.input.max_output_tokens_limit = limit;
    one.input.clamp_output = true;
    std::string said = one.run();
    if (!one.made) return said;
    for (const finding& warning : one.made->warnings) said += " " + warning.input + "|" + warning.message;
    return said + " " + (one.made->output_limit ? std::to_string(*one.made->output_limit) : "none");
  };
  const std::string clamped =
      R"({"model":"default-m","o":{"n":100}} /max_tokens|more than the provider's limit of 100 is asked for; the limit is sent 100)";
  for (const char* over : {"101", "100.5e1", "\"101\"", "1e30", "1e300", "99999999999999999999"})
    EXPECT_EQ(limited(std::string("{\"max_tokens\":") + over + "}"), clamped) << over;
  EXPECT_EQ(limited(R"({"max_tokens":100})"), R"({"model":"default-m","o":{"n":100}} 100)");
  EXPECT_EQ(limited(R"({"max_tokens":1})"), R"({"model":"default-m","o":{"n":1}} 100)");
  EXPECT_EQ(limited("{}"), R"({"model":"default-m"} 100)");
  EXPECT_EQ(limited(R"({"max_tokens":1000})", std::nullopt), R"({"model":"default-m","o":{"n":1000}} none)");
  // What is no number is refused as ever, and so is what would go around it.
  for (const char* none : {"\"x\"", "1.5", "true", "[]", "{}"})
    EXPECT_TRUE(limited(std::string("{\"max_tokens\":") + none + "}")
                    .starts_with("/max_tokens||max_output_tokens must be"))
        << none;
  EXPECT_NE(limited(R"({"max_tokens":1000,"extra_body":{"max_tokens":500}})").find("extra_body cannot set"),
            std::string::npos);
}

TEST(mapping_request, extra_body_merges_below_and_never_over) {
  const std::string rules =
      R"("o":{"fields":{"a":"param:seed","m":"param:metadata"}},"who":{"source":"param:user","path":"url:h"})";
  EXPECT_EQ(
      built(
          rules,
          R"({"seed":1,"metadata":{"k":{"x":1}},"extra_body":{"o":{"b":null,"m":{"k":{"y":[2]}}},"new":{"z":{}}}})"),
      R"({"model":"default-m","o":{"a":1,"m":{"k":{"x":1,"y":[2]}},"b":null},"new":{"z":{}}})");
  auto refused = [&](const char* extra, const char* at) {
    const std::string lines =
        built(rules, std::string(R"({"seed":1,"metadata":{"k":1},"extra_body":)") + extra + "}");
    EXPECT_TRUE(lines.starts_with(at + std::string("||extra_body cannot "))) << extra << " gave " << lines;
  };
  refused(R"({"model":"x"})", "/extra_body/model");
  refused(R"({"o":{"a":2}})", "/extra_body/o/a");
  refused(R"({"o":{"a":null}})", "/extra_body/o/a");
  refused(R"({"o":{"m":{"k":{}}}})", "/extra_body/o/m/k");
  refused(R"({"o":5})", "/extra_body/o");
  refused(R"({"h":5})", "/extra_body/h");
  refused(R"({"who":5})", "/extra_body/who");
  EXPECT_EQ(built("", R"({"extra_body":[1]})"), "/extra_body||extra_body must be an object, not array");
}

TEST(mapping_request, extra_body_cannot_reach_a_model_placed_elsewhere) {
  const document config(
      R"({"version":"1.0","payload_structure":{"model":{"source":"param:model","path":"in.model_id"},"messages":{"source":"param:messages"}}})");
  const auto compiled = compile_request(config);
  for (const char* extra : {R"({"in":{"model_id":"x"}})", R"({"model":"x"})", R"({"in":"x"})"}) {
    const document params(std::string("{\"model\":\"m\",\"extra_body\":") + extra + "}");
    request_input input;
    input.params = params;
    json::tree out;
    EXPECT_THROW(build(*compiled.program, input, out), error) << extra;
  }
}

TEST(mapping_request, provider_and_capability_sources) {
  call one(R"("p":{"source":"provider:provider_name"},"c":{"source":"model:max_thinking"})",
           R"({"model":"gpt-5"})");
  one.provider = document(R"({"provider_name":"groq"})");
  one.capabilities = document(R"({"max_thinking":1,"gpt-*":{"max_thinking":2}})");
  EXPECT_EQ(one.run(), R"({"model":"gpt-5","p":"groq","c":2})");
}

TEST(mapping_request, raises_one_error_with_everything) {
  call one("", R"({"top_k":1,"bad":2})");
  const auto compiled = compile_request(one.config);
  one.input.params = one.params;
  try {
    build(*compiled.program, one.input, one.out);
    FAIL() << "built";
  } catch (const error& raised) {
    EXPECT_STREQ(raised.sqlstate(), "LA002");
    EXPECT_EQ(
        raised.detail(),
        "unknown parameter \"bad\" (input /bad)\nno rule of this provider reads \"top_k\" (input /top_k)");
    EXPECT_NE(raised.hint().find("drop_params"), std::string::npos);
  }
}

TEST(mapping_request, bounds) {
  std::string rules;
  for (int n = 0; n < 100; ++n) rules += (n ? ",\"x" : "\"x") + std::to_string(n) + R"(":"param:metadata")";
  call wide(rules, R"({"metadata":")" + std::string(10000, 'a') + "\"}");
  wide.input.limits.max_output_bytes = 500000;
  EXPECT_THROW(wide.run(), error);
  call joined(R"("x":{"source":"param:metadata[*]","join":""})",
              R"({"metadata":["aaaaaaaaaa","bbbbbbbbbb"]})");
  joined.input.limits.max_output_bytes = 15;
  EXPECT_THROW(joined.run(), error);
  call busy(R"("x":{"source":"param:metadata[?(@ == 1)]"})", R"({"metadata":[0,0,0,0,0,0,0,0]})");
  busy.input.limits.max_matches = 8;
  EXPECT_THROW(busy.run(), error);
}

TEST(mapping_request, large_values_are_borrowed) {
  call one("", R"({"messages":[")" + std::string(1 << 20, 'a') + "\"]}");
  one.run();
  ASSERT_TRUE(one.made);
  EXPECT_LT(one.out.bytes(), 16384u);
  EXPECT_LE(one.made->steps, 10u);
}

}  // namespace
}  // namespace llm_admin::mapping
