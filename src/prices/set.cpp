// set_model_price: a price from now on, or from a time in the past.
#include <array>

#include "core/call_options.hpp"
#include "core/error.hpp"
#include "core/json/decimal.hpp"
#include "pg/args.hpp"
#include "pg/entry.hpp"
#include "pg/result.hpp"
#include "pg/role.hpp"
#include "pg/spi.hpp"
#include "prices/price_row.hpp"
#include "prices/write_price.hpp"
#include "store/owner.hpp"

using namespace llm_admin;

namespace {

constexpr std::array<std::string_view, 6> options_of_set = {
    "currency", "source", "provider", "max_input_tokens", "max_output_tokens", "deprecated_at"};
constexpr std::string_view sources[] = {"manual", "provider_api", "openrouter", "import"};

std::optional<std::int32_t> tokens(const json::node& options, const char* name) {
  const json::node value = options.member(name);
  if (value.is_absent()) return std::nullopt;
  const auto whole = value.is_number() ? json::to_int64(value.number_text()) : std::nullopt;
  if (!whole || *whole <= 0 || *whole > INT32_MAX)
    throw error(sqlstate::invalid_parameter,
                std::string("option ") + name + " must be a whole number above 0");
  return static_cast<std::int32_t>(*whole);
}

std::optional<TimestampTz> time_of(const call_options& options, const char* name) {
  const auto text = options.text(name);
  return text ? std::optional(prices::read_time(*text)) : std::nullopt;
}

std::string_view source_of(const call_options& options) {
  const std::string_view source = options.text("source").value_or("manual");
  if (std::find(std::begin(sources), std::end(sources), source) == std::end(sources))
    throw error(sqlstate::invalid_parameter,
                "option source must be manual, provider_api, openrouter or import");
  return source;
}

void require_currency(std::string_view currency) {
  const bool fits = currency.size() == 3 && std::all_of(currency.begin(), currency.end(),
                                                        [](char c) { return c >= 'A' && c <= 'Z'; });
  if (!fits) throw error(sqlstate::request_invalid, "currency must be three capitals, such as EUR");
}

void require_past(TimestampTz from) {
  if (!TIMESTAMP_NOT_FINITE(from) && from <= GetCurrentTimestamp()) return;
  throw error(sqlstate::request_invalid, "a price begins now or began in the past",
              "valid_from is no time until now", "call set_model_price() when the price begins");
}

// Calls that would cost something else now: those that the price before was of, those of this very model, and those
// without a price that would find this one.
pg::statement days_priced_otherwise{
    "SELECT pg_catalog.array_agg(DISTINCT pg_catalog.timezone('UTC', l.\"timestamp\")::pg_catalog.date) "
    "FROM llm_admin.llm_usage_logs l WHERE l.\"timestamp\" OPERATOR(pg_catalog.>=) $1 "
    "AND l.\"timestamp\" OPERATOR(pg_catalog.<) COALESCE($2, 'infinity') "
    "AND l.cost_status OPERATOR(pg_catalog.=) ANY ('{priced,partial,unpriced,estimated}'::pg_catalog.text[]) "
    "AND l.kind OPERATOR(pg_catalog.<>) 'correction' AND (l.price_id IS NULL OR l.price_id "
    "OPERATOR(pg_catalog.<>) $3) "
    "AND (l.price_id OPERATOR(pg_catalog.=) $4 OR l.model_id OPERATOR(pg_catalog.=) $5 OR (l.price_id IS "
    "NULL "
    "AND (l.requested_model OPERATOR(pg_catalog.=) $5 OR (pg_catalog.starts_with(l.model_id, $5) "
    "AND pg_catalog.substr(l.model_id, pg_catalog.length($5) OPERATOR(pg_catalog.+) 1) "
    "OPERATOR(pg_catalog.~) '^(-[0-9]{4}-[0-9]{2}-[0-9]{2}|-[0-9]{8}|@[^/]*|-latest)$'))))",
    {TIMESTAMPTZOID, TIMESTAMPTZOID, INT8OID, INT8OID, TEXTOID}};

pg::parameter time_value(const std::optional<TimestampTz>& time) {
  return time ? pg::datum_value(TimestampTzGetDatum(*time), TIMESTAMPTZOID) : pg::null_value();
}

void add_days(pg::row_builder& to, std::string_view model, const prices::written_price& made) {
  const store::as_owner owner;
  pg::spi sql;
  sql.run(days_priced_otherwise, {time_value(made.holds_from), time_value(made.holds_until),
                                  pg::value(made.price_id), pg::value(made.price_before), pg::value(model)});
  const pg::row row = sql.at(0);
  if (row.is_null(1)) {
    to.add_null();
    return;
  }
  // It outlives the connection.
  const Datum days = row.raw(1, DATEARRAYOID);
  to.add(pg::call([=] { return datumCopy(days, false, -1); }), DATEARRAYOID);
}

pg::typed_datum time_datum(const std::optional<TimestampTz>& time) {
  return {time ? TimestampTzGetDatum(*time) : Datum{0}, time ? Oid{TIMESTAMPTZOID} : InvalidOid};
}

}  // namespace

LLM_ADMIN_FUNCTION(llm_admin_set_model_price)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  const std::string_view model = in.required_text(0, "model_id");
  prices::require_model_id(model);
  const json::node given = in.jsonb(3, pg::most::settings);
  const call_options options(given, options_of_set);
  pg::require_primary("set_model_price");
  prices::new_price what;
  what.model_id = model;
  what.currency = options.text("currency").value_or("USD");
  require_currency(what.currency);
  what.source = source_of(options);
  what.provider = options.text("provider");
  what.max_input_tokens = tokens(given, "max_input_tokens");
  what.max_output_tokens = tokens(given, "max_output_tokens");
  what.deprecated_at = time_of(options, "deprecated_at");
  if (!in.is_null(2)) {
    what.from = DatumGetTimestampTz(in.raw(2, TIMESTAMPTZOID));
    require_past(*what.from);
  }
  std::optional<pricing::rate_table> rates;
  if (!in.is_null(1)) {
    rates = pricing::rate_table::read(in.jsonb(1, pg::most::settings));
    prices::require_plausible(model, *rates, what.currency);
    what.rates = &*rates;
  }
  const prices::written_price made = prices::write_price(what);
  pg::row_builder row;
  row.add_text(made.change);
  made.price_id ? row.add_bigint(*made.price_id) : row.add_null();
  row.add(time_datum(made.holds_from)).add(time_datum(made.holds_until));
  if (std::string_view(made.change) == "same")
    row.add_null();
  else
    add_days(row, model, made);
  return pg::make_row(fcinfo, row);
}
