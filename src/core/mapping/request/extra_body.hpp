// Merges the parameter extra_body into a built body: deeply, below what the rules made, and never over it.
//
// A member that the body lacks is added as it is (JSON null too); objects on both sides are merged;
// everything else is a finding, and so is whatever `guard` protects. Private to this folder. Throws 54000
// when the budget runs out.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/json/tree.hpp"
#include "core/mapping/budget.hpp"
#include "core/mapping/problem.hpp"

namespace llm_admin::mapping {

struct extra_guard {
  std::vector<std::pair<std::string, std::string>> names;  // top member -> why it is refused
  std::vector<std::pair<std::vector<std::string>, std::string>>
      places;  // place in the body -> why it is refused
};

// `added`, if not null, collects the pointers of what was added. `written_as` is the pointer of extra_body in
// the parameters.
void merge_extra_body(json::item* body, const json::node& extra, const extra_guard& guard, json::tree& out,
                      budget& left, const std::string& written_as, std::vector<finding>& findings,
                      std::vector<std::string>* added);

}  // namespace llm_admin::mapping
