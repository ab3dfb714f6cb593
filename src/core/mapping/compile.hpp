// From a request_builder_config or response_extractor_config (any JSON value) to a program, with all problems
// at once.
//
// Never throws for what is wrong with a config; std::bad_alloc, and whatever the holder's number_text()
// throws, pass. `program` is null when any problem is an error; warnings alone leave it there. The program
// keeps nothing of the config's holder. The first problem has the seed's own text where its case applies:
// missing version, structure, or names. JSON null counts as missing everywhere. Bounds (depth, size) are
// checked before anything recursive. Reads versions "1.0" and "1.1". In 1.0 a rule is {source | paths |
// fields, join, type, default, required} or a bare path text; a rule with nothing but a default is a
// constant; the heads and modifiers of 1.1 are reported as such. Unknown members are warnings in 1.0 and
// errors in 1.1, with the nearest known name.
#pragma once

#include <memory>
#include <vector>

#include "core/json/view.hpp"
#include "core/mapping/problem.hpp"
#include "core/mapping/program.hpp"

namespace llm_admin::mapping {

template <typename program_type>
struct compiled {
  std::shared_ptr<const program_type> program;
  std::vector<problem> problems;
};

compiled<request_program> compile_request(const json::node& config);
compiled<response_program> compile_response(const json::node& config);

}  // namespace llm_admin::mapping
