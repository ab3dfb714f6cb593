#include "core/mapping/request/text.hpp"

#include <optional>
#include <utility>

#include "core/error.hpp"
#include "core/json/parse.hpp"
#include "core/json/text.hpp"
#include "core/json/utf8.hpp"
#include "core/mapping/evaluate/evaluate.hpp"

namespace llm_admin::mapping {

void read_params(std::string_view text, request_input& input, json::tree& out) {
  call_memory memory(input.limits, out);
  json::parse_options how;
  how.lenient = how.keep_source = true;
  const json::parsed read = json::parse(text, out, how);
  if (read.value == nullptr)
    throw error(sqlstate::request_invalid, "request cannot be built from these parameters",
                read.too_deep ? "the parameters nest deeper than 256 levels"
                              : "the parameters are no JSON (at byte " + std::to_string(read.at) + ")");
  input.replaced.nulls = read.nulls;
  if (read.surrogates > 0) json::sanitize(out, read.value, false, input.replaced);
  input.params = json::view(read.value);
}

std::string body_text(const built_request& made, const limits& most) {
  if (made.body == nullptr) return {};
  std::optional<std::string> text = json::write_text(json::view(made.body), most.max_output_bytes);
  if (!text) output_too_large(most);
  return std::move(*text);
}

built_text build_text(const request_program& program, std::string_view params, request_input input,
                      json::tree& out) {
  read_params(params, input, out);
  built_text result{build(program, input, out), {}};
  result.body = body_text(result.made, input.limits);
  return result;
}

}  // namespace llm_admin::mapping
