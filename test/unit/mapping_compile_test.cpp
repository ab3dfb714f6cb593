#include <gtest/gtest.h>

#include <algorithm>

#include "core/mapping/compile/compile.hpp"
#include "core/mapping/params.hpp"
#include "unit/json_text.hpp"

namespace llm_admin::mapping {
namespace {

using test::document;

const std::string seed_request =
    R"({"version":"1.0","payload_structure":{"model":{"source":"param:model_name","required":true},"messages":{"source":"param:messages"}}})";
const std::string seed_response =
    R"({"version":"1.0","extraction_rules":{"text_content":{"type":"string","paths":["$.choices[0].message.content"]},"usage_stats":{"type":"object","fields":{"prompt_tokens":{"paths":["$.usage.prompt_tokens"]}}}}})";

// "pointer code" of each problem, warnings marked with ~; every pointer must resolve.
template <typename compiled_type>
std::vector<std::string> seen(const compiled_type& result, const document& config) {
  std::vector<std::string> out;
  for (const problem& one : result.problems) {
    EXPECT_TRUE(test::resolves(config, one.pointer)) << one.pointer;
    EXPECT_FALSE(one.message.empty());
    out.push_back((one.level == severity::warning ? "~" : "") + one.pointer + " " + one.code);
  }
  EXPECT_EQ(result.program == nullptr, has_errors(result.problems));
  return out;
}

std::vector<std::string> request(const std::string& text) {
  const document config(text);
  return seen(compile_request(config), config);
}
std::vector<std::string> response(const std::string& text) {
  const document config(text);
  return seen(compile_response(config), config);
}
// A request whose payload_structure also holds `members`.
std::vector<std::string> with(const std::string& members) {
  return request(
      R"({"version":"1.0","payload_structure":{"model":{"source":"param:model_name"},"messages":{"source":"param:messages"},)" +
      members + "}}");
}
using list = std::vector<std::string>;

TEST(mapping_compile, seed_shapes_have_no_problem) {
  EXPECT_EQ(request(seed_request), list{});
  EXPECT_EQ(response(seed_response), list{});
}

TEST(mapping_compile, seed_texts_to_the_letter) {
  const document empty("{}");
  EXPECT_EQ(compile_request(empty).problems.at(0).message,
            "request_builder_config must contain \"version\" field");
  EXPECT_EQ(compile_request(empty).problems.at(1).message,
            "request_builder_config must contain \"payload_structure\" object");
  EXPECT_EQ(compile_response(empty).problems.at(0).message,
            "response_extractor_config must contain \"version\" field");
  EXPECT_EQ(compile_response(empty).problems.at(1).message,
            "response_extractor_config must contain \"extraction_rules\" object");
  const document hollow(R"({"version":"1.0","payload_structure":{"model":null},"extraction_rules":{}})");
  EXPECT_EQ(compile_request(hollow).problems.at(0).message,
            "payload_structure must contain \"model\" and \"messages\"");
  EXPECT_EQ(compile_response(hollow).problems.at(0).message,
            "extraction_rules must contain \"text_content\" and \"usage_stats\"");
}

TEST(mapping_compile, null_counts_as_missing) {
  EXPECT_EQ(request(R"({"version":null,"payload_structure":null})"),
            (list{" version_missing", "/payload_structure structure_missing"}));
  EXPECT_EQ(request(R"({"version":"1.0","payload_structure":{"model":null,"messages":"param:messages"}})"),
            (list{"/payload_structure rules_missing"}));
  EXPECT_EQ(
      with(
          R"("top_p":null,"x":{"source":"param:top_p","type":null,"join":null,"required":null,"default":null})"),
      list{});
}

TEST(mapping_compile, versions) {
  EXPECT_EQ(request(R"({"version":"1.3","payload_structure":{"model":{"value":1},"messages":1}})"),
            list{"/version unsupported_version"});
  EXPECT_EQ(request(R"({"version":2,"payload_structure":[]})"),
            (list{"/version unsupported_version", "/payload_structure structure_missing"}));
  const document number(
      R"({"version":1.0,"payload_structure":{"model":"param:model","messages":"param:messages"}})");
  EXPECT_EQ(seen(compile_request(number), number), list{"~/version version_not_text"});
}

TEST(mapping_compile, every_problem_at_once) {
  EXPECT_EQ(
      with(
          R"("a":5,"b":{},"c":{"source":"param:top_p","paths":["param:seed"]},"d":{"paths":[]},"e":{"source":1},)"
          R"("f":{"source":"top_p"},"g":{"source":"param:temprature"},"h":{"source":"$.x"},)"
          R"("i":{"source":"param:top_p","type":"float","join":1,"required":"yes"},)"
          R"("j":{"source":"param:top_p","type":"integer","default":"x"},"k/~":{"fields":{"l":{"source":"@.a"}}},)"
          R"("m":{"fields":[]},"n":{"fields":{},"join":"","type":"array"},"o":{"source":"provider:api_key_encrypted"},)"
          R"("p":{"source":"param:extra_body"},"q":{"paths":["param:seed",7]})"),
      (list{"/payload_structure/a not_a_rule", "/payload_structure/b no_head",
            "/payload_structure/c several_heads", "/payload_structure/d/paths no_path",
            "/payload_structure/e/source not_a_path", "/payload_structure/f/source not_a_path",
            "/payload_structure/g/source unknown_parameter", "/payload_structure/h/source wrong_root",
            "/payload_structure/i/type unknown_type", "/payload_structure/i/join join_not_text",
            "/payload_structure/i/required required_not_boolean", "/payload_structure/j/default default_type",
            "/payload_structure/k~1~0/fields/l/source wrong_root",
            "/payload_structure/m/fields not_an_object", "/payload_structure/n/join join_without_path",
            "/payload_structure/n/type wrong_type", "/payload_structure/o/source unknown_column",
            "/payload_structure/p/source unreadable_parameter", "/payload_structure/q/paths/1 not_a_path"}));
}

TEST(mapping_compile, unknown_members_warn_with_the_nearest_name) {
  const document config(
      R"({"version":"1.0","defs":{},"payload_structur":1,"payload_structure":{"model":{"source":"param:model","requird":true},"messages":{"source":"param:messages","min_items":1,"fields":null}}})");
  const auto result = compile_request(config);
  EXPECT_EQ(seen(result, config), (list{"~/defs later_version", "~/payload_structur unknown_member",
                                        "~/payload_structure/model/requird unknown_member",
                                        "~/payload_structure/messages/min_items later_version"}));
  EXPECT_NE(result.problems[2].hint.find("\"required\""), std::string::npos);
  ASSERT_NE(result.program, nullptr);
}

TEST(mapping_compile, did_you_mean_for_parameters) {
  const document config(
      R"({"version":"1.0","payload_structure":{"model":"param:model_nam","messages":"param:messages"}})");
  EXPECT_EQ(compile_request(config).problems.at(0).hint, "did you mean \"model_name\"?");
}

TEST(mapping_compile, places) {
  EXPECT_EQ(with(R"("a":{"source":"param:top_p","path":"x.y"},"b":{"source":"param:seed","path":"x.z"})"),
            list{});
  EXPECT_EQ(with(R"("a":{"source":"param:top_p","path":"x.y"},"x.y":"param:seed")"), list{});
  EXPECT_EQ(with(R"("a":{"source":"param:top_p","path":"x\\.y"},"x.y":"param:seed")"),
            list{"/payload_structure/x.y place_conflict"});
  EXPECT_EQ(with(R"("a":{"source":"param:top_p","path":"messages.x"})"),
            list{"/payload_structure/a/path place_conflict"});
  EXPECT_EQ(
      with(
          R"("a":{"source":"param:top_p","path":"url:h"},"b":{"source":"param:seed","path":"url:h"},"c":{"source":"param:user","path":"query:h"},"h":"param:stop")"),
      list{"/payload_structure/b/path place_conflict"});
  for (const char* bad : {"", ".a", "a.", "a..b", "a\\\\x", "a\\\\", "url:", "url:a-b", "url:1",
                          "query:", "query:a b", "$.a", "a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q"}) {
    EXPECT_EQ(with(std::string(R"("a":{"source":"param:top_p","path":")") + bad + "\"}"),
              list{"/payload_structure/a/path bad_place"})
        << bad;
  }
  EXPECT_EQ(with(R"("a":{"source":"param:top_p","path":5})"), list{"/payload_structure/a/path bad_place"});
  EXPECT_EQ(with(R"("a":{"fields":{"b":{"source":"param:top_p","path":"x"}}})"),
            list{"~/payload_structure/a/fields/b/path unknown_member"});
}

TEST(mapping_compile, response_roots_and_reserved_name) {
  EXPECT_EQ(
      response(
          R"({"version":"1.0","extraction_rules":{"text_content":"$.a","usage_stats":"status","a":"header:x","b":"provider:default_model","c":"param:user","d":"@","e":"^","f":"@index","g":"model:x","mapping_warnings":"$"}})"),
      (list{"/extraction_rules/mapping_warnings reserved_name", "/extraction_rules/c wrong_root",
            "/extraction_rules/d wrong_root", "/extraction_rules/e wrong_root",
            "/extraction_rules/f wrong_root", "/extraction_rules/g wrong_root"}));
}

TEST(mapping_compile, hostile_configs) {
  for (const char* text : {"null", "1", "\"x\"", "[]", "true"})
    EXPECT_EQ(request(text), list{" not_an_object"}) << text;
  EXPECT_EQ(compile_response({}).problems.at(0).code, "not_an_object");
  std::string deep = "1";
  for (int n = 0; n < 1000; ++n) deep = "{\"fields\":" + deep + "}";
  EXPECT_EQ(request(deep), list{" too_deep"});
  EXPECT_EQ(
      response("{\"version\":\"1.0\",\"x\":" + std::string(100000, '[') + std::string(100000, ']') + "}"),
      list{" too_deep"});
  EXPECT_EQ(request("{\"version\":\"" + std::string(1 << 20, 'x') + "\"}"), list{" too_large"});
  std::string many;
  for (int n = 0; n < 4200; ++n) many += "\"" + std::to_string(n) + "\":\"$\",";
  EXPECT_EQ(response("{\"version\":\"1.0\",\"extraction_rules\":{" + many +
                     "\"text_content\":\"$\",\"usage_stats\":\"$\"}}"),
            list{"/extraction_rules too_many_rules"});
}

TEST(mapping_compile, a_program_keeps_nothing_of_its_config) {
  compiled<request_program> result;
  {
    const document config(
        R"({"version":"1.0","payload_structure":{"model":"param:model","messages":{"paths":["param:messages"],"default":[{"a":"b"}]},"n":{"source":"param:max_tokens","type":"integer","default":"7"},"u":{"source":"param:user","path":"url:who"}}})");
    result = compile_request(config);
  }
  ASSERT_NE(result.program, nullptr);
  EXPECT_EQ(result.program->chat.params,
            (std::set<std::string>{"max_output_tokens", "messages", "model_name", "user"}));
  EXPECT_EQ(test::text_of(result.program->rules.rules[1].fallback), R"([{"a":"b"}])");
  EXPECT_EQ(test::text_of(result.program->rules.rules[2].fallback), "7");
  EXPECT_TRUE(result.program->rules.rules[2].caps_output);
  EXPECT_TRUE(result.program->chat.has_hole("who"));
  EXPECT_FALSE(result.program->chat.has_hole("model"));
  EXPECT_GT(result.program->bytes(), 500u);
}

TEST(mapping_problem, rendering_is_bounded) {
  std::vector<finding> many(60, finding{"/a", "/b", "wrong"});
  const std::string text = render(many);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 50);
  EXPECT_TRUE(text.starts_with("wrong (input /a, rule /b)\n"));
  EXPECT_TRUE(text.ends_with("\nand 10 more"));
}

}  // namespace
}  // namespace llm_admin::mapping
