#include "core/mapping/compile/validate.hpp"

#include <iterator>

#include "core/error.hpp"

namespace llm_admin::mapping {

std::vector<problem> request_problems(const json::node& request, const compile_bounds& bounds) {
  std::vector<problem> all = compile_request(request, bounds).problems;
  for (problem& one : all)
    if (one.code == reserved_header) one.level = severity::error;
  return all;
}

std::vector<problem> problems_of_pair(const json::node& request, const json::node& response,
                                      const compile_bounds& bounds) {
  std::vector<problem> all = request_problems(request, bounds);
  std::vector<problem> more = compile_response(response, bounds).problems;
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  return all;
}

void require_valid(const std::vector<problem>& problems) {
  for (const problem& p : problems) {
    if (p.level != severity::error) continue;
    throw error(
        sqlstate::config_invalid, p.message, render(problems),
        p.hint.empty()
            ? "SELECT * FROM llm_admin.config_problems('<request config>', '<response config>') lists "
              "every problem"
            : p.hint);
  }
}

}  // namespace llm_admin::mapping
