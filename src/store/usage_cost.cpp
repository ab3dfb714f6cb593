#include "store/usage_cost.hpp"

namespace llm_admin::store {

namespace {

std::string canonical(std::string_view provider, std::string_view model) {
  const std::string front = std::string(provider) + '/';
  if (model.empty() || provider.empty() || model.substr(0, front.size()) == front) return std::string(model);
  return front + std::string(model);
}

}  // namespace

call_names names_of_call(const usage::call& call) {
  const std::string_view served = !call.served_model.empty()     ? call.served_model
                                  : !call.reported_model.empty() ? call.reported_model
                                                                 : call.model;
  const std::string_view requested = call.requested_model.empty() ? call.model : call.requested_model;
  return {canonical(call.provider, served), canonical(call.provider, requested)};
}

call_cost cost_of_call(const usage::call& call, const call_names&, TimestampTz) {
  call_cost cost;
  cost.status = "unpriced";
  if (call.cost) {
    cost.status = "reported";
    cost.list_cost_usd = call.cost;
    cost.cost_usd = call.key_source == "byollm" ? std::string("0") : *call.cost;
  }
  return cost;
}

}  // namespace llm_admin::store
