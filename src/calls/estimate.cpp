#include "calls/estimate.hpp"

#include "core/error.hpp"
#include "core/given_name.hpp"
#include "core/limits/denial.hpp"
#include "pg/spi.hpp"
#include "store/bounds.hpp"
#include "store/denials.hpp"
#include "store/estimate_settings.hpp"
#include "store/limits.hpp"
#include "store/overdue.hpp"
#include "store/owner.hpp"
#include "store/price.hpp"
#include "store/quota.hpp"

namespace llm_admin::calls_room {

namespace {

pg::statement price_bound{
    "SELECT p.max_output_tokens FROM llm_admin.model_pricing p WHERE p.model_id OPERATOR(pg_catalog.=) "
    "$1::pg_catalog.varchar",
    {TEXTOID}};

std::optional<std::int64_t> output_bound_of_price(const std::string& model) {
  const store::as_owner owner;
  pg::spi sql;
  if (sql.run(price_bound, {pg::value(model)}, true) == 0 || sql.at(0).is_null(1)) return std::nullopt;
  return sql.at(0).integer(1);
}

void require_length(const asked_call& asked, const route& to, const limits::token_estimate& tokens) {
  const auto most = to.access().max_context_length;
  if (!most || tokens.input <= *most) return;
  throw error(sqlstate::not_allowed, "the request is longer than the caller's tier allows",
              "it has " + std::to_string(tokens.input) + " tokens" +
                  (asked.options.input_tokens ? "" : " by estimate") + ", and tier " +
                  named_or_length(to.access().tier) + " allows " + std::to_string(*most),
              "shorten it, or count its tokens and give them as option input_tokens");
}

}  // namespace

call_estimate estimate_of(const asked_call& asked, const route& to, std::string_view params_text,
                          std::int64_t now) {
  const limits::estimate_settings settings = store::estimate_settings_now();
  const mapping::limits work = store::limits_now();
  memory_bound bound(work.max_memory(), work.poll);
  const limits::request_size size = limits::size_of(to.params(), &bound);
  limits::output_bounds bounds;
  bounds.requested = limits::requested_maximum(to.params());
  bounds.provider = to.request().built.output_limit;
  if (!bounds.provider && !to.canonical().empty()) bounds.price = output_bound_of_price(to.canonical());
  bounds.choices = limits::requested_choices(to.params());
  bounds.generates = asked.options.operation != "embeddings" && asked.options.operation != "embed";
  call_estimate made;
  made.tokens = limits::estimate_tokens(size, asked.options.input_tokens, bounds, settings);
  require_length(asked, to, made.tokens);

  store::call_to_price what;
  what.provider = to.call().row.name();
  what.served_model = to.sent_model();
  what.model_id = what.requested_model = to.canonical();
  what.at = now;
  const auto price = to.canonical().empty() ? nullptr : store::price_call(what).price;
  if (price != nullptr) made.price_id = price->id;
  limits::charged_by how;
  // A name may be written with escapes.
  const bool hidden = params_text.find("\\u00") != std::string_view::npos;
  const auto holds = [&](std::string_view word) {
    return hidden || params_text.find(word) != std::string_view::npos;
  };
  how.cache_write = holds("cache_control");
  how.cache_write_1h = how.cache_write && holds("\"1h\"");
  how.audio_out = how.image_out = size.media_out;
  const auto cost_at = [&](std::string_view service_tier) {
    how.service_tier = service_tier;
    return limits::estimate_cost(made.tokens, size, how, price != nullptr ? &price->rates : nullptr,
                                 price != nullptr ? store::usd_at(price->currency, now) : std::nullopt);
  };
  made.cost = cost_at(asked.options.service_tier);
  // The request may name another one than the option.
  const std::string_view sent = limits::requested_service_tier(to.params());
  if (!sent.empty() && sent != asked.options.service_tier)
    if (auto other = cost_at(sent); other.usd && (!made.cost.usd || *made.cost.usd < *other.usd))
      made.cost = std::move(other);
  if (to.by_tenant()) made.cost.usd = money::decimal();
  return made;
}

taken_limits take_limits(const asked_call& asked, const route& to, const call_estimate& estimate,
                         bool is_request, std::int64_t now, bool may_downgrade) {
  const auto known = store::current_limits();
  const std::string_view tenant = asked.who.tenant_id, team = asked.who.team, user = asked.who.user_id;
  const std::string key = asked.key ? uuid_string(asked.key->id) : std::string();
  const auto account_id = to.account_id();
  const std::string account = account_id ? uuid_string(*account_id) : std::string();
  std::vector<limits::met_limit> met = store::limits_met(
      *known, {tenant, team, user, key, to.access().tier, to.canonical(), account, asked.who.tags},
      to.access().max_requests_per_day ? to.access().rule : std::nullopt);

  const limits::estimate_settings settings = store::estimate_settings_now();
  std::vector<store::quota_ask> asks;
  for (limits::met_limit& one : met) {
    if (!is_request && one.by->what == limits::what::requests) continue;
    const auto units = limits::units_of(*one.by, estimate.tokens, estimate.cost, settings);
    if (!units) {
      store::note_denial(one, now);
      throw limits::no_price(one, to.canonical());
    }
    asks.push_back({std::move(one), *units});
  }
  taken_limits made;
  if (asks.empty()) return made;
  if (asks.size() > calls::most_reservations)
    throw error(sqlstate::program_limit, "too many limits apply to a call",
                std::to_string(asks.size()) + " do, and " + std::to_string(calls::most_reservations) +
                    " are the most",
                "SELECT scope, subject, model, count(*) FROM llm_admin.limits WHERE enabled GROUP BY 1, 2, 3 "
                "ORDER BY 4 DESC");
  store::quota_answer answer = store::take_or_free_quota(asks, now, "begin_call");
  if (answer.denied_by) {
    const store::quota_ask& by = asks[*answer.denied_by];
    if (!may_downgrade || by.met.by->on_exceed != limits::on_exceed::downgrade) {
      store::note_denial(by.met, now);
      throw limits::limit_reached(by.met, answer.figures.back(), by.units, now);
    }
    made.downgrade_to = by.met.by->downgrade_to;
    return made;
  }
  for (std::size_t n = 0; n < asks.size(); ++n)
    if (answer.figures[n].exceeded) made.exceeded.push_back(limits::named(asks[n].met));
  made.taken = std::move(answer.taken);
  return made;
}

}  // namespace llm_admin::calls_room
