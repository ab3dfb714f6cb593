// The member `stream` of a response_extractor_config (mapping 1.1) to a program.
//
//   stream  {frame: sse | ndjson | json_array,
//            done: {data: text} | {when: condition} | "eof" | {eof: true},
//            rules: [rule, ...]}
//   rule    {when?, each?, to, op: set | append | push | merge, from: rule,
//            emit?: text | reasoning | tool_arguments}, `value` being another spelling of `from`;
//            or {when, error: rule}
//   to      $ and steps: .name | ["name"] | [0] | [{path}], the path read from the event ($) or the item (@)
// Since 1.2 `each` may be an array of paths, each below the match before; `emit` may be tool_call; and a step
// of `to` may be [{key}], the slot that `key` names: one to three paths, or an array of such for several steps.
//
// Private to the compiler. Null after an error; every problem is added to the config's, its pointer beginning
// with /stream. Definitions that it uses are compiled again for it, into its own rules.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "core/json/view.hpp"
#include "core/mapping/compile/rules.hpp"
#include "core/mapping/problem.hpp"
#include "core/mapping/program.hpp"

namespace llm_admin::mapping {

inline constexpr std::size_t max_target_steps = 64;  // of `to`

// `answers`: the rules of extraction; where their rule `choices` looks, a stream rule knows what numbers them.
std::unique_ptr<stream_program> compile_stream(const json::node& stream, const rule_set& answers,
                                               compilation& shared);

// Marks the rules whose place lies in a member of the document that the rule usage_stats of `rules` reads.
void mark_usage(const rule_set& rules, stream_program& stream, memory_bound& memory);

}  // namespace llm_admin::mapping
