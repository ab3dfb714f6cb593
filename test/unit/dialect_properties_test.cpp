// What must hold for all shipped mappings together: an answer of any vendor can be fed back to its own and to
// every other one, state of one never reaches another, building twice gives the same, unknown parameters
// never pass.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "core/mapping/compile/compile.hpp"
#include "core/mapping/params.hpp"
#include "core/mapping/request/request.hpp"
#include "core/mapping/response/response.hpp"
#include "unit/dialect_files.hpp"

namespace llm_admin::mapping {
namespace {

using test::document;
using test::text_of;

struct shipped {
  std::string provider;
  std::string default_model;
  document file;
  document columns;
  test::shipped_mapping mapping;
  compiled<request_program> request;
  compiled<response_program> response;

  explicit shipped(const std::string& path)
      : file(test::file_text(path)),
        columns(R"({"provider_name":)" + text_of(file.node().member("provider")) + "}"),
        mapping(std::string(file.node().member("dialect").text()), file.node().member("provider").text()),
        request(compile_request(mapping.request_config)),
        response(compile_response(mapping.response_config)) {
    provider = file.node().member("provider").text();
    default_model = file.node().member("default_model").text();
  }
};

std::vector<std::unique_ptr<shipped>> all_shipped() {
  std::vector<std::unique_ptr<shipped>> out;
  for (const std::string& path : test::case_files()) out.push_back(std::make_unique<shipped>(path));
  return out;
}

struct answer {
  const shipped* from;
  std::string name, message;
};

// The messages of all response cases that can be answered to.
std::vector<answer> all_answers(const std::vector<std::unique_ptr<shipped>>& vendors) {
  std::vector<answer> out;
  for (const auto& vendor : vendors) {
    const json::node cases = vendor->file.node().member("responses");
    for (std::uint32_t n = 0; n < cases.size; ++n) {
      response_input input;
      input.document = cases.element(n).member("response");
      input.provider_columns = vendor->columns;
      json::tree tree;
      std::vector<finding> findings;
      const json::item* result = try_extract(*vendor->response.program, input, tree, findings);
      const json::node message = json::view(result).member("message");
      if (result == nullptr || message.is_absent()) continue;
      out.push_back({vendor.get(), std::string(cases.element(n).member("name").text()), text_of(message)});
    }
  }
  return out;
}

// What a client may answer to a call of this kind.
std::string answer_to(const json::node& call) {
  const json::node kind = call.member("kind");
  const std::string_view name = kind.is_string() ? kind.text() : std::string_view();
  if (name == "mcp_approval") return R"("true")";
  if (name == "tool_search") return R"("[]")";
  if (name == "computer")
    return R"([{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgo="}}])";
  return R"("done")";
}

// A conversation that holds the message: results for its tool calls, and a question behind it.
std::string conversation(const std::string& text) {
  const document message(text);
  std::string out = R"([{"role":"user","content":"Hi"},)" + text;
  const json::node calls = message.node().member("tool_calls");
  for (std::uint32_t n = 0; calls.is_array() && n < calls.size; ++n) {
    const json::node call = calls.element(n), function = call.member("function"),
                     custom = call.member("custom");
    out += R"(,{"role":"tool","tool_call_id":)" + text_of(call.member("id")) + R"(,"name":)" +
           text_of((function ? function : custom).member("name")) + R"(,"content":)" + answer_to(call) + "}";
  }
  return out + R"(,{"role":"user","content":"Again"}])";
}

// The body, or the findings behind "! ".
std::string built(const shipped& vendor, const std::string& params) {
  const document given(params);
  request_input input;
  input.params = given;
  input.default_model = vendor.default_model;
  input.model_capabilities = vendor.mapping.row.member("model_capabilities");
  input.provider_columns = vendor.columns;
  json::tree out;
  std::vector<finding> findings;
  const auto made = try_build(*vendor.request.program, input, out, findings);
  return made ? text_of(made->body) : "! " + render(findings);
}

TEST(dialect_properties, every_answer_goes_back_to_every_vendor) {
  const auto vendors = all_shipped();
  const std::vector<answer> answers = all_answers(vendors);
  EXPECT_GT(answers.size(), 60u);
  for (const answer& one : answers) {
    const std::string params = R"({"messages":)" + conversation(one.message) + "}";
    for (const auto& to : vendors) {
      const std::string body = built(*to, params);
      // A vendor that wants an object says what is wrong with arguments that were cut short.
      const bool cut_short =
          body.find("arguments is no JSON: \"{") != std::string::npos &&
          !test::equal(to->file.node().member("dialect"), one.from->file.node().member("dialect"));
      // A dialect that knows calls of functions alone, and a model without images in results, say so.
      const bool custom = body.find("\"name\" is required") != std::string::npos &&
                          one.message.find(R"("custom":{)") != std::string::npos;
      const bool image = body.find("an image or file in a tool result") != std::string::npos &&
                         one.message.find(R"("kind":"computer")") != std::string::npos;
      EXPECT_TRUE(body[0] == '{' || cut_short || custom || image)
          << one.from->provider << ", " << one.name << " -> " << to->provider << "\n"
          << body << "\n"
          << params;
      EXPECT_EQ(body.find("provider_state"), std::string::npos) << to->provider << "\n" << body;
      EXPECT_EQ(body, built(*to, params)) << to->provider;
    }
  }
}

// Only the vendor's own dialect knows what to do with state: for any other one, the body is the same without
// it.
TEST(dialect_properties, state_stays_with_its_dialect) {
  const auto vendors = all_shipped();
  std::size_t with_state = 0;
  for (const answer& one : all_answers(vendors)) {
    const document message(one.message);
    if (!message.node().member("provider_state")) continue;
    ++with_state;
    const document none(R"({"provider_state":null})");
    json::tree out;
    const std::string bare = text_of(test::changed(message, none, out));
    const std::string with = R"({"messages":)" + conversation(one.message) + "}",
                      without = R"({"messages":)" + conversation(bare) + "}";
    for (const auto& to : vendors) {
      const bool same_dialect =
          test::equal(to->file.node().member("dialect"), one.from->file.node().member("dialect"));
      if (same_dialect) continue;
      EXPECT_EQ(built(*to, with), built(*to, without)) << one.from->provider << " -> " << to->provider;
    }
  }
  EXPECT_GT(with_state, 5u);
}

TEST(dialect_properties, what_is_unknown_never_passes) {
  const auto vendors = all_shipped();
  const std::string messages = R"("messages":[{"role":"user","content":"Hi","unknown_member":1}])";
  for (const auto& to : vendors) {
    EXPECT_EQ(built(*to, "{" + messages + R"(,"unknown_member":1})").substr(0, 2), "! ") << to->provider;
    const std::string body = built(*to, "{" + messages + "}");
    EXPECT_TRUE(body[0] == '!' || body.find("unknown_member") == std::string::npos) << to->provider << body;
    const std::string dropped = built(*to, "{" + messages + R"(,"drop_params":true})");
    EXPECT_EQ(dropped[0], '{') << to->provider << dropped;
    EXPECT_EQ(dropped.find("unknown_member"), std::string::npos) << to->provider << dropped;
  }
}

// The request as a whole, with what was told of it; or the findings behind "! ".
std::string told(const shipped& vendor, const std::string& params) {
  const document given(params);
  request_input input;
  input.params = given;
  input.default_model = vendor.default_model;
  input.model_capabilities = vendor.mapping.row.member("model_capabilities");
  input.provider_columns = vendor.columns;
  json::tree out;
  std::vector<finding> findings;
  const auto made = try_build(*vendor.request.program, input, out, findings);
  if (!made) return "! " + render(findings);
  std::string all = text_of(made->body) + " " + made->path + render(made->warnings);
  for (const auto& [name, value] : made->query) all += " " + name + "=" + value;
  for (const auto& [name, value] : made->headers) all += " " + name + ": " + value;
  return all;
}

// Whatever is given for a parameter changes the request, is refused or is told as left out; but for what the
// vendor does anyway.
TEST(dialect_properties, no_parameter_is_lost_without_a_word) {
  const auto vendors = all_shipped();
  const std::string base =
      R"({"messages":[{"role":"user","content":"Hi"}],"tools":[{"type":"function","function":{"name":"f"}}])";
  const std::vector<std::string> values = {"5",
                                           "-1",
                                           "0.5",
                                           R"("x")",
                                           R"("auto")",
                                           "true",
                                           "false",
                                           "[5]",
                                           R"(["x"])",
                                           R"([{"a":1}])",
                                           R"({"a":1})",
                                           "[[]]",
                                           R"({"type":"json_object"})"};
  const auto usual = [](std::string_view param, std::string_view value) {
    if (param == "stream_options") return value[0] == '{';  // of the chat API's own streams
    if (param == "audio") return value[0] == '{';           // of which Google takes the voice
    if (param == "logprobs") return value != "true";        // which is all that the Responses API knows
    return value == "\"auto\"" || (param == "stream" && value == "false") ||
           (param == "parallel_tool_calls" && value == "true");
  };
  std::size_t seen = 0;
  for (const auto& to : vendors) {
    const std::string without = told(*to, base + "}");
    ASSERT_NE(without[0], '!') << without;
    for (const std::string_view param : param_names()) {
      if (param == "messages" || param == "tools" || param == "model_name" || param == "drop_params")
        continue;
      for (const std::string& value : values) {
        const std::string with = told(*to, base + ",\"" + std::string(param) + "\":" + value + "}");
        EXPECT_TRUE(with != without || usual(param, value)) << to->provider << ": " << param << " " << value;
        ++seen;
      }
    }
    for (const char* value : {"5", "\"x\"", "true", R"({"type":"function"})"}) {
      const std::string wrong =
          R"({"messages":[{"role":"user","content":"Hi"}],"tools":)" + std::string(value) + "}";
      EXPECT_NE(told(*to, wrong).find(" array, not "), std::string::npos) << to->provider << told(*to, wrong);
      const std::string talk = R"({"messages":)" + std::string(value) + "}";
      EXPECT_EQ(told(*to, talk)[0], '!') << to->provider << told(*to, talk);
    }
  }
  EXPECT_GT(seen, 5000u);
}

// What a tool holds is read or told, also where the vendor's own tools pass as they are.
TEST(dialect_properties, members_of_tools_are_not_lost) {
  const auto vendors = all_shipped();
  for (const auto& to : vendors) {
    for (const char* tool : {R"({"type":"function","function":{"name":"f"},"unheard":1})",
                             R"({"type":"function","function":{"name":"f","unheard":1}})"}) {
      const std::string params =
          R"({"messages":[{"role":"user","content":"Hi"}],"tools":[)" + std::string(tool) + "]";
      const std::string made = told(*to, params + "}");
      EXPECT_NE(made.find("unheard"), std::string::npos) << to->provider << made;
      const std::string dropped = told(*to, params + R"(,"drop_params":true})");
      EXPECT_NE(dropped[0], '!') << to->provider << dropped;
      EXPECT_NE(dropped.find("unheard"), std::string::npos) << to->provider << dropped;
    }
  }
}

}  // namespace
}  // namespace llm_admin::mapping
