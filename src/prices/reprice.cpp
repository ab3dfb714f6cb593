// reprice: rows of the log by the prices that hold at their time now, and the daily book with them.
#include <map>

#include "core/error.hpp"
#include "core/glob.hpp"
#include "pg/args.hpp"
#include "pg/cursor.hpp"
#include "pg/entry.hpp"
#include "pg/numeric.hpp"
#include "pg/result.hpp"
#include "pg/role.hpp"
#include "pg/scratch.hpp"
#include "pg/settings.hpp"
#include "prices/logged_call.hpp"
#include "store/audit.hpp"
#include "store/bounds.hpp"
#include "store/frontier.hpp"
#include "store/owner.hpp"
#include "store/usage_tags.hpp"

using namespace llm_admin;

namespace {

// What was not counted yet is counted with its new cost: beyond the frontier, and in its gaps.
#define LLM_ADMIN_IS_COUNTED                                                                            \
  "l.id OPERATOR(pg_catalog.<=) $3 AND NOT EXISTS (SELECT FROM llm_admin.frontier_gaps g WHERE g.name " \
  "OPERATOR(pg_catalog.=) 'usage' AND g.ids OPERATOR(pg_catalog.@>) l.id)"

// In the order of the days and models that are told, and of the book's rows within them.
pg::statement rows_to_price{
    "SELECT " LLM_ADMIN_LOGGED_CALL
    ", pg_catalog.timezone('UTC', l.\"timestamp\")::pg_catalog.date AS date, l.tenant_id, "
    "l.user_id, " LLM_ADMIN_IS_COUNTED
    ", l.tags FROM llm_admin.llm_usage_logs l WHERE l.\"timestamp\" OPERATOR(pg_catalog.>=) $1 "
    "AND l.\"timestamp\" OPERATOR(pg_catalog.<) $2 AND l.kind OPERATOR(pg_catalog.<>) 'correction' "
    "AND l.cost_status OPERATOR(pg_catalog.=) ANY ('{priced,partial,unpriced}'::pg_catalog.text[]) AND "
    "l.key_source OPERATOR(pg_catalog.<>) "
    "'byollm' "
    "ORDER BY 22, l.model_id, l.tenant_id, l.user_id, l.provider, l.id",
    {TIMESTAMPTZOID, TIMESTAMPTZOID, INT8OID}};
pg::statement update_cost{
    "UPDATE llm_admin.llm_usage_logs AS l SET cost_usd = $3, list_cost_usd = $4, price_id = $5, cost_status "
    "= $6 "
    "WHERE l.id OPERATOR(pg_catalog.=) $1 AND l.\"timestamp\" OPERATOR(pg_catalog.=) $2",
    {INT8OID, TIMESTAMPTZOID, NUMERICOID, NUMERICOID, INT8OID, TEXTOID}};
pg::statement update_book{
    "UPDATE llm_admin.daily_cost_summary AS d SET total_cost_usd = d.total_cost_usd OPERATOR(pg_catalog.+) "
    "$6, "
    "list_cost_usd = d.list_cost_usd OPERATOR(pg_catalog.+) $7, "
    "unpriced_requests = d.unpriced_requests OPERATOR(pg_catalog.+) $8 "
    "WHERE d.date OPERATOR(pg_catalog.=) $1 AND d.tenant_id OPERATOR(pg_catalog.=) $2 "
    "AND d.user_id OPERATOR(pg_catalog.=) $3 AND d.provider OPERATOR(pg_catalog.=) $4 "
    "AND d.model_id OPERATOR(pg_catalog.=) $5",
    {DATEOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, NUMERICOID, NUMERICOID, INT8OID}};
pg::statement update_tags{
    "UPDATE llm_admin.usage_daily_tags AS d SET total_cost_usd = d.total_cost_usd OPERATOR(pg_catalog.+) $4, "
    "unpriced_requests = d.unpriced_requests OPERATOR(pg_catalog.+) $5 FROM pg_catalog.jsonb_each_text($3) t "
    "WHERE d.date OPERATOR(pg_catalog.=) $1 AND d.tenant_id OPERATOR(pg_catalog.=) $2 "
    "AND d.tag OPERATOR(pg_catalog.=) t.key AND d.value OPERATOR(pg_catalog.=) " LLM_ADMIN_TAG_VALUE,
    {DATEOID, TEXTOID, JSONBOID, NUMERICOID, INT8OID}};
pg::statement read_frontier{
    "SELECT f.last_id FROM llm_admin.frontiers f WHERE f.name OPERATOR(pg_catalog.=) 'usage'", {}};

money::decimal amount_of(const std::optional<std::string>& text) {
  return (text ? money::decimal::from_text(*text) : std::nullopt).value_or(money::decimal());
}

pg::parameter money_value(const std::optional<std::string>& text) {
  return text ? pg::datum_value(pg::make_numeric(*text), NUMERICOID) : pg::null_value();
}
pg::parameter money_value(const money::decimal& amount) {
  return pg::datum_value(pg::make_numeric(amount.text()), NUMERICOID);
}

// What a row of the book, or of the answer, changes by.
struct difference_of_costs {
  std::int64_t rows = 0, unpriced = 0;
  money::decimal before, now, list;
};

class repricer {
 public:
  repricer(pg::row_set& out, std::string_view model, bool dry_run)
      : out_(out), model_(model), dry_run_(dry_run) {}

  void run(TimestampTz since, TimestampTz until) {
    const store::as_owner owner;
    pg::spi sql;
    std::optional<store::frontier> held;
    std::int64_t last_id = 0;
    if (!dry_run_) {
      held.emplace(sql, store::usage_ids);
      last_id = held->last_id();
    } else {
      sql.run(read_frontier, {}, true);
      if (const auto row = sql.first()) last_id = row->bigint(1);
    }
    pg::cursor rows(rows_to_price,
                    {pg::datum_value(TimestampTzGetDatum(since), TIMESTAMPTZOID),
                     pg::datum_value(TimestampTzGetDatum(until), TIMESTAMPTZOID), pg::value(last_id)},
                    pg::as_of::latest, &sql);
    pg::scratch memory;
    while (const auto row = rows.next()) {
      memory.reset();
      store::poll();
      one(*row);
    }
    flush_book();
    flush_answer();
    if (dry_run_) return;
    const std::string before = all_.before.text(), now = all_.now.text();
    store::write_audit({.action = "repriced", .resource_type = "llm_usage_logs", .resource_id = model_},
                       {{"rows", all_.rows}, {"old_cost", 0, before}, {"new_cost", 0, now}});
  }

 private:
  struct place {
    DateADT date = 0;
    std::string tenant, user, provider, model;
    bool operator==(const place&) const = default;
  };

  void one(const pg::row& row) {
    prices::logged_call logged = prices::read_logged_call(row);
    if (!glob_matches(model_, logged.model_id)) return;
    constexpr int date = prices::logged_call_columns + 1;
    place where{DatumGetDateADT(row.raw(date, DATEOID)), row.text(date + 1), row.text(date + 2),
                logged.provider, logged.model_id};
    if (!(where == book_of_)) flush_book();
    if (where.date != book_of_.date || where.model != book_of_.model) flush_answer();
    book_of_ = std::move(where);
    const store::priced_call priced = store::price_call(logged.to_price());
    std::optional<std::int64_t> price_id;
    if (priced.price != nullptr) price_id = priced.price->id;
    if (priced.status() == logged.cost_status && same(priced.cost_usd(), logged.cost_usd) &&
        same(priced.list_cost_usd(), logged.list_cost_usd) && price_id == logged.price_id)
      return;
    const bool was_unpriced = logged.cost_status == "unpriced", is_unpriced = priced.status() == "unpriced";
    const std::int64_t unpriced = std::int64_t{is_unpriced} - std::int64_t{was_unpriced};
    const money::decimal before = amount_of(logged.cost_usd), now = amount_of(priced.cost_usd());
    answer_.rows += 1;
    answer_.before += before, answer_.now += now;
    if (dry_run_) return;
    write(logged, priced, price_id);
    if (!row.boolean(date + 3)) return;
    book_.rows += 1;
    book_.unpriced += unpriced;
    book_.before += before, book_.now += now;
    book_.list += amount_of(priced.list_cost_usd()) - amount_of(logged.list_cost_usd);
    write_tags(row.raw(date + 4, JSONBOID), now - before, unpriced);
  }

  static bool same(const std::optional<std::string>& a, const std::optional<std::string>& b) {
    return a.has_value() == b.has_value() && amount_of(a) == amount_of(b);
  }

  static void write(const prices::logged_call& logged, const store::priced_call& priced,
                    const std::optional<std::int64_t>& price_id) {
    pg::spi sql;
    sql.run(update_cost,
            {pg::value(logged.id), pg::datum_value(TimestampTzGetDatum(logged.at), TIMESTAMPTZOID),
             money_value(priced.cost_usd()), money_value(priced.list_cost_usd()), pg::value(price_id),
             pg::value(priced.status())});
  }

  void write_tags(Datum tags, const money::decimal& cost, std::int64_t unpriced) const {
    if (pg::settings::usage_tags().empty()) return;
    pg::spi sql;
    sql.run(update_tags, {date_value(), pg::value(book_of_.tenant), pg::datum_value(tags, JSONBOID),
                          money_value(cost), pg::value(unpriced)});
  }

  pg::parameter date_value() const { return pg::datum_value(DateADTGetDatum(book_of_.date), DATEOID); }

  void flush_book() {
    if (book_.rows > 0) {
      pg::spi sql;
      sql.run(update_book,
              {date_value(), pg::value(book_of_.tenant), pg::value(book_of_.user),
               pg::value(book_of_.provider), pg::value(book_of_.model), money_value(book_.now - book_.before),
               money_value(book_.list), pg::value(book_.unpriced)});
    }
    book_ = {};
  }

  void flush_answer() {
    if (answer_.rows > 0) {
      pg::row_builder row;
      row.add(DateADTGetDatum(book_of_.date), DATEOID).add_text(book_of_.model).add_bigint(answer_.rows);
      row.add(pg::make_numeric(answer_.before.text()), NUMERICOID);
      row.add(pg::make_numeric(answer_.now.text()), NUMERICOID);
      out_.add(row);
    }
    all_.rows += answer_.rows;
    all_.before += answer_.before, all_.now += answer_.now;
    answer_ = {};
  }

  pg::row_set& out_;
  std::string model_;
  bool dry_run_;
  place book_of_;
  difference_of_costs book_, answer_, all_;
};

TimestampTz required_time(const pg::args& in, int n, const char* name) {
  if (in.is_null(n))
    throw error(sqlstate::null_not_allowed, std::string("argument ") + name + " must not be null");
  return DatumGetTimestampTz(in.raw(n, TIMESTAMPTZOID));
}

}  // namespace

LLM_ADMIN_FUNCTION(llm_admin_reprice)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  const TimestampTz since = required_time(in, 0, "since"), until = required_time(in, 1, "until");
  const std::string_view model = in.text(2).value_or("*");
  const bool dry_run = in.boolean(3, true);
  if (!dry_run) pg::require_primary("reprice");
  pg::row_set rows(fcinfo);
  repricer(rows, model, dry_run).run(since, until);
  return Datum{0};
}
