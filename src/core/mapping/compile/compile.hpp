// From a request_builder_config or response_extractor_config (any JSON value) to a program, with all problems
// at once.
//
// Never throws for what is wrong with a config; std::bad_alloc, and whatever the holder's number_text() and
// the bounds' poll throw, pass. `program` is null when any problem is an error; warnings alone leave it
// there. The program keeps nothing of the config's holder. The first problem has the seed's own text where
// its case applies: missing version, structure, or names. JSON null counts as missing everywhere. Bounds
// (depth, size) are checked before anything recursive; `max_bytes` bounds all that is made on the way: rules,
// conditions, paths, literals and problems, also those that a definition gives again each time its members
// are overridden. What would take more is the problem program_too_large. After 100 problems no more are
// gathered. Reads versions "1.0" and "1.1". In 1.0 a rule is {source | paths | fields, join, type, default,
// required} or a bare path text; a rule with nothing but a default is a constant; the heads and modifiers
// of 1.1 are reported as such. Unknown members are warnings in 1.0 and errors in 1.1, with the nearest known
// name.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/json/view.hpp"
#include "core/mapping/problem.hpp"
#include "core/mapping/program.hpp"

namespace llm_admin::mapping {

struct compile_bounds {
  std::uint64_t max_bytes = 8u << 20;  // of the program and its problems together
  void (*poll)() = nullptr;            // as limits::poll
};

template <typename program_type>
struct compiled {
  std::shared_ptr<const program_type> program;
  std::vector<problem> problems;
};

compiled<request_program> compile_request(const json::node& config, const compile_bounds& bounds = {});
compiled<response_program> compile_response(const json::node& config, const compile_bounds& bounds = {});

}  // namespace llm_admin::mapping
