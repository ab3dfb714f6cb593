#include "prices/write_price.hpp"

#include "core/error.hpp"
#include "pg/jsonb.hpp"
#include "pg/spi.hpp"
#include "prices/price_row.hpp"
#include "store/audit.hpp"
#include "store/owner.hpp"
#include "store/price.hpp"

namespace llm_admin::prices {

namespace {

pg::statement lock_row{
    "SELECT 1 FROM llm_admin.model_pricing p WHERE p.model_id OPERATOR(pg_catalog.=) $1::pg_catalog.varchar "
    "FOR NO KEY UPDATE",
    {TEXTOID}};
pg::statement price_then{
    "SELECT h.price_id, h.valid_from FROM llm_admin.model_price_history h WHERE h.model_id "
    "OPERATOR(pg_catalog.=) "
    "$1::pg_catalog.varchar AND h.valid_from OPERATOR(pg_catalog.<=) $2 ORDER BY h.valid_from DESC LIMIT 1",
    {TEXTOID, TIMESTAMPTZOID}};
pg::statement next_price{
    "SELECT h.valid_from FROM llm_admin.model_price_history h WHERE h.model_id OPERATOR(pg_catalog.=) "
    "$1::pg_catalog.varchar AND h.valid_from OPERATOR(pg_catalog.>) $2 ORDER BY h.valid_from LIMIT 1",
    {TEXTOID, TIMESTAMPTZOID}};
pg::statement insert_row{
    "INSERT INTO llm_admin.model_pricing (model_id, provider, currency, source, rates, max_input_tokens, "
    "max_output_tokens, deprecated_at) VALUES ($1, COALESCE($2, ''), $3, $4, $5, $6, $7, $8) "
    "ON CONFLICT (model_id) DO NOTHING",
    {TEXTOID, TEXTOID, TEXTOID, TEXTOID, JSONBOID, INT4OID, INT4OID, TIMESTAMPTZOID}};
// The columns of input and output are made of the rates again.
pg::statement update_row{
    "UPDATE llm_admin.model_pricing AS p SET input_price_per_1k = NULL, output_price_per_1k = NULL, "
    "provider = COALESCE($2, p.provider), currency = $3, source = $4, rates = $5, "
    "max_input_tokens = COALESCE($6, p.max_input_tokens), max_output_tokens = COALESCE($7, "
    "p.max_output_tokens), "
    "deprecated_at = COALESCE($8, p.deprecated_at) WHERE p.model_id OPERATOR(pg_catalog.=) "
    "$1::pg_catalog.varchar",
    {TEXTOID, TEXTOID, TEXTOID, TEXTOID, JSONBOID, INT4OID, INT4OID, TIMESTAMPTZOID}};
pg::statement delete_row{
    "DELETE FROM llm_admin.model_pricing AS p WHERE p.model_id OPERATOR(pg_catalog.=) $1::pg_catalog.varchar",
    {TEXTOID}};

pg::parameter time_value(const std::optional<TimestampTz>& time) {
  return time ? pg::datum_value(TimestampTzGetDatum(*time), TIMESTAMPTZOID) : pg::null_value();
}

class writer {
 public:
  explicit writer(const new_price& what) : what_(what) {}

  written_price run() {
    const store::as_owner owner;
    pg::spi sql;
    // Again where another session made the model's row meanwhile, or took it away.
    constexpr int most_tries = 100;
    for (int n = 0; n < most_tries; ++n) {
      made_ = {};
      if (once(sql)) return made_;
    }
    throw not_stored();
  }

 private:
  bool once(pg::spi& sql) {
    has_row_ = sql.run_on_latest(lock_row, {pg::value(what_.model_id)}) > 0;
    const TimestampTz at = what_.from ? *what_.from : GetCurrentTimestamp();
    const bool same = find_around(sql, at);
    if (made_.holds_until) {
      if (!same) into_history();
      return true;
    }
    // Whoever says that a price is right answers for it from now on.
    if (same) return what_.rates == nullptr || !has_row_ || write_row(sql);
    made_.change = what_.rates == nullptr ? "withdraw" : (has_row_ ? "update" : "insert");
    if (what_.rates == nullptr && !has_row_) {
      into_history();
      return true;
    }
    const dated_price dated(what_.from);
    if (what_.rates == nullptr)
      sql.run_on_latest(delete_row, {pg::value(what_.model_id)});
    else if (!write_row(sql))
      return false;
    if (sql.run_on_latest(price_then, {pg::value(what_.model_id), time_value(DT_NOEND)}) == 0)
      throw not_stored();
    made_.price_id = sql.at(0).bigint(1);
    made_.holds_from = DatumGetTimestampTz(sql.at(0).raw(2, TIMESTAMPTZOID));
    return true;
  }

  static error not_stored() {
    return {sqlstate::not_in_state, "the price could not be stored", "another trigger suppressed the change"};
  }

  // Whether the same price holds then.
  bool find_around(pg::spi& sql, TimestampTz at) {
    if (sql.run_on_latest(price_then, {pg::value(what_.model_id), time_value(at)}) > 0) {
      made_.price_before = made_.price_id = sql.at(0).bigint(1);
      made_.holds_from = DatumGetTimestampTz(sql.at(0).raw(2, TIMESTAMPTZOID));
    }
    if (sql.run_on_latest(next_price, {pg::value(what_.model_id), time_value(at)}) > 0)
      made_.holds_until = DatumGetTimestampTz(sql.at(0).raw(1, TIMESTAMPTZOID));
    const auto before = made_.price_before ? store::price_by_id(*made_.price_before) : nullptr;
    if (before == nullptr) {
      made_.price_before.reset();
      return what_.rates == nullptr;
    }
    return what_.rates != nullptr && before->rates == *what_.rates && before->currency == what_.currency;
  }

  bool write_row(pg::spi& sql) {
    json::tree tree;
    const Datum rates = pg::make_jsonb(what_.rates->written(tree));
    return sql.run_on_latest(
               has_row_ ? update_row : insert_row,
               {pg::value(what_.model_id), pg::value(what_.provider), pg::value(what_.currency),
                pg::value(what_.source), pg::datum_value(rates, JSONBOID), pg::value(what_.max_input_tokens),
                pg::value(what_.max_output_tokens), time_value(what_.deprecated_at)}) > 0;
  }

  // A price of the past, which another one followed.
  void into_history() {
    made_.change = what_.rates == nullptr ? "withdraw" : (made_.price_before ? "update" : "insert");
    made_.price_id = new_price_id();
    made_.holds_from = add_to_history(what_.model_id, *made_.price_id, what_.rates, what_.currency,
                                      what_.source, what_.from);
    // No row of model_pricing tells of it.
    store::write_audit(
        {.action = "backdated", .resource_type = "model_pricing", .resource_id = what_.model_id},
        {{"price_id", *made_.price_id}});
  }

  const new_price& what_;
  written_price made_;
  bool has_row_ = false;
};

}  // namespace

written_price write_price(const new_price& what) { return writer(what).run(); }

}  // namespace llm_admin::prices
