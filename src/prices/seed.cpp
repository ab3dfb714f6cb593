// shipped_prices and seed_prices: the prices that ship, as rows and into the tables. prices.json is a list of
// {model_id, rates, as_of (the day they are from), source (where that is said), max_input_tokens, max_output_tokens}.
#include "core/json/decimal.hpp"
#include "core/shipped.hpp"
#include "pg/entry.hpp"
#include "pg/jsonb.hpp"
#include "pg/result.hpp"
#include "pg/role.hpp"
#include "pg/spi.hpp"
#include "prices/price_row.hpp"
#include "prices/write_price.hpp"
#include "store/owner.hpp"

using namespace llm_admin;

namespace {

pg::statement had_price{
    "SELECT 1 FROM llm_admin.model_price_history h WHERE h.model_id OPERATOR(pg_catalog.=) "
    "$1::pg_catalog.varchar "
    "UNION ALL SELECT 1 FROM llm_admin.model_pricing p WHERE p.model_id OPERATOR(pg_catalog.=) "
    "$1::pg_catalog.varchar LIMIT 1",
    {TEXTOID}};

std::optional<std::int32_t> tokens_of(const json::node& row, const char* member) {
  const json::node value = row.member(member);
  if (!value.is_number()) return std::nullopt;
  return static_cast<std::int32_t>(json::to_int64(value.number_text()).value_or(0));
}

// The day that a price is known of, from its beginning in UTC.
TimestampTz day_of(const json::node& row) {
  const std::string text = std::string(row.member("as_of").text()) + " 00:00:00+00";
  return prices::read_time(text);
}

// Whoever withdrew a price of a model or had another one does not want it back.
bool ever_had_price(std::string_view model) {
  const store::as_owner owner;
  pg::spi sql;
  return sql.run_on_latest(had_price, {pg::value(model)}) > 0;
}

void add_shipped_price(const json::node& row) {
  const pricing::rate_table rates = pricing::rate_table::read(row.member("rates"));
  prices::new_price what;
  what.model_id = row.member("model_id").text();
  what.rates = &rates;
  what.source = "import";
  what.max_input_tokens = tokens_of(row, "max_input_tokens");
  what.max_output_tokens = tokens_of(row, "max_output_tokens");
  what.from = std::min(day_of(row), GetCurrentTimestamp());
  (void)prices::write_price(what);
}

}  // namespace

LLM_ADMIN_FUNCTION(llm_admin_shipped_prices)(FunctionCallInfo fcinfo) {
  shipped::catalog ships;
  const json::node all = ships.document("prices.json");
  pg::row_set rows(fcinfo);
  for (std::uint32_t n = 0; n < all.size; ++n) {
    const json::node row = all.element(n);
    json::tree tree;
    pg::row_builder out;
    out.add_text(row.member("model_id").text()).add_jsonb(pg::make_jsonb(tree.borrow(row.member("rates"))));
    out.add(TimestampTzGetDatum(day_of(row)), TIMESTAMPTZOID).add_text(row.member("source").text());
    for (const char* member : {"max_input_tokens", "max_output_tokens"}) {
      const auto tokens = tokens_of(row, member);
      tokens ? out.add_integer(*tokens) : out.add_null();
    }
    rows.add(out);
  }
  return Datum{0};
}

LLM_ADMIN_FUNCTION(llm_admin_seed_prices)(FunctionCallInfo fcinfo) {
  pg::require_primary("seed_prices");
  shipped::catalog ships;
  const json::node all = ships.document("prices.json");
  pg::row_set rows(fcinfo);
  for (std::uint32_t n = 0; n < all.size; ++n) {
    const json::node row = all.element(n);
    const std::string_view model = row.member("model_id").text();
    const bool there = ever_had_price(model);
    if (!there) add_shipped_price(row);
    pg::row_builder out;
    out.add_text("price of " + std::string(model)).add_text(there ? "already there" : "added");
    rows.add(out);
  }
  return Datum{0};
}
