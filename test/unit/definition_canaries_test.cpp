// A key that stands anywhere in a definition, as a member's name, a value, a part of a path, a hole, a
// header, a word of an enum or of a map, is told by no problem and no finding.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "core/mapping/compile/compile.hpp"
#include "core/mapping/request/request.hpp"
#include "core/mapping/response/response.hpp"
#include "unit/dialect_files.hpp"

namespace llm_admin::mapping {
namespace {

using test::document;

constexpr std::string_view mark = "9f8e7d6c5b4a3921";
const std::string key = "sk-proj-" + std::string(mark) + "-ABCdef";

// What `error` raises is a text for whoever calls, and told as it stands.
bool is_raised(std::string before) {
  std::erase_if(before, [](char c) { return c == ' ' || c == '\n'; });
  return before.ends_with("\"error\":");
}

// The texts with a key in the place of one string of `text`, or behind it, one after the other.
std::vector<std::string> with_key(const std::string& text, bool every_form = true) {
  std::vector<std::string> made;
  for (std::size_t at = text.find('"'); at != std::string::npos; at = text.find('"', at)) {
    std::size_t end = at + 1;
    while (text[end] != '"') end += text[end] == '\\' ? 2 : 1;
    const std::string before = text.substr(0, at + 1), after = text.substr(end);
    if (is_raised(text.substr(0, at))) {
      at = end + 1;
      continue;
    }
    const std::string word = text.substr(at + 1, end - at - 1);
    std::vector<std::string> forms = {key, word + key};
    if (every_form)
      for (const std::string& form :
           {word + ".k" + std::string(mark) + "abcdefghij", word + "[\\\"" + key + "\\\"]", "{" + key + "}",
            "url:" + key, "param:" + key, "k" + std::string(mark) + "abcdefghij"})
        forms.push_back(form);
    for (const std::string& put : forms) made.push_back(before + put + after);
    at = end + 1;
  }
  return made;
}

void expect_silent(const std::string& told, const std::string& config) {
  if (told.find(mark) == std::string::npos) return;
  const std::size_t at = config.find(mark);
  ADD_FAILURE() << told << "\nwith " << config.substr(at > 80 ? at - 80 : 0, 200);
}

void expect_silent(const std::vector<problem>& problems, const document& config, const std::string& text) {
  expect_silent(render(problems), text);
  for (const problem& one : problems) {
    expect_silent(one.pointer + one.message + one.hint, text);
    EXPECT_TRUE(test::resolves(config, one.pointer)) << one.pointer;
  }
}

const document params(
    R"({"messages":[{"role":"user","content":"x"}],"temperature":3,"stop":["a"],"metadata":{},
  "top_p":"much","stream":true,"tools":[{"name":"f","parameters":{}}],"reasoning_effort":"high",
  "extra_body":{"model":"m","max_tokens":1}})");

void request_is_silent(const std::string& text) {
  const document config(text);
  const auto compiled = compile_request(config);
  expect_silent(compiled.problems, config, text);
  if (!compiled.program) return;
  request_input input;
  input.params = params;
  input.endpoint_path = "/v1/{deployment}/chat";
  std::vector<const call_shape*> calls = {nullptr};
  for (const call_shape& one : compiled.program->operations) calls.push_back(&one);
  for (const call_shape* call : calls) {
    input.call = call;
    json::tree out;
    std::vector<finding> findings;
    try_build(*compiled.program, input, out, findings);
    expect_silent(render(findings), text);
  }
}

void response_is_silent(const std::string& text) {
  const document config(text);
  const auto compiled = compile_response(config);
  expect_silent(compiled.problems, config, text);
  if (!compiled.program) return;
  const document empty("{}"),
      odd(R"({"choices":[{"message":{"content":7,"tool_calls":"x"}}],"usage":"none","a":[1]})");
  for (const document* one : {&empty, &odd}) {
    json::tree out;
    response_input input;
    input.document = *one;
    try {
      const json::node made = json::view(extract(*compiled.program, input, out));
      const json::node warnings = made.member("extra").member("mapping_warnings");
      if (warnings) expect_silent(test::text_of(warnings), text);
    } catch (const llm_admin::error& why) {
      expect_silent(std::string(why.what()) + why.detail() + why.hint(), text);
    }
  }
}

TEST(DefinitionCanaries, OfARequest) {
  const std::string text = R"({"version":"1.1",
    "defs":{"sampled":{"source":"param:temperature","min":0,"max":2},"role_of":{"source":"provider:display_name"}},
    "headers":{"X-Title":{"source":"param:user","default":"t"}},
    "query":{"api-version":{"value":"1"}},
    "streaming_path":"/v1/{deployment}/stream",
    "operations":{"embed":{"method":"POST","path":"/embed/{where}","query":{"q":{"source":"param:input"}},
      "payload_structure":{"where":{"source":"param:user","path":"url:where"}},"extract":"$.data"}},
    "payload_structure":{"model":"param:model_name","messages":{"source":"param:messages","min_items":2},
      "temperature":{"use":"sampled","on_error":"fail"},
      "effort":{"source":"param:reasoning_effort","enum":["low","medium"]},
      "mapped":{"source":"param:reasoning_effort","map":{"low":"l","medium":"m"}},
      "format":{"format":"{param:user}-{param:seed}","required":true},
      "needed":{"source":"param:seed","required":true},
      "number":{"source":"param:top_p","type":"number"},
      "deep":{"source":"param:stop","path":"config.stop"},
      "switched":{"switch":[{"when":{"path":"param:stream","eq":true},"then":{"source":"model:vision","type":"integer"}}]},
      "each":{"each":"param:tools","as":{"fields":{"name":{"source":"@.name","max_length":0,"required":true}}}},
      "found":{"lookup":{"in":"param:tools","key":"@.name","equals":{"value":"g"},"then":"@.parameters"},"required":true}}})";
  ASSERT_NE(compile_request(document(text)).program, nullptr)
      << render(compile_request(document(text)).problems);
  for (const std::string& one : with_key(text)) request_is_silent(one);
}

TEST(DefinitionCanaries, OfAResponse) {
  const std::string text =
      R"({"version":"1.1","defs":{"content":{"source":"$.choices[0].message.content","type":"string"}},
    "extraction_rules":{"text_content":{"use":"content"},
      "usage_stats":{"fields":{"input_tokens":{"source":"$.usage.in","required":true}}},
      "own":{"source":"$.a[?(@.b=='c')].d","type":"integer","default":1},
      "extra":{"fields":{"x":{"source":"$.a","type":"integer","on_error":"omit"},
        "y":{"source":"header:x-id","required":true},"z":{"source":"$.usage","enum":["all","some"]}}}}})";
  ASSERT_NE(compile_response(document(text)).program, nullptr)
      << render(compile_response(document(text)).problems);
  for (const std::string& one : with_key(text)) response_is_silent(one);
}

// Each variant compiles the whole dialect, so that all of them would take minutes: some hundred, spread evenly.
template <typename what>
void each_of_some(const std::vector<std::string>& variants, what&& look) {
  const std::size_t step = std::max<std::size_t>(1, variants.size() / 150);
  for (std::size_t n = 0; n < variants.size(); n += step) look(variants[n]);
}

TEST(DefinitionCanaries, OfAShippedDialect) {
  const std::string stem = test::tree_folder + "/src/shipped/dialects/openai_chat";
  each_of_some(with_key(test::file_text(stem + ".request.json"), false), request_is_silent);
  each_of_some(with_key(test::file_text(stem + ".response.json"), false), response_is_silent);
}

}  // namespace
}  // namespace llm_admin::mapping
