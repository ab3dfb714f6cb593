// A pair of mapping configs, checked as one: what the triggers and validate_config() refuse.
#pragma once

#include <vector>

#include "core/json/view.hpp"
#include "core/mapping/compile.hpp"
#include "core/mapping/problem.hpp"

namespace llm_admin::mapping {

// All problems, the request's first; warnings included.
std::vector<problem> problems_of_pair(const json::node& request, const json::node& response,
                                      const compile_bounds& bounds = {});

// Throws error{LA001} when any problem is an error: the first one's text as message, all of them in DETAIL.
void require_valid(const std::vector<problem>& problems);

}  // namespace llm_admin::mapping
