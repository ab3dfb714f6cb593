// Requests from text to text: members in the caller's order and numbers in the caller's form, for every mapping
// that ships.
#include "core/mapping/request/text.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "core/error.hpp"
#include "core/mapping/compile/compile.hpp"
#include "unit/dialect_files.hpp"

namespace llm_admin::mapping {
namespace {

using test::document;

// Of a config that passes everything on.
struct passing {
  std::shared_ptr<const request_program> program;
  json::tree out;
  built_text made;

  explicit passing(const std::string& params, const std::string& more = "")
      : program(compile_request(
                    document(R"({"version":"1.2","payload_structure":{"model":"param:model_name","messages":)"
                             R"("param:messages","response_format":"param:response_format")" +
                             more + "}}"))
                    .program) {
    request_input input;
    input.default_model = "m";
    made = build_text(*program, params_ = params, input, out);
  }

 private:
  std::string params_;
};

TEST(request_text, members_and_numbers_stay_as_they_came) {
  EXPECT_EQ(
      passing(
          R"({"messages":[ {"role":"user", "content":"x"} ],"response_format":{"z":1.0,"a":1e2,"m":-0.50}})")
          .made.body,
      R"({"model":"m","messages":[ {"role":"user", "content":"x"} ],)"
      R"("response_format":{"z":1.0,"a":1e2,"m":-0.50}})");
  EXPECT_EQ(passing(R"({"extra_body":{"zz":{"b":2,"a":1},"aa":1.50}})").made.body,
            R"({"model":"m","zz":{"b":2,"a":1},"aa":1.50})");
}

TEST(request_text, a_member_given_twice_is_the_last) {
  EXPECT_EQ(passing(R"({"response_format":{"a":1,"b":2,"a":3}})").made.body,
            passing(R"({"response_format":{"b":2,"a":3}})").made.body);
}

TEST(request_text, what_no_server_can_hold_is_replaced_and_told) {
  passing one(R"({"messages":["a\u0000b","\ud83d","\ud83d\ude00"]})");
  EXPECT_EQ(one.made.body,
            "{\"model\":\"m\",\"messages\":[\"a\xEF\xBF\xBD"
            "b\",\"\xEF\xBF\xBD\",\"\xF0\x9F\x98\x80\"]}");
  ASSERT_EQ(one.made.made.warnings.size(), 2u);
  EXPECT_NE(one.made.made.warnings[0].message.find("u0000"), std::string::npos);
  EXPECT_NE(one.made.made.warnings[1].message.find("surrogate"), std::string::npos);
}

TEST(request_text, what_is_no_json_is_refused) {
  for (const char* text : {"", "{", "{\"a\":}", "nope", "[]"}) EXPECT_THROW(passing{text}, error) << text;
}

// A schema with members in random order, as response_format and as a tool's parameters.
std::string schema(std::mt19937& random, std::vector<std::string>& order) {
  std::vector<std::string> names;
  for (int n = 0; n < 12; ++n) names.push_back("p" + std::to_string(n) + "x");
  std::shuffle(names.begin(), names.end(), random);
  std::string properties;
  for (const std::string& name : names)
    properties += (properties.empty() ? "\"" : ",\"") + name + R"(":{"type":"string"})";
  order = names;
  return R"({"type":"object","properties":{)" + properties +
         R"(},"required":[],"additionalProperties":false})";
}

std::string in_order(const std::string& body, const std::vector<std::string>& names) {
  std::size_t at = 0;
  for (const std::string& name : names) {
    const std::size_t next = body.find(name, at);
    if (next == std::string::npos) return name + " stands out of its order in " + body;
    at = next + 1;
  }
  return "";
}

TEST(request_text, schemas_keep_their_order_in_every_mapping) {
  std::mt19937 random(7);
  shipped::catalog ships;
  int built_formats = 0, built_tools = 0;
  for (const shipped::provider& one : ships.providers()) {
    const auto compiled = compile_request(one.request_config);
    ASSERT_NE(compiled.program, nullptr) << one.name();
    for (int round = 0; round < 5; ++round) {
      for (const bool tool : {false, true}) {
        std::vector<std::string> names;
        const std::string form = schema(random, names);
        const std::string params =
            R"({"model":"m","max_tokens":100,"messages":[{"role":"user","content":"x"}],)" +
            (tool ? R"("tools":[{"type":"function","function":{"name":"f","parameters":)" + form + "}}]}"
                  : R"("response_format":{"type":"json_schema","json_schema":{"name":"s","schema":)" + form +
                        "}}}");
        request_input input;
        json::tree out;
        std::vector<finding> findings;
        read_params(params, input, out);
        const auto made = try_build(*compiled.program, input, out, findings);
        if (!made) continue;  // DeepSeek has no json_schema
        (tool ? built_tools : built_formats) += round == 0;
        EXPECT_EQ(in_order(body_text(*made, input.limits), names), "") << one.name();
      }
    }
  }
  EXPECT_GT(built_formats, 8);
  EXPECT_EQ(built_tools, static_cast<int>(ships.providers().size()));
}

}  // namespace
}  // namespace llm_admin::mapping
