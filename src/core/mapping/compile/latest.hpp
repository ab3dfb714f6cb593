// Members that a config has since version 1.2: of requests not_together and ignores, of responses noise. Private
// to the compiler; problems go to the rule compiler's list.
#pragma once

#include <string>
#include <vector>

#include "core/json/view.hpp"
#include "core/mapping/compile/rules.hpp"
#include "core/mapping/program.hpp"

namespace llm_admin::mapping {

// Absent values give nothing.
std::vector<conflict> not_together_of(const json::node& list, rule_compiler& rules);
ignored_members ignored_of(const json::node& object, rule_compiler& rules);
std::vector<std::vector<std::string>> noise_of(const json::node& list, rule_compiler& rules);

}  // namespace llm_admin::mapping
