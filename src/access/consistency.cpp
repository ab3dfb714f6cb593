// tier_consistency: what a lower tier allows and a higher one denies. Each rule is tried by a model that its
// pattern matches: a wildcard stands for a character that no model has.
#include <map>
#include <string>
#include <utility>

#include "pg/entry.hpp"
#include "pg/result.hpp"
#include "store/access.hpp"

using namespace llm_admin;

namespace {

std::string model_of(std::string_view pattern) {
  std::string made(pattern);
  for (char& c : made)
    if (c == '*' || c == '?') c = '\x01';
  return made;
}

}  // namespace

LLM_ADMIN_FUNCTION(llm_admin_tier_consistency)(FunctionCallInfo fcinfo) {
  pg::row_set rows(fcinfo);
  const auto tiers = store::all_tiers();
  std::map<std::string, std::string> models;  // and the pattern that each is of
  for (const store::tier_with_rules& tier : *tiers)
    for (const tier_rule& rule : tier.rules.in_order()) models.emplace(model_of(rule.pattern), rule.pattern);
  for (const auto& [model, pattern] : models) {
    pg::call([] { CHECK_FOR_INTERRUPTS(); });
    const store::tier_with_rules* lower = nullptr;
    const tier_rule* by = nullptr;
    for (const store::tier_with_rules& tier : *tiers) {
      const tier_rule* found = tier.rules.find(model);
      if (found != nullptr && found->allowed) {
        lower = &tier;
        by = found;
      } else if (lower != nullptr) {
        pg::row_builder row;
        row.add_text(pattern).add_text(lower->code).add_text(by->pattern).add_text(tier.code);
        if (found == nullptr)
          row.add_null();
        else
          row.add_text(found->pattern);
        rows.add(row);
      }
    }
  }
  return Datum{0};
}
