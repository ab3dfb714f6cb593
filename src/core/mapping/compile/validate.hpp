// A pair of mapping configs, checked as one: what the triggers and validate_config() refuse.
#pragma once

#include <string_view>
#include <vector>

#include "core/json/view.hpp"
#include "core/mapping/compile/compile.hpp"
#include "core/mapping/problem.hpp"

namespace llm_admin::mapping {

// Of the row that a request config is stored in: where the holes of its `url:` places may stand.
struct url_texts {
  std::string_view base_url, endpoint_path;
};

// Problems of a request config that is about to be stored: those of compiling it, and as errors headers that
// 0.3 took and that are refused since (core/http/auth.hpp); what is stored with such a one goes on working.
// With the row, holes that stand nowhere in it are errors, too.
std::vector<problem> request_problems(const json::node& request, const compile_bounds& bounds = {},
                                      const url_texts* row = nullptr);

// The rules of a 1.2 config whose `url:` hole stands nowhere in the URL of their call, as errors; nothing when
// the config does not compile.
std::vector<problem> hole_problems(const json::node& request, const url_texts& row,
                                   const compile_bounds& bounds = {});

// All problems, the request's first; warnings included.
std::vector<problem> problems_of_pair(const json::node& request, const json::node& response,
                                      const compile_bounds& bounds = {}, const url_texts* row = nullptr);

// Throws error{LA001} when any problem is an error: the first one's text as message, all of them in DETAIL.
void require_valid(const std::vector<problem>& problems);

}  // namespace llm_admin::mapping
