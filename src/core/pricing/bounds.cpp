#include "core/pricing/bounds.hpp"

namespace llm_admin::pricing {

std::vector<rate_beyond> out_of_bounds(const rate_table& rates, const money::decimal& usd,
                                       const bounds& within) {
  std::vector<rate_beyond> found;
  for (const rate& each : rates.all()) {
    const meter* of = find_meter(each.meter);
    if (of == nullptr || each.value.is_zero()) continue;
    const money::decimal price = each.value * usd;
    const char* unit = of->by_thousand ? " USD per 1,000 tokens is " : " USD a piece is ";
    const auto tell = [&](const char* side, const money::decimal& bound, const char* name) {
      found.push_back({each.key + " of " + price.text() + unit + side + bound.text(), name});
    };
    const money::decimal& most = of->by_thousand ? within.most_per_1k : within.most_per_unit;
    if (price > most) tell("above ", most, of->by_thousand ? "max_price_per_1k" : "max_price_per_unit");
    if (of->by_thousand && price < within.least_per_1k)
      tell("below ", within.least_per_1k, "min_price_per_1k");
  }
  return found;
}

}  // namespace llm_admin::pricing
