// One rule under test, of mapping 1.1 unless the case says otherwise, as a member of a request or of a response.
//
// The result is the value's JSON text, or "absent", or what went wrong, a line each: input|rule|message. In
// responses warnings follow the value, one a line, behind "! ". Pointers are checked to resolve.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/mapping/compile/compile.hpp"
#include "core/mapping/request/request.hpp"
#include "core/mapping/response/response.hpp"
#include "unit/json_text.hpp"

namespace llm_admin::test {

struct rule_call {
  std::string rule;         // of the member x
  std::string defs = "{}";  // the config's
  std::string version = "1.1";
  mapping::limits limits{};  // of the evaluation
  std::uint64_t steps = 0;   // that it took

  // `metadata` is read as param:metadata, `messages` as param:messages.
  std::string request(const std::string& metadata, const std::string& messages = "[]") {
    const document config(R"({"version":")" + version + R"(","defs":)" + defs +
                          R"(,"payload_structure":{"model":{"source":"param:model_name"},)"
                          R"("messages":{"source":"param:messages"},"x":)" +
                          rule + "}}");
    const document params(R"({"model":"m","drop_params":true,"messages":)" + messages + R"(,"metadata":)" +
                          metadata + "}");
    const auto compiled = mapping::compile_request(config);
    if (!compiled.program) return "config: " + mapping::render(compiled.problems);
    mapping::request_input input;
    input.params = params;
    input.limits = limits;
    json::tree out;
    std::vector<mapping::finding> findings;
    const auto made = mapping::try_build(*compiled.program, input, out, findings);
    if (made) steps = made->steps;
    if (!made) return lines(findings, params, config);
    return shown(json::view(made->body).member("x"));
  }

  std::string response(const std::string& text) {
    const document config(
        R"({"version":")" + version + R"(","defs":)" + defs +
        R"(,"extraction_rules":{"text_content":{"value":"t"},"usage_stats":{"fields":{}},"x":)" + rule +
        "}}");
    const document response_text(text);
    const auto compiled = mapping::compile_response(config);
    if (!compiled.program) return "config: " + mapping::render(compiled.problems);
    mapping::response_input input;
    input.document = response_text;
    input.limits = limits;
    json::tree out;
    std::vector<mapping::finding> findings;
    const json::item* made = mapping::try_extract(*compiled.program, input, out, findings, &steps);
    if (made == nullptr) return lines(findings, response_text, config);
    const json::node extra = json::view(made).member("extra");
    json::node warnings = extra.member("mapping_warnings");
    if (!warnings) warnings = json::view(made).member("warnings");  // since 1.2
    for (std::uint32_t n = 0; n < warnings.size; ++n) {
      const json::node one = warnings.element(n);
      findings.push_back({std::string(one.member("pointer").text()),
                          std::string(one.member("rule_pointer").text()),
                          std::string(one.member("message").text())});
    }
    std::string all = shown(extra.member("x"));
    if (!findings.empty()) all += "! " + lines(findings, response_text, config);
    return all;
  }

 private:
  static std::string shown(const json::node& value) { return value ? text_of(value) : "absent"; }

  static std::string lines(const std::vector<mapping::finding>& findings, const json::node& input,
                           const json::node& config) {
    std::string all;
    for (const mapping::finding& one : findings) {
      EXPECT_TRUE(resolves(input, one.input)) << one.input;
      EXPECT_TRUE(resolves(config, one.rule)) << one.rule;
      all += (all.empty() ? "" : "\n") + one.input + "|" + one.rule + "|" + one.message;
    }
    return all;
  }
};

// For rules that read param:metadata, and for those that read $.
inline std::string built(const std::string& rule, const std::string& metadata, std::string defs = "{}") {
  return rule_call{rule, std::move(defs)}.request(metadata);
}
// The same in mapping 1.2.
inline std::string built_latest(const std::string& rule, const std::string& metadata,
                                std::string defs = "{}") {
  return rule_call{rule, std::move(defs), "1.2"}.request(metadata);
}
inline std::string extracted_latest(const std::string& rule, const std::string& text) {
  return rule_call{rule, "{}", "1.2"}.response(text);
}
inline std::string extracted(const std::string& rule, const std::string& text, std::string defs = "{}") {
  return rule_call{rule, std::move(defs)}.response(text);
}

}  // namespace llm_admin::test
