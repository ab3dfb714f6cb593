#include "core/pricing/bounds.hpp"

namespace llm_admin::pricing {

std::vector<std::string> out_of_bounds(const rate_table& rates, const money::decimal& usd,
                                       const bounds& within) {
  std::vector<std::string> found;
  for (const rate& each : rates.all()) {
    const meter* of = find_meter(each.meter);
    if (of == nullptr || each.value.is_zero()) continue;
    const money::decimal price = each.value * usd;
    const char* unit = of->by_thousand ? " USD per 1,000 tokens is " : " USD a piece is ";
    const auto tell = [&](const char* side, const money::decimal& bound) {
      found.push_back(each.key + " of " + price.text() + unit + side + bound.text());
    };
    const money::decimal& most = of->by_thousand ? within.most_per_1k : within.most_per_unit;
    if (price > most) tell("above ", most);
    if (of->by_thousand && price < within.least_per_1k) tell("below ", within.least_per_1k);
  }
  return found;
}

}  // namespace llm_admin::pricing
