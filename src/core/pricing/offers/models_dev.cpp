// models.dev: an object of providers, each with an object of models; US dollars per million tokens.
#include "core/json/decimal.hpp"
#include "core/pricing/offers/maker.hpp"

namespace llm_admin::pricing {

namespace {

struct models_dev_field {
  std::string_view name, meter;
};
constexpr models_dev_field models_dev_fields[] = {{"input", "input"},
                                                  {"output", "output"},
                                                  {"reasoning", "reasoning"},
                                                  {"cache_read", "cached_input"},
                                                  {"cache_write", "cache_write"},
                                                  {"input_audio", "input_audio"},
                                                  {"output_audio", "output_audio"}};

void prices(const json::node& cost, std::int64_t above, offer_maker& made) {
  for (const models_dev_field& one : models_dev_fields) {
    std::string key(one.meter);
    if (above > 0) key.append(">").append(std::to_string(above));
    made.rate(std::move(key), cost.member(one.name), per_million);
  }
}

void contexts(const json::node& cost, offer_maker& made) {
  const json::node tiers = cost.member("tiers");
  bool any = false;
  for (std::uint32_t n = 0; tiers.is_array() && n < tiers.size; ++n) {
    const json::node tier = tiers.element(n).member("tier");
    const json::node type = tier.member("type"), size = tier.member("size");
    const std::int64_t above = size.is_number() ? json::to_int64(size.number_text()).value_or(0) : 0;
    if (!type.is_string() || type.text() != "context" || above <= 0) continue;
    prices(tiers.element(n), above, made);
    any = true;
  }
  constexpr std::int64_t of_old = 200'000;
  if (!any) prices(cost.member("context_over_200k"), of_old, made);
}

}  // namespace

void read_models_dev(const json::node& file, function_ref<void(const offer&)> take) {
  std::string_view provider, model;
  for (std::uint32_t n = 0; n < file.size; ++n) {
    const json::node models = file.member_at(n, provider).member("models");
    const std::string vendor = vendor_of(provider);
    for (std::uint32_t m = 0; models.is_object() && m < models.size; ++m) {
      const json::node row = models.member_at(m, model);
      const json::node cost = row.member("cost");
      if (!cost.is_object()) continue;  // it has no price there
      offer_maker made(model, vendor, model);
      prices(cost, 0, made);
      contexts(cost, made);
      made.limits(row.member("limit").member("context"), row.member("limit").member("output"));
      take(made.finish(true));
    }
  }
}

}  // namespace llm_admin::pricing
