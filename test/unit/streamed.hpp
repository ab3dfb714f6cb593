// What the tests of streams share: a config and a body to what extraction gives, and bodies from events.
#pragma once

#include <gtest/gtest.h>

#include <initializer_list>
#include <memory>
#include <optional>
#include <string>

#include "core/mapping/compile/compile.hpp"
#include "core/mapping/response/response.hpp"
#include "core/mapping/stream/stream.hpp"
#include "unit/json_text.hpp"
#include "unit/stream_configs.hpp"

namespace llm_admin::test {

inline std::shared_ptr<const mapping::response_program> compiled_of(const std::string& config) {
  const auto made = mapping::compile_response(document(config));
  EXPECT_NE(made.program, nullptr) << mapping::render(made.problems);
  return made.program;
}

// What the stream gives at `pointer`, or the findings.
inline std::string streamed(const std::string& config, const std::string& body,
                            const std::string& pointer = "", std::optional<int> status = {}) {
  const auto program = compiled_of(config);
  mapping::stream_input input;
  input.body = body;
  input.http_status = status;
  json::tree out;
  std::vector<mapping::finding> findings;
  const json::item* made = mapping::try_extract_stream(*program, input, out, findings);
  return made != nullptr ? text_of(json::resolve(json::view(made), pointer)) : mapping::render(findings);
}

inline std::string whole(const std::string& config, const std::string& response,
                         const std::string& pointer = "", std::optional<int> status = {}) {
  const auto program = compiled_of(config);
  const document given(response);
  mapping::response_input input;
  input.document = given;
  input.http_status = status;
  json::tree out;
  std::vector<mapping::finding> findings;
  const json::item* made = mapping::try_extract(*program, input, out, findings);
  return made != nullptr ? text_of(json::resolve(json::view(made), pointer)) : mapping::render(findings);
}

inline std::string sse(std::initializer_list<std::string> events, const std::string& end = "\n") {
  std::string out;
  for (const std::string& event : events) out += "data: " + event + end + end;
  return out;
}

inline std::string lines(std::initializer_list<std::string> events) {
  std::string out;
  for (const std::string& event : events) out += event + "\n";
  return out;
}

}  // namespace llm_admin::test
