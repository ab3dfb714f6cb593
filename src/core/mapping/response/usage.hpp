// The result's member `usage`, of what the rule `usage_stats` gave.
//
//   {input_tokens, output_tokens, total_tokens, cached_tokens, cache_write_tokens, cache_write_1h_tokens,
//   reasoning_tokens, service_tier}
// Parts are also read under their OpenAI chat names (prompt_tokens, completion_tokens,
// prompt_tokens_details.cached_tokens, completion_tokens_details.reasoning_tokens), so that a rule may give a
// vendor's usage as it is. A part that is no whole number from 0 to 2^53 counts as not reported and is listed
// in `warnings`.
//
// `checked` (configs of 1.2): input and output are totals that hold their parts. Parts that are more than
// their total together are counted apart by the vendor, so the total is raised by them: what is cached and
// written to the cache; audio, image and video tokens of prompt_tokens_details and completion_tokens_details;
// reasoning; the hour's part of what is written. What the vendor's own total_tokens has beyond the sum then
// counts as output: every vendor seen with such a total leaves its reasoning out. Each misfit is a warning.
#pragma once

#include <string_view>
#include <vector>

#include "core/json/tree.hpp"
#include "core/json/view.hpp"
#include "core/mapping/problem.hpp"

namespace llm_admin::mapping {

// Null when neither of the totals nor a part above 0 is reported. `rule` is the pointer for the warnings.
json::item* usage_of(const json::node& raw, std::string_view rule, bool checked, json::tree& out,
                     std::vector<finding>& warnings);

}  // namespace llm_admin::mapping
