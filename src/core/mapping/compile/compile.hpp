// From a request_builder_config or response_extractor_config (any JSON value) to a program, with all problems
// at once.
//
// Result   `program` is null when any problem is an error; warnings alone leave it there. It keeps nothing of
//          the config's holder. JSON null counts as missing everywhere. Unknown members are warnings in 1.0
//          and errors in 1.1, with the nearest known name. After 100 problems no more are gathered.
// Errors   what is wrong with a config is a problem and no exception. std::bad_alloc passes, and so does what
//          the holder's number_text() and the bounds' poll throw.
// Bounds   depth and size are checked before anything recursive. `max_bytes` is for all that is made on the
//          way: rules, conditions, paths, literals and problems, also those that a definition gives again
//          each time its members are overridden. What would take more is the problem program_too_large.
// Versions "1.0" and "1.1". In 1.0 a rule is {source | paths | fields, join, type, default, required} or a
//          bare path text; a rule with nothing but a default is a constant; heads and modifiers of 1.1 are
//          reported as such. A version, a structure or names that are missing are told first, in the words of
//          the scripts that came before 0.1, which clients match.
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
