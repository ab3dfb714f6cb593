#include <gtest/gtest.h>

#include "core/error.hpp"
#include "core/mapping/compile/compile.hpp"
#include "core/mapping/request/request.hpp"
#include "core/mapping/response/operation.hpp"
#include "unit/json_text.hpp"

namespace llm_admin::mapping {
namespace {

using test::document;
using test::text_of;
using pairs = std::vector<std::pair<std::string, std::string>>;

// A config of version 1.1 with `members` beside its payload_structure and `rules` in it, and one call.
struct call {
  document config, params;
  request_input input;
  json::tree out;
  compiled<request_program> compiled_config;
  std::optional<built_request> made;
  std::vector<finding> findings;

  call(const std::string& members, const std::string& rules, const std::string& params_text,
       const char* operation = nullptr)
      : config(R"({"version":"1.1","payload_structure":{"model":"param:model_name",)"
               R"("messages":"param:messages")" +
               (rules.empty() ? "" : "," + rules) + "}" + (members.empty() ? "" : "," + members) + "}"),
        params(params_text),
        compiled_config(compile_request(config)) {
    EXPECT_NE(compiled_config.program, nullptr) << render(compiled_config.problems);
    if (!compiled_config.program) return;
    input.default_model = "default-m";
    input.params = params;
    input.trace = true;
    if (operation != nullptr) {
      input.call = compiled_config.program->operation(operation);
      EXPECT_NE(input.call, nullptr);
    }
  }

  // The body, or the findings as "input|rule|message" lines.
  std::string run() {
    if (!compiled_config.program) return "no program";
    made = try_build(*compiled_config.program, input, out, findings);
    std::string lines;
    for (const finding& one : findings) {
      EXPECT_TRUE(test::resolves(params, one.input)) << one.input;
      EXPECT_TRUE(test::resolves(config, one.rule)) << one.rule;
      lines += (lines.empty() ? "" : "\n") + one.input + "|" + one.rule + "|" + one.message;
    }
    if (!made) return lines;
    return made->body == nullptr ? "no body" : text_of(made->body);
  }

  // pointer|rule|value|note, a line each; pointers into the body name what is there.
  std::string trace() {
    std::string lines;
    const std::string body = run();
    if (!made) return lines;
    for (const trace_entry& one : made->trace) {
      EXPECT_TRUE(test::resolves(config, one.rule_pointer)) << one.rule_pointer;
      if (one.pointer.starts_with('/')) {
        EXPECT_TRUE(test::resolves(document(body), one.pointer)) << one.pointer;
      }
      lines += one.pointer + "|" + one.rule_pointer + "|" + text_of(one.value) + "|" + one.note + "\n";
    }
    return lines;
  }
};

const std::string operations =
    R"("operations":{"test":{"path":"/models","query":{"limit":{"value":1}}},"embed":{"path":"/{where}/embed",)"
    R"("payload_structure":{"input":{"source":"param:input","required":true},"model":"param:model_name",)"
    R"("where":{"source":"param:metadata.where","path":"url:where"}}},"count":{"payload_structure":{"messages":"param:messages"}},)"
    R"("list_models":{"path":"/models","extract":{"source":"$.data[*].id","all":true}}})";

TEST(mapping_operations, without_a_body) {
  call one(operations, "", "{}", "test");
  EXPECT_EQ(one.run(), "no body");
  EXPECT_EQ(one.made->method, "GET");
  EXPECT_EQ(one.made->path, "/models");
  EXPECT_EQ(one.made->query, (pairs{{"limit", "1"}}));
  EXPECT_EQ(one.made->model, "");
  EXPECT_EQ(call(operations, "", R"({"extra_body":{"a":1}})", "test").run(),
            "/extra_body||operation test has no body that extra_body could go into");
  EXPECT_EQ(call(operations, "", R"({"messages":[]})", "test").run(),
            "/messages||no rule of operation test reads \"messages\"");
  EXPECT_EQ(call(operations, "", R"({"messages":[],"drop_params":true})", "test").run(), "no body");
}

TEST(mapping_operations, with_a_body) {
  call one(operations, "", R"({"input":["a","b"],"metadata":{"where":"x"},"extra_body":{"dimensions":8}})",
           "embed");
  EXPECT_EQ(one.run(), R"({"input":["a","b"],"model":"default-m","dimensions":8})");
  EXPECT_EQ(one.made->method, "POST");
  EXPECT_EQ(one.made->path, "/{where}/embed");
  EXPECT_EQ(one.made->url_holes, (pairs{{"where", "x"}}));
  EXPECT_EQ(one.made->model, "default-m");
  EXPECT_EQ(
      call(operations, "", R"({"metadata":{"where":".."},"extra_body":{"where":1,"model":"x"}})", "embed")
          .run(),
      "|/operations/embed/payload_structure/where|\"..\" cannot be a part of the URL's path\n"
      "|/operations/embed/payload_structure/input|\"input\" is required; give the parameter \"input\"\n"
      "/extra_body/where||extra_body cannot set where, which goes into the URL\n"
      "/extra_body/model||extra_body cannot set the model; give model_name");
  // An operation without a rule for the model needs none.
  call count(operations, "", R"({"messages":[1]})", "count");
  count.input.default_model = "";
  EXPECT_EQ(count.run(), R"({"messages":[1]})");
  EXPECT_EQ(count.made->path, "");
}

// Told with everything else, and by the rule that could have filled it.
TEST(mapping_operations, holes_that_nothing_fills) {
  const auto outcome = [](const std::string& params) {
    call one("", R"("region":{"source":"param:user","path":"url:region"})", params);
    one.input.base_path = "/v1/{resource}";
    one.input.endpoint_path = "/{region}/chat";
    return one.run();
  };
  EXPECT_EQ(outcome(R"({"seed":1})"),
            "/seed||no rule of this provider reads \"seed\"\n"
            "||nothing fills {resource} in the URL\n"
            "|/payload_structure/region|nothing fills {region} in the URL");
  EXPECT_EQ(outcome(R"({"user":"eu"})"), "||nothing fills {resource} in the URL");
  EXPECT_EQ(outcome(R"({"user":".."})"),
            "|/payload_structure/region|\"..\" cannot be a part of the URL's path\n"
            "||nothing fills {resource} in the URL");
}

TEST(mapping_operations, chat_is_not_touched_by_them) {
  call one(operations, "", R"({"messages":[]})");
  EXPECT_EQ(one.run(), R"({"model":"default-m","messages":[]})");
  EXPECT_EQ(one.made->method, "");
  EXPECT_EQ(one.made->path, "");
  EXPECT_TRUE(one.made->query.empty());
  EXPECT_EQ(call(operations, "", R"({"messages":[],"input":"x"})").run(),
            "/input||no rule of this provider reads \"input\"");
}

TEST(mapping_operations, headers) {
  const std::string headers = R"("headers":{"X-A":"param:user","X-B":{"value":5},"X-C":"param:seed"})";
  call one(headers, "", R"({"user":"u é"})");
  EXPECT_EQ(one.run(), R"({"model":"default-m"})");
  EXPECT_EQ(one.made->headers, (pairs{{"X-A", "u é"}, {"X-B", "5"}}));
  for (const char* bad : {R"("a\r\nX: 1")", R"("a\n")", R"("a\tb")", R"("\u0000")", R"("\u007f")"}) {
    call wrong(headers, "", std::string("{\"user\":") + bad + "}");
    EXPECT_EQ(wrong.run(), "|/headers/X-A|the value of header X-A holds control characters") << bad;
  }
  // U+010A ends a line where only the low byte of a character is sent.
  for (const char* bad : {"x\xC4\x8D\xC4\x8AHost: evil", "\xE6\x97\xA5", "a\xC2\x85z"}) {
    call wrong(headers, "", std::string("{\"user\":\"") + bad + "\"}");
    EXPECT_EQ(wrong.run(), "|/headers/X-A|the value of header X-A holds characters that are not in Latin-1")
        << bad;
  }
  EXPECT_EQ(call(headers, "", R"({"user":["a"]})").run(),
            "|/headers/X-A|the value of a header must be a text, a number or a boolean, not array");
  // For operations, too.
  call listed(headers + "," + operations, "", R"({"user":"u"})", "list_models");
  EXPECT_EQ(listed.run(), "no body");
  EXPECT_EQ(listed.made->headers, (pairs{{"X-A", "u"}, {"X-B", "5"}}));
}

TEST(mapping_operations, texts_outside_the_body_are_bounded_together) {
  const std::string members =
      R"("headers":{"X-A":"param:user","X-B":"param:user"},"query":{"q":"param:user"})";
  call fits(members, "", "{\"user\":\"" + std::string(300, 'a') + "\"}");
  fits.input.limits.max_output_bytes = 900;
  EXPECT_NE(fits.run(), "");
  EXPECT_TRUE(fits.made);
  call large(members, "", "{\"user\":\"" + std::string(301, 'a') + "\"}");
  large.input.limits.max_output_bytes = 900;
  EXPECT_THROW(large.run(), error);
}

TEST(mapping_operations, streaming_path) {
  const std::string path = R"("streaming_path":"/stream")";
  call yes(path, "", R"({"stream":true})");
  EXPECT_EQ(yes.run(), R"({"model":"default-m"})");
  EXPECT_EQ(yes.made->path, "/stream");
  call no(path, "", R"({"stream":false})");
  no.run();
  EXPECT_EQ(no.made->path, "");
  EXPECT_EQ(call(path, "", R"({"stream":1})").run(), "/stream||stream must be true or false");
  // Said once where a rule reads it, too.
  EXPECT_EQ(call(path, R"("stream":{"source":"param:stream","type":"boolean"})", R"({"stream":1})").run(),
            "/stream|/payload_structure/stream|stream must be boolean, not number 1");
  EXPECT_EQ(call("", "", R"({"stream":true})").run(), "/stream||no rule of this provider reads \"stream\"");
}

TEST(mapping_operations, splice_place) {
  const std::string rules = R"("user":"param:user","...":"param:metadata")";
  EXPECT_EQ(
      call("", rules, R"({"user":"u","metadata":{"user":1,"model":"x","messages":[],"a":{"b":1}}})").run(),
      R"({"model":"default-m","user":"u","messages":[],"a":{"b":1}})");
  EXPECT_EQ(call("", rules, R"({"metadata":"x"})").run(),
            "|/payload_structure/...|what is spliced into the body must be an object, not string");
  EXPECT_EQ(call("", rules, R"({"metadata":{"a":{"b":1}},"extra_body":{"a":{"c":2},"d":3}})").run(),
            R"({"model":"default-m","a":{"b":1,"c":2},"d":3})");
  EXPECT_EQ(call("", rules, R"({"metadata":{"a":1},"extra_body":{"a":2}})").run(),
            "/extra_body/a||extra_body cannot change /a, which a rule made");
  // A model that goes elsewhere, and the names that the limit guards.
  call limited("", R"("...":"param:metadata")",
               R"({"metadata":{"max_tokens":9,"max_completion_tokens":9,"max_output_tokens":9,"b":1}})");
  limited.input.max_output_tokens_limit = 5;
  EXPECT_EQ(limited.run(), R"({"model":"default-m","b":1})");
}

// Steps grow with the members of both, not with their product; so does the work.
TEST(mapping_operations, extra_body_meets_many_members) {
  std::string made, extra;
  for (int n = 0; n < 3000; ++n) {
    const std::string number = std::to_string(n);
    made += (n == 0 ? "\"m" : ",\"m") + number + "\":" + number;
    extra += (n == 0 ? "\"e" : ",\"e") + number + "\":" + number;
  }
  call one("", R"("...":"param:metadata")", R"({"metadata":{)" + made + R"(},"extra_body":{)" + extra + "}}");
  EXPECT_EQ(one.run(), R"({"model":"default-m",)" + made + "," + extra + "}");
  ASSERT_TRUE(one.made);
  EXPECT_LT(one.made->steps, 20000U);
}

TEST(mapping_operations, limit_on_output_tokens_inside_objects) {
  const std::string rules =
      R"("config":{"fields":{"out":{"source":"param:max_output_tokens","default":200},"k":"param:top_k"}})";
  auto limited = [&](const std::string& params) {
    call one("", rules, params);
    one.input.max_output_tokens_limit = 100;
    return one.run();
  };
  EXPECT_EQ(
      limited("{}"),
      "|/payload_structure/config/fields/out|max_output_tokens 200 is more than the provider's limit of 100");
  EXPECT_EQ(limited(R"({"max_tokens":10,"extra_body":{"config":{"out":500}}})"),
            "/extra_body/config/out||extra_body cannot set max_output_tokens; give it as a parameter");
  EXPECT_EQ(limited(R"({"max_tokens":10,"extra_body":{"config":{"x":5}}})"),
            R"({"model":"default-m","config":{"out":10,"x":5}})");
  EXPECT_EQ(call("", rules, "{}").run(), R"({"model":"default-m","config":{"out":200}})");
}

TEST(mapping_operations, limit_on_output_tokens_below_a_switch) {
  const std::string rules =
      R"("config":{"switch":[{"when":{"path":"param:user","exists":true},"then":{"fields":{"k":"param:user"}}},)"
      R"({"then":{"fields":{"out":"param:max_output_tokens"}}}]})";
  for (const char* user : {"", R"("user":"u",)"}) {
    call one("", rules, std::string("{") + user + R"("extra_body":{"config":{"out":500}}})");
    one.input.max_output_tokens_limit = 100;
    EXPECT_EQ(one.run(),
              "/extra_body/config/out||extra_body cannot set max_output_tokens; give it as a parameter");
  }
}

TEST(mapping_operations, trace_names_the_innermost_rule) {
  call one(
      R"("defs":{"part":{"fields":{"kind":{"value":"t"},"text":"@.content"}}},)"
      R"("headers":{"X-U":"param:user"},"query":{"q":{"value":1}})",
      R"("in":{"each":"param:messages[*]","as":{"use":"part"}},)"
      R"("c":{"switch":[{"when":{"path":"param:seed","eq":1},"then":{"value":{"a":1}}},{"then":{"source":"param:seed"}}]},)"
      R"("n":{"source":"param:top_k","default":7},"u":{"source":"param:user","path":"url:u"},"...":"param:metadata")",
      R"({"messages":[{"content":"A"}],"seed":2,"user":"U","metadata":{"z":[1]},"extra_body":{"e":null},)"
      R"("top_p":1,"drop_params":true})");
  const std::string lines = one.trace();
  for (const char* line :
       {"/messages|/payload_structure/messages|[{\"content\":\"A\"}]|\n",
        "/model|/payload_structure/model|\"default-m\"|default_model\n", "||1|dropped top_p\n",
        "/in/0/kind|/defs/part/fields/kind|\"t\"|\n", "/in/0/text|/defs/part/fields/text|\"A\"|\n",
        "/c|/payload_structure/c/switch/1/then|2|\n", "/n|/payload_structure/n|7|default\n",
        "url:u|/payload_structure/u|\"U\"|\n", "query:q|/query/q|1|\n", "header:X-U|/headers/X-U|\"U\"|\n",
        "/z|/payload_structure/...|[1]|\n", "/e||null|extra_body\n"}) {
    EXPECT_NE(lines.find(line), std::string::npos) << line << " is not in\n" << lines;
  }
}

TEST(mapping_operations, trace_shows_values_as_the_rule_made_them) {
  call one("", R"("m":"param:metadata")", R"({"metadata":{"a":1},"extra_body":{"m":{"b":2}}})");
  EXPECT_EQ(one.trace(),
            "/model|/payload_structure/model|\"default-m\"|default_model\n"
            "/m|/payload_structure/m|{\"a\":1}|\n/m/b||2|extra_body\n");
  EXPECT_EQ(text_of(one.made->body), R"({"model":"default-m","m":{"a":1,"b":2}})");
}

TEST(mapping_operations, extract) {
  const call one(operations, "", "{}");
  const auto& extracts = one.compiled_config.program->extracts;
  ASSERT_EQ(extracts.size(), 1u);
  const rule_set& rules = extracts.at("list_models");
  auto found = [&](const char* response) {
    const document given(response);
    response_input input;
    input.document = given;
    json::tree out;
    std::vector<finding> findings;
    const json::item* value = extract_operation(rules, input, out, findings);
    EXPECT_EQ(value == nullptr, !findings.empty());
    return value != nullptr ? text_of(value) : findings[0].rule + "|" + findings[0].message;
  };
  EXPECT_EQ(found(R"({"data":[{"id":"a"},{"id":"b"},{}]})"), R"(["a","b"])");
  EXPECT_EQ(found(R"({"data":[]})"), "/operations/list_models/extract|nothing was found");
  EXPECT_EQ(found("null"), "/operations/list_models/extract|nothing was found");
}

TEST(mapping_operations, a_hole_of_several_segments) {
  const auto built_url = [](const std::string& user) {
    const test::document config(
        R"({"version":"1.2","payload_structure":{"model":"param:model_name",)"
        R"("messages":"param:messages","w":{"source":"param:user","path":"url:+w"}}})");
    const test::document params(R"({"model":"m","messages":[],"user":")" + user + "\"}");
    const auto program = compile_request(config).program;
    request_input in;
    in.params = params;
    json::tree out;
    std::vector<finding> findings;
    const auto made = try_build(*program, in, out, findings);
    if (!made) return render(findings);
    EXPECT_EQ(made->segmented_holes, std::vector<std::string>{"w"});
    return made->url_holes[0].second;
  };
  EXPECT_EQ(built_url("a/b c/d"), "a/b c/d");
  for (const char* wrong : {"", "/a", "a/", "a//b", "a/./b", "a/..", ".."})
    EXPECT_NE(built_url(wrong).find("cannot be a part of the URL's path"), std::string::npos) << wrong;
}

TEST(mapping_operations, rules_of_a_get_fill_its_url) {
  call one(
      R"("operations":{"get_model":{"method":"GET","path":"/models/{model}","payload_structure":{)"
      R"("model":{"source":"param:model_name","path":"url:model"},"who":{"source":"param:user","path":"query:who"}}}})",
      "", R"({"model":"a/b","user":"ann"})", "get_model");
  EXPECT_EQ(one.run(), "no body");
  EXPECT_EQ(one.made->url_holes, (pairs{{"model", "a/b"}}));
  EXPECT_EQ(one.made->query, (pairs{{"who", "ann"}}));
}

}  // namespace
}  // namespace llm_admin::mapping
