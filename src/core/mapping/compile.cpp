#include "core/mapping/compile.hpp"

#include <array>
#include <utility>

#include "core/json/text.hpp"
#include "core/mapping/compile_request.hpp"
#include "core/mapping/compile_rules.hpp"
#include "core/mapping/compile_stream.hpp"

namespace llm_admin::mapping {

namespace {

constexpr std::array<std::string_view, 2> request_members = {"version", "payload_structure"};
constexpr std::array<std::string_view, 7> newer_request = {
    "version", "payload_structure", "defs", "headers", "query", "operations", "streaming_path"};
constexpr std::array<std::string_view, 2> response_members = {"version", "extraction_rules"};
constexpr std::array<std::string_view, 4> newer_response = {"version", "extraction_rules", "defs", "stream"};

// What 1.0 does not know but 1.1 does is named as such.
void check_members(rule_compiler& rules, const json::node& config, std::span<const std::string_view> known,
                   std::span<const std::string_view> newer) {
  if (rules.newer()) return rules.unknown_members(config, "", newer);
  rules.unknown_members(config, "", known, newer);
}

template <typename program_type>
compiled<program_type> finish(rule_compiler& rules, std::shared_ptr<program_type> program) {
  compiled<program_type> result;
  result.problems = std::move(rules.problems);
  if (!has_errors(result.problems)) result.program = std::move(program);
  return result;
}

}  // namespace

compiled<request_program> compile_request(const json::node& config) {
  auto program = std::make_shared<request_program>();
  definitions defs;
  rule_compiler rules("request", "request_builder_config", side::request, defs, program->rules);
  if (!rules.within_bounds(config)) return finish(rules, program);
  const bool readable = rules.version(config);
  const json::node structure = rules.structure(config, "payload_structure", {"model", "messages"});
  if (!readable || !structure) return finish(rules, program);
  check_members(rules, config, request_members, newer_request);
  if (rules.newer()) rules.check_definitions(config);
  request_compiler(rules, defs, *program).all(config, structure);
  return finish(rules, program);
}

compiled<response_program> compile_response(const json::node& config) {
  auto program = std::make_shared<response_program>();
  definitions defs;
  rule_compiler rules("response", "response_extractor_config", side::response, defs, program->rules);
  if (!rules.within_bounds(config)) return finish(rules, program);
  const bool readable = rules.version(config);
  const json::node structure = rules.structure(config, "extraction_rules", {"text_content", "usage_stats"});
  if (!readable || !structure) return finish(rules, program);
  check_members(rules, config, response_members, newer_response);
  if (rules.newer()) rules.check_definitions(config);
  if (!structure.member("mapping_warnings").is_absent()) {
    rules.error("/extraction_rules/mapping_warnings", "reserved_name",
                "\"mapping_warnings\" is where warnings of the extraction stand; choose another name");
  }
  std::uint32_t count = 0;
  rules.rules(structure, "/extraction_rules", {}, count);
  program->rules.top = count;
  if (!rules.newer()) return finish(rules, program);
  if (const json::node stream = config.member("stream"); !stream.is_absent())
    program->stream = compile_stream(stream, defs, rules.problems);
  rules.unused_definitions();
  return finish(rules, program);
}

}  // namespace llm_admin::mapping
