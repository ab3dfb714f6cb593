// model_price_history: what writes it, and what refuses to change it.
#include <algorithm>
#include <cstdio>

#include "core/error.hpp"
#include "core/given_name.hpp"
#include "core/keys/redact.hpp"
#include "core/pricing/bounds.hpp"
#include "pg/entry.hpp"
#include "pg/jsonb.hpp"
#include "pg/role.hpp"
#include "pg/settings.hpp"
#include "pg/spi.hpp"
#include "prices/price_row.hpp"
#include "store/owner.hpp"
#include "store/price.hpp"
#include "store/tables.hpp"
#include "store/trigger.hpp"

namespace llm_admin::prices {

namespace {

pg::statement next_price_id{
    "SELECT pg_catalog.nextval('llm_admin.model_price_history_price_id_seq'::pg_catalog.regclass)", {}};
// A price that was recorded a second before it began, or earlier, was meant for later and is no bound.
pg::statement begin_now{
    "SELECT GREATEST(pg_catalog.clock_timestamp(), (SELECT pg_catalog.max(h.valid_from) FROM "
    "llm_admin.model_price_history h WHERE h.model_id OPERATOR(pg_catalog.=) $1::pg_catalog.varchar AND "
    "h.valid_from OPERATOR(pg_catalog.<=) (h.recorded_at OPERATOR(pg_catalog.+) '1 s'::pg_catalog.interval)) "
    "OPERATOR(pg_catalog.+) '1 us'::pg_catalog.interval)",
    {TEXTOID}};
pg::statement add_price{
    "INSERT INTO llm_admin.model_price_history (model_id, valid_from, price_id, rates, currency, source, "
    "changed_by) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (model_id, valid_from) DO NOTHING",
    {TEXTOID, TIMESTAMPTZOID, INT8OID, JSONBOID, TEXTOID, TEXTOID, TEXTOID}};

std::optional<TimestampTz> current_date;

money::decimal bound_of(double setting) {
  char text[40];
  std::snprintf(text, sizeof text, "%.15g", setting);
  return money::decimal::from_text(text).value_or(money::decimal());
}

std::string joined(const std::vector<pricing::rate_beyond>& all) {
  constexpr std::size_t most = 10;
  std::string text;
  for (std::size_t n = 0; n < std::min(all.size(), most); ++n) text += (n > 0 ? "\n" : "") + all[n].text;
  return text;
}

std::vector<pricing::rate_beyond> beyond_settings(const pricing::rate_table& rates,
                                                  const money::decimal& usd) {
  const pricing::bounds within{bound_of(pg::settings::min_price_per_1k()),
                               bound_of(pg::settings::max_price_per_1k()),
                               bound_of(pg::settings::max_price_per_unit())};
  return out_of_bounds(rates, usd, within);
}

}  // namespace

dated_price::dated_price(std::optional<TimestampTz> from) noexcept : before_(current_date) {
  current_date = from;
}
dated_price::~dated_price() { current_date = before_; }
std::optional<TimestampTz> dated_price::current() noexcept { return current_date; }

void require_model_id(std::string_view model_id) {
  const std::size_t slash = model_id.find('/');
  if (slash != std::string_view::npos && slash > 0 && slash + 1 < model_id.size()) return;
  throw error(sqlstate::request_invalid, "a price is of a canonical model id",
              "model_id has no vendor in front: no call would be priced by it",
              "give <vendor>/<model>, such as openai/gpt-4o");
}

std::string implausible(const pricing::rate_table& rates, std::string_view currency) {
  const auto usd = store::usd_at(currency, GetCurrentTimestamp());
  if (!usd) return "nothing is known of the currency " + std::string(currency);
  return joined(beyond_settings(rates, *usd));
}

void require_plausible(std::string_view model_id, const pricing::rate_table& rates,
                       std::string_view currency) {
  const auto usd = store::usd_at(currency, GetCurrentTimestamp());
  if (!usd)
    throw error(
        sqlstate::request_invalid, "unknown currency", "there is no exchange rate of it that holds now",
        "INSERT INTO llm_admin.exchange_rates (currency, valid_from, usd) VALUES ('" +
            std::string(currency.size() == 3 ? currency : "<currency>") + "', now(), <US dollars a unit>)");
  const std::vector<pricing::rate_beyond> problems = beyond_settings(rates, *usd);
  if (problems.empty()) return;
  throw error(sqlstate::request_invalid,
              "the price of " + std::string(shortened(model_id, 255)) + " is implausible", joined(problems),
              std::string("prices are per 1,000 tokens: divide one per million by 1,000; where it is right, "
                          "SET llm_admin.") +
                  problems.front().bound + " = <US dollars>");
}

TimestampTz read_time(std::string_view text) {
  return pg::call([=] {
    return DatumGetTimestampTz(DirectFunctionCall3(timestamptz_in,
                                                   CStringGetDatum(pnstrdup(text.data(), text.size())),
                                                   ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
  });
}

std::int64_t new_price_id() {
  const store::as_owner owner;
  pg::spi sql;
  sql.run(next_price_id, {});
  return sql.at(0).bigint(1);
}

TimestampTz add_to_history(std::string_view model_id, std::int64_t price_id, const pricing::rate_table* rates,
                           std::string_view currency, std::string_view source,
                           std::optional<TimestampTz> from) {
  pg::parameter written = pg::null_value();
  if (rates != nullptr) {
    json::tree tree;
    written = pg::datum_value(pg::make_jsonb(rates->written(tree)), JSONBOID);
  }
  const std::string_view actor = pg::settings::actor();
  const std::string by = actor.empty() ? pg::session_role() : std::string(shortened(actor, 255));
  const store::as_owner owner;
  pg::spi sql;
  if (!from) {
    sql.run(begin_now, {pg::value(model_id)});
    from = DatumGetTimestampTz(sql.at(0).raw(1, TIMESTAMPTZOID));
  }
  constexpr int most_tries = 1000;
  for (int n = 0; n < most_tries; ++n, ++*from)
    if (sql.run(add_price,
                {pg::value(model_id), pg::datum_value(TimestampTzGetDatum(*from), TIMESTAMPTZOID),
                 pg::value(price_id), written, pg::value(currency), pg::value(source), pg::value(by)}) > 0)
      return *from;
  throw error(sqlstate::request_invalid, "too many prices of one model begin at one instant", "",
              "choose another valid_from");
}

}  // namespace llm_admin::prices

using namespace llm_admin;

LLM_ADMIN_FUNCTION(llm_admin_refuse_price_change)(FunctionCallInfo fcinfo) {
  const store::trigger_call trigger(
      fcinfo, store::table::price_history,
      {{true, true, {TRIGGER_EVENT_UPDATE, TRIGGER_EVENT_DELETE}}, {true, false, {TRIGGER_EVENT_TRUNCATE}}});
  throw error(
      sqlstate::append_only, "model_price_history is append-only",
      trigger.truncates() ? "TRUNCATE was refused"
                          : (trigger.deletes() ? "DELETE was refused" : "UPDATE was refused"),
      "SELECT * FROM llm_admin.set_model_price('<model>', '<rates>', valid_from => '<time>') adds a price "
      "that held from then on");
}

LLM_ADMIN_FUNCTION(llm_admin_refuse_price_truncate)(FunctionCallInfo fcinfo) {
  const store::trigger_call trigger(fcinfo, store::table::model_pricing,
                                    {{true, false, {TRIGGER_EVENT_TRUNCATE}}});
  throw error(sqlstate::append_only, "prices are withdrawn row by row",
              "TRUNCATE was refused: the history would not tell", "DELETE FROM llm_admin.model_pricing");
}
