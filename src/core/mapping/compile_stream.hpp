// The `stream` member of a response config: how its events rebuild the provider's own document. Private to
// the compiler.
//
// Problems are appended to `problems`; null when one of them is an error. `defs` are the config's, shared
// with the extraction rules.
#pragma once

#include <memory>
#include <vector>

#include "core/mapping/compile_rules.hpp"

namespace llm_admin::mapping {

inline constexpr std::size_t max_target_steps = 64;  // of `to`

std::unique_ptr<const stream_program> compile_stream(const json::node& stream, definitions& defs,
                                                     std::vector<problem>& problems);

}  // namespace llm_admin::mapping
