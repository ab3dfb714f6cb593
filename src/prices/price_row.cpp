// The row triggers of model_pricing: what a row may hold, and the history of its price.
#include "prices/price_row.hpp"

#include "core/error.hpp"
#include "pg/entry.hpp"
#include "pg/jsonb.hpp"
#include "pg/numeric.hpp"
#include "pg/row_rules.hpp"
#include "store/load.hpp"
#include "store/trigger.hpp"

using namespace llm_admin;

namespace {

constexpr std::size_t most_bytes_of_rates = 64 * 1024;

// The bare meters that have a column.
struct price_column {
  std::string_view meter;
  const char* column;
};
constexpr price_column price_columns[] = {{"input", "input_price_per_1k"}, {"output", "output_price_per_1k"}};

std::optional<std::string> number_in(const pg::tuple_image& row, const char* column) {
  if (row.is_null(column)) return std::nullopt;
  return pg::numeric_text(row.value(column).value);
}

// All rates of a row, those of the columns too. The columns' own CHECKs refuse what is below 0.
pricing::rate_table rates_of(const pg::tuple_image& row) {
  json::tree tree;
  const json::node rates = row.jsonb("rates");
  json::item* all = rates.is_object() ? tree.copy(rates) : tree.object();
  for (const price_column& one : price_columns)
    if (const auto price = number_in(row, one.column))
      tree.put(all, one.meter, tree.string(tree.keep(*price)));
  return pricing::rate_table::read(json::view(all));
}

class price_check {
 public:
  price_check(const pg::tuple_image& row, const pg::tuple_image* before, const pg::trigger_call& trigger)
      : row_(row), before_(before), trigger_(trigger), changes_(row) {}

  HeapTuple run() {
    row_.require_size("rates", most_bytes_of_rates, before_);
    const bool model = changed("model_id");
    if (model) prices::require_model_id(row_.text("model_id"));
    fill_provider();
    if (!row_.is_null("rates") && !row_.is_null("currency")) fold();
    return changes_.any() ? changes_.apply() : row_.tuple();
  }

 private:
  bool changed(const char* column) const {
    return before_ == nullptr || !before_->same(row_, row_.column(column));
  }

  void fill_provider() {
    const std::string_view model = row_.text("model_id");
    if (row_.is_null("provider") || !row_.text("provider").empty()) return;
    constexpr std::size_t longest_provider = 100;
    changes_.set_text("provider", model.substr(0, std::min(model.find('/'), longest_provider)));
  }

  // Rates of the bare meters go into their columns; then the price has a number if it is another one.
  void fold() {
    json::tree tree;
    const json::node given = row_.jsonb("rates");
    const pricing::rate_table read = pricing::rate_table::read(given);
    json::item* all = read.written(tree);
    for (const price_column& one : price_columns) {
      const pricing::rate* rate = read.find(one.meter);
      const auto column = number_in(row_, one.column);
      const auto price = column ? money::decimal::from_text(*column) : std::nullopt;
      if (column && !price) refuse(one.column, "must be a number of at most 60 digits on either side");
      if (rate == nullptr && price) tree.append(all, one.meter, tree.string(tree.keep(*column)));
      if (rate == nullptr || (price && *price == rate->value)) continue;
      const bool stated = price && (before_ == nullptr || !before_->same(row_, row_.column(one.column)));
      if (stated) refuse(one.column, "is another price than the rate " + std::string(one.meter));
      changes_.set(one.column, pg::make_numeric(rate->value.text()), NUMERICOID);
    }
    const pricing::rate_table rates = pricing::rate_table::read(json::view(all));
    json::tree others;
    changes_.set("rates", pg::make_jsonb(rates.written(others, true)), JSONBOID);
    if (before_ != nullptr && !changed("currency") && !changed("model_id") && rates == rates_of(*before_)) {
      keep_id();
      return;
    }
    prices::require_plausible(row_.text("model_id"), rates, row_.text("currency"));
    changes_.set("price_id", Int64GetDatum(prices::new_price_id()), INT8OID);
    if (before_ == nullptr || !trigger_.sets(row_.column("last_updated")))
      changes_.set("last_updated", TimestampTzGetDatum(GetCurrentTimestamp()), TIMESTAMPTZOID);
    // Whoever changes a price by hand is its source, and no import overwrites it.
    if (before_ != nullptr && !trigger_.sets(row_.column("source"))) changes_.set_text("source", "manual");
  }

  void keep_id() {
    if (before_->is_null("price_id"))
      changes_.set("price_id", Int64GetDatum(prices::new_price_id()), INT8OID);
    else
      changes_.set("price_id", before_->value("price_id"));
  }

  [[noreturn]] static void refuse(const char* column, const std::string& problem) {
    throw error(sqlstate::request_invalid, "the price is invalid", std::string(column) + " " + problem,
                "give a price of input and output in its column or in rates");
  }

  const pg::tuple_image& row_;
  const pg::tuple_image* before_;
  const pg::trigger_call& trigger_;
  pg::tuple_changes changes_;
};

void withdraw(const pg::tuple_image& row) {
  prices::add_to_history(row.text("model_id"), prices::new_price_id(), nullptr, row.text("currency"),
                         row.text("source"), prices::dated_price::current());
}

std::int64_t price_id_of(const pg::tuple_image& row) {
  return row.is_null("price_id") ? 0 : DatumGetInt64(row.value("price_id").value);
}

}  // namespace

LLM_ADMIN_FUNCTION(llm_admin_check_model_price)(FunctionCallInfo fcinfo) {
  const store::trigger_call trigger(fcinfo, store::table::model_pricing,
                                    {{true, true, {TRIGGER_EVENT_INSERT, TRIGGER_EVENT_UPDATE}}});
  const pg::tuple_image row = trigger.new_row();
  std::optional<pg::tuple_image> before;
  if (trigger.updates()) before.emplace(trigger.old_row());
  const HeapTuple old = before ? before->tuple() : nullptr;
  // First by the table's own rules: what is below 0 or NULL is told as the server does.
  pg::require_row_rules(fcinfo, trigger.table(), row.tuple(), old);
  if (store::loading(trigger)) return trigger.unchanged();
  return pg::trigger_call::replaced(price_check(row, before ? &*before : nullptr, trigger).run());
}

LLM_ADMIN_FUNCTION(llm_admin_record_model_price)(FunctionCallInfo fcinfo) {
  const store::trigger_call trigger(
      fcinfo, store::table::model_pricing,
      {{false, true, {TRIGGER_EVENT_INSERT, TRIGGER_EVENT_UPDATE, TRIGGER_EVENT_DELETE}}});
  if (store::loading(trigger)) return Datum{0};
  if (trigger.deletes()) {
    withdraw(trigger.old_row());
    return Datum{0};
  }
  const pg::tuple_image row = trigger.new_row();
  if (trigger.updates()) {
    const pg::tuple_image before = trigger.old_row();
    if (price_id_of(before) == price_id_of(row)) return Datum{0};
    if (before.text("model_id") != row.text("model_id")) withdraw(before);
  }
  const pricing::rate_table rates = rates_of(row);
  prices::add_to_history(row.text("model_id"), price_id_of(row), &rates, row.text("currency"),
                         row.text("source"), prices::dated_price::current());
  return Datum{0};
}
