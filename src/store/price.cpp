#include "store/price.hpp"

#include <unordered_map>

#include "core/error.hpp"
#include "core/pricing/names.hpp"
#include "pg/jsonb.hpp"
#include "pg/keyed_rows.hpp"
#include "pg/numeric.hpp"
#include "pg/spi.hpp"
#include "store/model_name.hpp"
#include "store/owner.hpp"
#include "store/tables.hpp"

namespace llm_admin::store {

namespace {

pg::statement price_id_at{
    "SELECT h.price_id FROM llm_admin.model_price_history h WHERE h.model_id OPERATOR(pg_catalog.=) "
    "$1::pg_catalog.varchar AND h.valid_from OPERATOR(pg_catalog.<=) $2 ORDER BY h.valid_from DESC LIMIT 1",
    {TEXTOID, TIMESTAMPTZOID}};
pg::statement price_of_id{
    "SELECT h.model_id::pg_catalog.text, h.currency::pg_catalog.text, h.rates FROM "
    "llm_admin.model_price_history h "
    "WHERE h.price_id OPERATOR(pg_catalog.=) $1",
    {INT8OID}};
pg::statement rate_at{
    "SELECT r.usd FROM llm_admin.exchange_rates r WHERE r.currency OPERATOR(pg_catalog.=) "
    "$1::pg_catalog.varchar "
    "AND r.valid_from OPERATOR(pg_catalog.<=) $2 ORDER BY r.valid_from DESC LIMIT 1",
    {TEXTOID, TIMESTAMPTZOID}};

constexpr std::size_t most_prices = 2000;  // kept by a session

// Rows of the history never change, and a number is given once: what was read holds as long as the table does.
// Withdrawn prices are kept as null.
struct known_prices {
  std::unordered_map<std::int64_t, std::shared_ptr<const price>> by_id;
  std::uint64_t generation = 0;
};

// One for the life of the backend; a pointer, so that no destructor runs at exit.
known_prices& the_known_prices() {
  static known_prices* instance = nullptr;
  if (instance == nullptr) instance = std::make_unique<known_prices>().release();
  (void)oid_of(table::price_history);  // changes are told by the table's oid
  const std::uint64_t now = generation(table::price_history);
  if (instance->generation != now || instance->by_id.size() >= most_prices) instance->by_id.clear();
  instance->generation = now;
  return *instance;
}

// The name in front of the provider's models; where no provider is named, that of the model's id.
std::string vendor_of(std::string_view provider, std::string_view model_id) {
  if (!provider.empty()) return model_names_now().vendor_of(provider);
  const std::size_t slash = model_id.find('/');
  return slash == std::string_view::npos ? std::string() : std::string(model_id.substr(0, slash));
}

// Nothing: a statement has to look.
std::optional<std::optional<std::int64_t>> price_id_below(std::string_view model_id, TimestampTz at) {
  static constexpr pg::keyed_column columns[] = {{"model_id", VARCHAROID, F_TEXTEQ},
                                                 {"valid_from", TIMESTAMPTZOID, InvalidOid},
                                                 {"price_id", INT8OID, InvalidOid}};
  const pg::keyed_table of = {lock(table::price_history, AccessShareLock),
                              oid_of(index::price_history_key),
                              InvalidOid,
                              columns,
                              3,
                              2,
                              AccessShareLock};
  if (!pg::is_plain(of)) return std::nullopt;
  const Datum model[] = {pg::make_text(model_id)};
  const auto row = pg::last_row(of, model, 1, TimestampTzGetDatum(at), F_TIMESTAMPTZ_LE);
  return row ? std::optional(row->bigint(3)) : std::nullopt;
}

std::optional<std::int64_t> price_id_at_time(std::string_view model_id, TimestampTz at) {
  if (const auto found = price_id_below(model_id, at)) return *found;
  const as_owner owner;
  pg::spi sql;
  sql.read_latest(price_id_at,
                  {pg::value(model_id), pg::datum_value(TimestampTzGetDatum(at), TIMESTAMPTZOID)});
  const auto row = sql.first();
  return row ? std::optional(row->bigint(1)) : std::nullopt;
}

}  // namespace

std::shared_ptr<const price> price_by_id(std::int64_t price_id) {
  known_prices& known = the_known_prices();
  const auto there = known.by_id.find(price_id);
  if (there != known.by_id.end()) return there->second;
  const as_owner owner;
  pg::spi sql;
  sql.read_latest(price_of_id, {pg::value(price_id)});
  const auto row = sql.first();
  if (!row) return nullptr;
  std::shared_ptr<price> made;
  if (!row->is_null(3)) {
    made = std::make_shared<price>();
    made->id = price_id;
    made->model_id = row->text(1);
    made->currency = row->text(2);
    made->rates = pricing::rate_table::read(pg::jsonb_view(row->raw(3, JSONBOID)));
  }
  return known.by_id.emplace(price_id, std::move(made)).first->second;
}

std::shared_ptr<const price> price_at(std::string_view model_id, TimestampTz at) {
  const auto id = price_id_at_time(model_id, at);
  return id ? price_by_id(*id) : nullptr;
}

std::optional<money::decimal> usd_at(std::string_view currency, TimestampTz at) {
  if (currency == "USD") return money::decimal(1);
  const as_owner owner;
  pg::spi sql;
  sql.read_latest(rate_at, {pg::value(currency), pg::datum_value(TimestampTzGetDatum(at), TIMESTAMPTZOID)});
  const auto row = sql.first();
  return row ? money::decimal::from_text(pg::numeric_text(row->raw(1, NUMERICOID))) : std::nullopt;
}

std::optional<std::string> priced_call::cost_usd() const {
  return cost.cost_usd ? std::optional(cost.cost_usd->text()) : std::nullopt;
}

std::optional<std::string> priced_call::list_cost_usd() const {
  return cost.list_cost_usd ? std::optional(cost.list_cost_usd->text()) : std::nullopt;
}

priced_call price_call(const call_to_price& what, std::optional<std::int64_t> by) {
  priced_call made;
  bool as_requested = false;
  if (by) {
    made.price = price_by_id(*by);
  } else if (!what.call.local_server || what.call.from_cache) {
    const std::string vendor =
        vendor_of(what.provider, what.model_id.empty() ? what.requested_model : what.model_id);
    for (const pricing::name_to_try& name :
         pricing::names_to_try(vendor, what.served_model, what.model_id, what.requested_model)) {
      made.price = price_at(name.model_id, what.at);
      as_requested = name.as_requested;
      if (made.price != nullptr) break;
    }
  }
  const bool priced = made.price != nullptr;
  const auto usd = priced ? usd_at(made.price->currency, what.at) : std::nullopt;
  made.cost = pricing::cost_of(what.call, priced ? &made.price->rates : nullptr, usd);
  if (priced && as_requested) made.cost.notes.emplace_back("priced_as_requested");
  return made;
}

}  // namespace llm_admin::store
