// The examples of docs/mapping.md: every block ```mapping is compiled, run, and gives what it says.
//
// A block is lines `keyword text`; a line that begins with a blank goes on. rule; params or response; perhaps
// version and defs; then gives (JSON, or nothing for an absent value) or refuses (a part of the message).
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>

#include "core/json/compare.hpp"
#include "core/mapping/compile/compile.hpp"
#include "core/mapping/request/request.hpp"
#include "core/mapping/response/response.hpp"
#include "unit/json_text.hpp"

namespace llm_admin::mapping {
namespace {

using block = std::map<std::string, std::string>;

std::vector<block> blocks_of(const std::string& file) {
  std::ifstream in(file);
  std::vector<block> found;
  std::string line, keyword;
  bool inside = false;
  while (std::getline(in, line)) {
    if (line == "```mapping") {
      found.emplace_back();
      inside = true;
    } else if (line == "```") {
      inside = false;
    } else if (inside) {
      const std::size_t end = std::min(line.find(' '), line.size());
      if (end > 0) keyword = line.substr(0, end);
      found.back()[keyword] += line.substr(end);
    }
  }
  return found;
}

// What the rule gave as JSON; "" when nothing; "refused: ..." with the findings.
std::string run(const block& example) {
  const bool request = example.contains("params");
  const std::string defs = example.contains("defs") ? R"(,"defs":)" + example.at("defs") : "";
  const std::string rule = R"("x":)" + example.at("rule");
  const std::string base =
      request ? R"("payload_structure":{"model":{"value":"m"},"messages":{"value":[]},)"
              : R"("extraction_rules":{"text_content":{"value":""},"usage_stats":{"value":{}},)";
  const std::string version = example.contains("version") ? example.at("version").substr(1) : "1.1";
  const test::document config(R"({"version":")" + version + R"(",)" + base + rule + "}" + defs + "}");
  test::document input(request ? example.at("params") : example.at("response"));
  json::tree out;
  std::vector<finding> findings;
  std::string text;  // written while all that the result borrows from is there
  const auto keep = [&](const json::node& made) { text = made ? test::text_of(made) : ""; };
  if (request) {
    const auto compiled = compile_request(config);
    if (!compiled.program) return "refused: " + render(compiled.problems);
    request_input in;
    // A rule of the example reads some of them; the others are there for it alone.
    if (input.item()->is_borrowed) return "refused: params";
    input.tree().put(input.item(), "drop_params", input.tree().boolean(true));
    in.params = input;
    if (auto built = try_build(*compiled.program, in, out, findings))
      keep(json::view(built->body).member("x"));
  } else {
    const auto compiled = compile_response(config);
    if (!compiled.program) return "refused: " + render(compiled.problems);
    response_input in;
    in.document = input;
    if (auto* result = try_extract(*compiled.program, in, out, findings))
      keep(json::view(result).member("extra").member("x"));
  }
  return findings.empty() ? text : "refused: " + render(findings);
}

TEST(mapping_docs, every_example_gives_what_it_says) {
  const std::vector<block> examples = blocks_of(std::string(LLM_ADMIN_TREE) + "/docs/mapping.md");
  EXPECT_GT(examples.size(), 25u);
  for (const block& example : examples) {
    SCOPED_TRACE(example.at("rule"));
    const std::string result = run(example);
    if (example.contains("refuses")) {
      EXPECT_TRUE(result.starts_with("refused: ")) << result;
      EXPECT_NE(result.find(example.at("refuses").substr(1)), std::string::npos) << result;
      continue;
    }
    const std::string wanted = example.at("gives");
    if (wanted.find_first_not_of(' ') == std::string::npos) {
      EXPECT_EQ(result, "");
      continue;
    }
    ASSERT_FALSE(result.empty() || result.starts_with("refused")) << result;
    EXPECT_TRUE(json::equal(test::document(result), test::document(wanted))) << result;
  }
}

}  // namespace
}  // namespace llm_admin::mapping
