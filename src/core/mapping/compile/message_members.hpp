// Paths into messages and tools that name no member they can have. Private to the compiler.
//
// The members are those of the chat API (api.openai.com, 2025-11) and those that its vendors and this house
// add: reasoning, cache_control, provider_state and their like.
#pragma once

#include <cstdint>
#include <vector>

#include "core/mapping/compile/rules.hpp"

namespace llm_admin::mapping {

// Warnings; `by` as find_reads() gives it.
void warn_of_unknown_members(const request_program& program, const std::vector<std::uint32_t>& by,
                             rule_compiler& rules);

}  // namespace llm_admin::mapping
