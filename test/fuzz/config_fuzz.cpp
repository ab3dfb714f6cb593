// Config x document, two JSON texts split at the first zero byte: compiles it as a request and as a response
// config, builds and extracts, and checks that every reported pointer resolves, that work is bounded, and
// that a second run gives the same.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "core/error.hpp"
#include "core/json/compare.hpp"
#include "core/json/parse.hpp"
#include "core/json/text.hpp"
#include "core/mapping/compile.hpp"
#include "core/mapping/operation.hpp"
#include "core/mapping/request.hpp"
#include "core/mapping/response.hpp"
#include "core/url.hpp"

using namespace llm_admin;

namespace {

void expect(bool holds) {
  if (!holds) std::abort();
}

void resolves(const json::node& in, const std::string& pointer) {
  expect(static_cast<bool>(json::resolve(in, pointer)));
}

void check(const std::vector<mapping::problem>& problems, const json::node& config, bool program) {
  for (const auto& one : problems) {
    resolves(config, one.pointer);
    expect(!one.message.empty() && !one.code.empty());
  }
  expect(program != mapping::has_errors(problems));
}

void check(const std::vector<mapping::finding>& findings, const json::node& input, const json::node& config) {
  for (const auto& one : findings) {
    resolves(input, one.input);
    resolves(config, one.rule);
  }
}

void build(const mapping::request_program& program, const mapping::call_shape* call, const json::node& params,
           const json::node& config) {
  mapping::request_input input;
  input.params = params;
  input.call = call;
  input.default_model = "m";
  input.max_output_tokens_limit = 100;
  input.provider_columns = input.model_capabilities = params;
  input.limits = {100000, 10000};
  input.trace = true;
  json::tree out, again;
  std::vector<mapping::finding> findings;
  const auto made = mapping::try_build(program, input, out, findings);
  expect(made.has_value() == findings.empty());
  check(findings, params, config);
  if (!made) return;
  expect(made->steps <= input.limits.max_matches);
  const json::node body = json::view(made->body);
  expect(json::measure(body, input.limits.max_output_bytes, 1u << 20).within);
  for (const auto& one : made->trace) {
    resolves(config, one.rule_pointer);
    if (one.pointer.starts_with('/')) resolves(body, one.pointer);
    expect(one.value != nullptr);
  }
  expect((made->body == nullptr) == (call != nullptr && !call->has_body));
  for (const auto& [name, value] : made->headers) expect(valid_header_value(value));
  const auto second = mapping::try_build(program, input, again, findings);
  expect(second && json::equal(body, json::view(second->body)));
}

// The chat request and every operation, and what is read from their responses.
void calls(const mapping::request_program& program, const json::node& document, const json::node& config) {
  build(program, nullptr, document, config);
  for (const mapping::call_shape& one : program.operations) build(program, &one, document, config);
  for (const auto& [name, rules] : program.extracts) {
    mapping::response_input input;
    input.document = input.headers = document;
    input.limits = {100000, 10000};
    json::tree out;
    std::vector<mapping::finding> findings;
    expect((mapping::extract_operation(rules, input, out, findings) != nullptr) == findings.empty());
    check(findings, document, config);
  }
}

void extract(const mapping::response_program& program, const json::node& document, const json::node& config) {
  mapping::response_input input;
  input.document = input.headers = document;
  input.limits = {100000, 10000};
  json::tree out;
  std::vector<mapping::finding> findings;
  std::uint64_t steps = 0;
  const json::item* result = mapping::try_extract(program, input, out, findings, &steps);
  expect((result != nullptr) == findings.empty());
  expect(steps <= input.limits.max_matches);
  check(findings, document, config);
  if (result == nullptr) return;
  expect(result->count == 13);
  const json::node warnings = json::view(result).member("extra").member("mapping_warnings");
  for (std::uint32_t n = 0; n < warnings.size; ++n) {
    resolves(document, std::string(warnings.element(n).member("pointer").text()));
    resolves(config, std::string(warnings.element(n).member("rule_pointer").text()));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t split = input.find('\0');
  if (split == std::string_view::npos) return 0;
  json::tree tree;
  const json::item* config_item = json::parse(input.substr(0, split), tree);
  const json::item* document_item = json::parse(input.substr(split + 1), tree);
  if (config_item == nullptr || document_item == nullptr) return 0;
  const json::node config = json::view(config_item), document = json::view(document_item);
  const auto request = mapping::compile_request(config);
  check(request.problems, config, request.program != nullptr);
  const auto response = mapping::compile_response(config);
  check(response.problems, config, response.program != nullptr);
  try {
    if (request.program) calls(*request.program, document, config);
  } catch (const error& raised) {
    expect(raised.sqlstate() == sqlstate::program_limit);
  }
  try {
    if (response.program) extract(*response.program, document, config);
  } catch (const error& raised) {
    expect(raised.sqlstate() == sqlstate::program_limit);
  }
  return 0;
}
