#include "core/tier_rules.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "core/glob.hpp"

namespace llm_admin {

tier_rules::tier_rules(std::vector<tier_rule> rules) : rules_(std::move(rules)) {
  std::sort(rules_.begin(), rules_.end(), [](const tier_rule& a, const tier_rule& b) {
    const auto key = [](const tier_rule& of) {
      return std::tuple<std::int64_t, std::int64_t, bool, std::string_view>(
          -static_cast<std::int64_t>(of.priority), -static_cast<std::int64_t>(literals_in_glob(of.pattern)),
          of.allowed, of.pattern);
    };
    return key(a) < key(b);
  });
  std::vector<std::string_view> patterns;
  patterns.reserve(rules_.size());
  for (const tier_rule& one : rules_) patterns.emplace_back(one.pattern);
  index_ = glob_index(patterns);
}

const tier_rule* tier_rules::find(std::string_view model) const {
  const auto found = index_.first(model);
  return found ? &rules_[*found] : nullptr;
}

}  // namespace llm_admin
