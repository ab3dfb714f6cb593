#include "core/limits/limit.hpp"

#include <utility>

namespace llm_admin::limits {

namespace {

constexpr std::string_view scope_names[] = {"organisation", "tenant", "team",    "user", "key",
                                            "tier",         "model",  "account", "tag"};
constexpr std::string_view what_names[] = {"requests", "input_tokens", "output_tokens",
                                           "tokens",   "cost_usd",     "concurrent"};
constexpr std::string_view on_exceed_names[] = {"deny", "warn", "downgrade"};
constexpr std::string_view unpriced_names[] = {"deny", "estimate", "allow"};

}  // namespace

std::string_view name_of(scope of) noexcept { return scope_names[static_cast<std::size_t>(of)]; }
std::string_view name_of(what of) noexcept { return what_names[static_cast<std::size_t>(of)]; }
std::string_view name_of(on_exceed of) noexcept { return on_exceed_names[static_cast<std::size_t>(of)]; }
std::string_view name_of(unpriced of) noexcept { return unpriced_names[static_cast<std::size_t>(of)]; }

std::optional<money::decimal> amount_at(const limit& of, std::int64_t at) {
  if (!of.amount) return std::nullopt;
  money::decimal sum = *of.amount;
  for (const grant& one : of.grants)
    if (one.from <= at && (!one.until || at < *one.until)) sum += one.extra;
  return sum;
}

limit rule_limit(const uuid& rule, std::string model_pattern, std::int64_t requests_a_day) {
  limit made;
  made.id = rule;
  made.scope = scope::user;
  made.subject = "*";
  made.model = std::move(model_pattern);
  made.amount = requests_a_day;
  return made;
}

limit plan_limit(const uuid& tier, std::int64_t requests, limits::period period, bool per_tenant) {
  limit made;
  made.id = tier;
  made.scope = per_tenant ? scope::tenant : scope::user;
  made.subject = "*";
  made.amount = requests;
  made.period = period;
  return made;
}

}  // namespace llm_admin::limits
