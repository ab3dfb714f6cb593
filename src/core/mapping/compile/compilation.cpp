// The problems of one config, as they are gathered.
#include <utility>

#include "core/given_name.hpp"
#include "core/mapping/compile/rules.hpp"

namespace llm_admin::mapping {

void compilation::add(problem found) {
  const bool is_error = found.level == severity::error;
  if (problems.size() >= max_problems) {
    dropped_ = true;
    if (!is_error) return;
    if (has_errors(problems)) throw enough_problems();
  }
  found.pointer = nameable(std::move(found.pointer));
  problems.push_back(std::move(found));
}

std::vector<problem> compilation::take_problems() {
  if (dropped_)
    problems.push_back(
        {config_, "", severity::warning, too_many_problems,
         "there are more problems than the " + std::to_string(problems.size()) + " that are listed",
         "mend these, then look again"});
  return std::move(problems);
}

}  // namespace llm_admin::mapping
