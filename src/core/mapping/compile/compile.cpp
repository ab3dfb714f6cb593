#include "core/mapping/compile/compile.hpp"

#include <array>
#include <string>
#include <utility>

#include "core/json/text.hpp"
#include "core/mapping/compile/latest.hpp"
#include "core/mapping/compile/message_members.hpp"
#include "core/mapping/compile/reads.hpp"
#include "core/mapping/compile/request.hpp"
#include "core/mapping/compile/rules.hpp"
#include "core/mapping/compile/stream.hpp"

namespace llm_admin::mapping {

namespace {

constexpr std::array<std::string_view, 2> request_members = {"version", "payload_structure"};
// Those of 1.1 first, in both.
constexpr std::array<std::string_view, 10> later_request = {
    "version",    "payload_structure", "defs",    "headers",      "query",
    "operations", "streaming_path",    "dialect", "not_together", "ignores"};
constexpr std::size_t newer_request = 7, newer_response = 4;
constexpr std::array<std::string_view, 2> response_members = {"version", "extraction_rules"};
constexpr std::array<std::string_view, 6> later_response = {"version", "extraction_rules", "defs",
                                                            "stream",  "dialect",          "noise"};

// What a version does not know but the next one does is named as such.
void check_members(rule_compiler& rules, const json::node& config, std::span<const std::string_view> known,
                   std::span<const std::string_view> later, std::size_t newer) {
  if (rules.latest()) return rules.unknown_members(config, "", later);
  if (rules.newer()) return rules.unknown_members(config, "", later.first(newer), later);
  rules.unknown_members(config, "", known, later.first(newer));
}

problem too_large(const compilation& shared) {
  return {shared.config(),
          shared.place,
          severity::error,
          "program_too_large",
          "the compiled mapping takes more than " + std::to_string(shared.memory.most()) + " bytes",
          "a use that overrides members compiles its definition anew; use definitions as they are, or SET "
          "llm_admin.mapping_cache_size = '<size>'"};
}

// What `compile` makes of a config, or the problem that kept it from going on.
template <typename program_type, typename compiler>
compiled<program_type> compile_with(compilation& shared, compiler compile) {
  auto program = std::make_shared<program_type>();
  try {
    compile(*program);
    if (program->bytes() > shared.memory.most()) throw memory_exceeded(shared.memory.most());
  } catch (const enough_problems&) {
  } catch (const memory_exceeded&) {
    try {
      shared.add(too_large(shared));
    } catch (const enough_problems&) {  // there are errors already
    }
  }
  compiled<program_type> result;
  result.problems = shared.take_problems();
  if (!has_errors(result.problems)) result.program = std::move(program);
  return result;
}

void compile_all(const json::node& config, compilation& shared, request_program& out) {
  rule_compiler rules("request_builder_config", side::request, shared, out.rules);
  if (!rules.within_bounds(config)) return;
  const bool readable = rules.version(config);
  const json::node structure = rules.structure(config, "payload_structure", {"model", "messages"});
  if (!readable || !structure) return;
  check_members(rules, config, request_members, later_request, newer_request);
  if (rules.newer()) rules.check_definitions(config);
  if (rules.latest()) rules.dialect(config);
  request_compiler(rules, shared, out).all(config, structure);
  if (!rules.latest() || has_errors(shared.problems)) return;
  std::vector<std::uint32_t> by;
  out.reads = find_reads(out, shared.memory, &by);
  warn_of_unknown_members(out, by, rules);
}

void compile_all(const json::node& config, compilation& shared, response_program& out) {
  rule_compiler rules("response_extractor_config", side::response, shared, out.rules);
  if (!rules.within_bounds(config)) return;
  const bool readable = rules.version(config);
  const json::node structure = rules.structure(config, "extraction_rules", {"text_content", "usage_stats"});
  if (!readable || !structure) return;
  check_members(rules, config, response_members, later_response, newer_response);
  if (rules.newer()) rules.check_definitions(config);
  if (rules.latest()) rules.dialect(config);
  if (rules.latest()) out.noise = noise_of(config.member("noise"), rules);
  if (!structure.member("mapping_warnings").is_absent()) {
    rules.error("/extraction_rules/mapping_warnings", "reserved_name",
                "\"mapping_warnings\" is where warnings of the extraction stand; choose another name");
  }
  std::uint32_t count = 0;
  rules.rules(structure, "/extraction_rules", {}, count);
  out.rules.top = count;
  if (!rules.newer()) return;
  if (const json::node stream = config.member("stream"); !stream.is_absent()) {
    std::unique_ptr<stream_program> made = compile_stream(stream, out.rules, shared);
    if (made != nullptr && !has_errors(shared.problems)) mark_usage(out.rules, *made, shared.memory);
    out.stream = std::move(made);
  }
  rules.unused_definitions();
  if (rules.latest() && !has_errors(shared.problems)) out.reads = find_reads(out, shared.memory);
}

}  // namespace

compiled<request_program> compile_request(const json::node& config, const compile_bounds& bounds) {
  compilation shared("request", bounds);
  return compile_with<request_program>(
      shared, [&](request_program& program) { compile_all(config, shared, program); });
}

compiled<response_program> compile_response(const json::node& config, const compile_bounds& bounds) {
  compilation shared("response", bounds);
  return compile_with<response_program>(
      shared, [&](response_program& program) { compile_all(config, shared, program); });
}

}  // namespace llm_admin::mapping
