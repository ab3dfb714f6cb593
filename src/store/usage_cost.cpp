#include "store/usage_cost.hpp"

#include "store/alias.hpp"
#include "store/model_name.hpp"
#include "store/price.hpp"

namespace llm_admin::store {

namespace {

// A row may be without a model, such as one that an application's own table brings.
std::string canonical(std::string_view provider, std::string_view model) {
  return model.empty() ? std::string() : canonical_model(provider, model).canonical;
}

std::string_view served_model(const usage::call& call) {
  if (!call.served_model.empty()) return call.served_model;
  return call.reported_model.empty() ? call.model : call.reported_model;
}

pricing::call to_price(const usage::call& call) {
  pricing::call priced;
  priced.usage.prompt_tokens = call.counted.input;
  priced.usage.completion_tokens = call.counted.output;
  priced.usage.cached_tokens = call.counted.cached;
  priced.usage.cache_write_tokens = call.counted.cache_write;
  priced.usage.cache_write_1h_tokens = call.counted.cache_write_1h;
  priced.usage.reasoning_tokens = call.counted.reasoning;
  if (!call.quantities.is_absent()) priced.usage.quantities = pricing::read_quantities(call.quantities);
  priced.service_tier = call.service_tier;
  priced.local_server = call.server_id.has_value();
  priced.estimated = call.estimated;
  priced.from_cache = call.cached;
  if (call.key_source == "byollm") priced.key_source = pricing::key_source::byollm;
  if (call.cost) priced.reported_usd = money::decimal::from_text(*call.cost);
  return priced;
}

}  // namespace

call_names names_of_call(const usage::call& call) {
  const std::string_view requested = call.requested_model.empty() ? call.model : call.requested_model;
  return {provider_named(call.provider), canonical(call.provider, served_model(call)),
          canonical(call.provider, requested)};
}

call_cost cost_of_call(const usage::call& call, const call_names& names, TimestampTz at,
                       std::optional<std::int64_t> by) {
  const priced_call priced =
      price_call({call.provider, served_model(call), names.served, names.requested, at, to_price(call)}, by);
  call_cost cost;
  cost.cost_usd = priced.cost_usd();
  cost.list_cost_usd = priced.list_cost_usd();
  if (priced.price) cost.price_id = priced.price->id;
  cost.status = priced.status();
  cost.note = priced.cost.note();
  return cost;
}

}  // namespace llm_admin::store
