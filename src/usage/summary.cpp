// cost_summary, verify_rollup: the daily book and the log read together, in one snapshot.
#include <algorithm>
#include <array>

#include "core/call_options.hpp"
#include "core/error.hpp"
#include "core/given_name.hpp"
#include "pg/args.hpp"
#include "pg/cursor.hpp"
#include "pg/entry.hpp"
#include "pg/result.hpp"
#include "pg/role.hpp"
#include "pg/scratch.hpp"
#include "store/alias.hpp"
#include "store/owner.hpp"
#include "store/seen_tenant.hpp"
#include "store/tables.hpp"
#include "usage/book.hpp"

using namespace llm_admin;

namespace {

#define LLM_ADMIN_LAST_ID                                                                      \
  "COALESCE((SELECT f.last_id FROM llm_admin.frontiers f WHERE f.name OPERATOR(pg_catalog.=) " \
  "'usage'), 0)"
// Rows of the gaps that have come since.
#define LLM_ADMIN_LATE(columns)                                                                 \
  "SELECT " columns                                                                             \
  " FROM llm_admin.frontier_gaps g CROSS JOIN LATERAL (SELECT m.* "                             \
  "FROM llm_admin.llm_usage_logs m WHERE m.id OPERATOR(pg_catalog.>=) pg_catalog.lower(g.ids) " \
  "AND m.id OPERATOR(pg_catalog.<) pg_catalog.upper(g.ids) OFFSET 0) l "                        \
  "WHERE g.name OPERATOR(pg_catalog.=) 'usage'"
#define LLM_ADMIN_WITHIN(from, until) \
  "l.\"timestamp\" OPERATOR(pg_catalog.>=) " from " AND l.\"timestamp\" OPERATOR(pg_catalog.<) " until

#define LLM_ADMIN_KEY_IF(flag, column) "CASE WHEN " flag " THEN p." column " END"

// $1 and $2 bound what is asked for; from $3 to $4 the book holds whole days. $5 to $9 are what it is grouped by, $10
// to $13 what it is restricted to, null meaning all, $14 is the zone of dates, $15 the last id that is booked: by its value
// the server knows how few rows come after it.
pg::statement sum_costs{
    "WITH part AS (SELECT d.* FROM llm_admin.daily_cost_summary d "
    "WHERE d.date OPERATOR(pg_catalog.>=) pg_catalog.timezone('UTC', $3)::pg_catalog.date "
    "AND d.date OPERATOR(pg_catalog.<) pg_catalog.timezone('UTC', $4)::pg_catalog.date UNION ALL "
    "SELECT pg_catalog.timezone($14, l.\"timestamp\")::pg_catalog.date, l.tenant_id, l.user_id, l.provider, "
    "l.model_id, " LLM_ADMIN_BOOK_SUMS " FROM ("
    "SELECT " LLM_ADMIN_BOOK_COLUMNS " FROM llm_admin.llm_usage_logs l WHERE " LLM_ADMIN_WITHIN("$1", "$3")
    " UNION ALL SELECT " LLM_ADMIN_BOOK_COLUMNS " FROM llm_admin.llm_usage_logs l "
    "WHERE " LLM_ADMIN_WITHIN("$4", "$2")
    " UNION ALL SELECT " LLM_ADMIN_BOOK_COLUMNS " FROM llm_admin.llm_usage_logs l "
    "WHERE l.id OPERATOR(pg_catalog.>) $15 AND " LLM_ADMIN_WITHIN("$3", "$4")
    " UNION ALL " LLM_ADMIN_LATE(LLM_ADMIN_BOOK_COLUMNS) " AND " LLM_ADMIN_WITHIN("$3", "$4")
    ") l WHERE ($10 IS NULL OR l.tenant_id OPERATOR(pg_catalog.=) $10) GROUP BY 1, 2, 3, 4, 5) "
    "SELECT " LLM_ADMIN_KEY_IF("$5", "date") ", " LLM_ADMIN_KEY_IF("$6", "tenant_id") ", "
    LLM_ADMIN_KEY_IF("$7", "user_id") ", " LLM_ADMIN_KEY_IF("$8", "provider") ", " LLM_ADMIN_KEY_IF("$9", "model_id")
    ", COALESCE(pg_catalog.sum(p.total_cost_usd), 0), COALESCE(pg_catalog.sum(p.list_cost_usd), 0), "
#define LLM_ADMIN_WHOLE(column) "COALESCE(pg_catalog.sum(p." column "), 0)::pg_catalog.int8"
    LLM_ADMIN_WHOLE("total_requests") ", " LLM_ADMIN_WHOLE("unpriced_requests") ", "
    LLM_ADMIN_WHOLE("failed_requests") ", " LLM_ADMIN_WHOLE("estimated_requests") ", "
    LLM_ADMIN_WHOLE("cached_requests") ", " LLM_ADMIN_WHOLE("byollm_requests") ", "
    LLM_ADMIN_WHOLE("input_tokens") ", " LLM_ADMIN_WHOLE("cached_tokens") ", "
    LLM_ADMIN_WHOLE("cache_write_tokens") ", " LLM_ADMIN_WHOLE("cache_write_1h_tokens") ", "
    LLM_ADMIN_WHOLE("output_tokens") ", " LLM_ADMIN_WHOLE("reasoning_tokens") ", "
    LLM_ADMIN_WHOLE("total_tokens")
    " FROM part p WHERE ($10 IS NULL OR p.tenant_id OPERATOR(pg_catalog.=) $10) "
    "AND ($11 IS NULL OR p.user_id OPERATOR(pg_catalog.=) $11) "
    "AND ($12 IS NULL OR p.provider OPERATOR(pg_catalog.=) $12) "
    "AND ($13 IS NULL OR p.model_id OPERATOR(pg_catalog.=) $13) GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5",
    {TIMESTAMPTZOID, TIMESTAMPTZOID, TIMESTAMPTZOID, TIMESTAMPTZOID, BOOLOID, BOOLOID, BOOLOID, BOOLOID, BOOLOID,
     TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, INT8OID},
    pg::statement::planned::each_time};
constexpr int summary_columns = 20;
pg::statement select_last_id{"SELECT " LLM_ADMIN_LAST_ID, {}};

// What was booked for a group of a day, and what its rows say that were counted.
#define LLM_ADMIN_DIFFERS(column) \
  "COALESCE(d." column ", 0) OPERATOR(pg_catalog.<>) COALESCE(c." column ", 0)"
#define LLM_ADMIN_OR " OR "
pg::statement recount{
    "WITH counted AS (SELECT " LLM_ADMIN_BOOK_KEY ", " LLM_ADMIN_BOOK_SUMS " FROM llm_admin.llm_usage_logs l "
    "LEFT JOIN (" LLM_ADMIN_LATE("l.id AS late_id") ") n ON n.late_id OPERATOR(pg_catalog.=) l.id "
    "WHERE l.id OPERATOR(pg_catalog.<=) " LLM_ADMIN_LAST_ID " AND n.late_id IS NULL "
    "AND l.\"timestamp\" OPERATOR(pg_catalog.>=) pg_catalog.timezone('UTC', $1::pg_catalog.timestamp) "
    "AND l.\"timestamp\" OPERATOR(pg_catalog.<) pg_catalog.timezone('UTC', $2::pg_catalog.timestamp) "
    "GROUP BY 1, 2, 3, 4, 5), "
    "booked AS (SELECT d.* FROM llm_admin.daily_cost_summary d WHERE d.date OPERATOR(pg_catalog.>=) $1 "
    "AND d.date OPERATOR(pg_catalog.<) $2) "
    "SELECT COALESCE(d.date, c.date), pg_catalog.count(*), COALESCE(pg_catalog.sum(d.total_cost_usd), 0), "
    "COALESCE(pg_catalog.sum(c.total_cost_usd), 0), "
    "COALESCE(pg_catalog.sum(d.total_requests), 0)::pg_catalog.int8, "
    "COALESCE(pg_catalog.sum(c.total_requests), 0)::pg_catalog.int8, "
    "COALESCE(pg_catalog.sum(d.total_tokens), 0)::pg_catalog.int8, "
    "COALESCE(pg_catalog.sum(c.total_tokens), 0)::pg_catalog.int8 "
    "FROM booked d FULL JOIN counted c ON d.date OPERATOR(pg_catalog.=) c.date "
    "AND d.tenant_id OPERATOR(pg_catalog.=) c.tenant_id AND d.user_id OPERATOR(pg_catalog.=) c.user_id "
    "AND d.provider OPERATOR(pg_catalog.=) c.provider AND d.model_id OPERATOR(pg_catalog.=) c.model_id WHERE "
    LLM_ADMIN_DIFFERS("total_cost_usd") LLM_ADMIN_OR LLM_ADMIN_DIFFERS("total_requests") LLM_ADMIN_OR
    LLM_ADMIN_DIFFERS("total_tokens") LLM_ADMIN_OR LLM_ADMIN_DIFFERS("unpriced_requests") LLM_ADMIN_OR
    LLM_ADMIN_DIFFERS("input_tokens") LLM_ADMIN_OR LLM_ADMIN_DIFFERS("cached_tokens") LLM_ADMIN_OR
    LLM_ADMIN_DIFFERS("cache_write_tokens") LLM_ADMIN_OR LLM_ADMIN_DIFFERS("cache_write_1h_tokens") LLM_ADMIN_OR
    LLM_ADMIN_DIFFERS("output_tokens") LLM_ADMIN_OR LLM_ADMIN_DIFFERS("reasoning_tokens") LLM_ADMIN_OR
    LLM_ADMIN_DIFFERS("list_cost_usd") LLM_ADMIN_OR LLM_ADMIN_DIFFERS("failed_requests") LLM_ADMIN_OR
    LLM_ADMIN_DIFFERS("estimated_requests") LLM_ADMIN_OR LLM_ADMIN_DIFFERS("cached_requests") LLM_ADMIN_OR
    LLM_ADMIN_DIFFERS("byollm_requests")
    " GROUP BY 1 ORDER BY 1",
    {DATEOID, DATEOID}};
// Days whose rows have left are not recounted.
pg::statement select_kept_since{
    "SELECT COALESCE(pg_catalog.timezone('UTC', (SELECT f.kept_since FROM llm_admin.frontiers f "
    "WHERE f.name OPERATOR(pg_catalog.=) 'usage'))::pg_catalog.date, '-infinity'::pg_catalog.date)",
    {}};
pg::statement select_month_start{
    "SELECT pg_catalog.date_trunc('month', pg_catalog.statement_timestamp(), $1)", {TEXTOID}};

constexpr std::array<std::string_view, 5> group_names = {"date", "tenant", "user", "provider", "model"};

using flags = std::array<bool, 5>;

flags read_groups(const pg::args& in, int n) {
  flags wanted{};
  if (in.is_null(n)) return wanted;
  const Datum given = in.raw(n, TEXTARRAYOID);
  Datum* values = nullptr;
  bool* nulls = nullptr;
  int count = 0;
  pg::call([&] {
    deconstruct_array(DatumGetArrayTypeP(given), TEXTOID, -1, false, TYPALIGN_INT, &values, &nulls, &count);
  });
  for (int at = 0; at < count; ++at) {
    const std::string_view name = nulls[at] ? std::string_view() : pg::text_of(values[at]);
    const auto found = std::find(group_names.begin(), group_names.end(), name);
    if (found == group_names.end())
      throw error(sqlstate::invalid_parameter,
                  "costs are not grouped by " + quoted_or_length(name, group_names),
                  "group_by takes date, tenant, user, provider, model", "");
    wanted[static_cast<std::size_t>(found - group_names.begin())] = true;
  }
  return wanted;
}

constexpr std::int64_t day = USECS_PER_DAY;

// The whole UTC days within [since, until); from == to: none.
struct whole_days {
  TimestampTz from, to;
};
whole_days days_within(TimestampTz since, TimestampTz until) {
  const auto floor = [](TimestampTz at) { return at - ((at % day) + day) % day; };
  const TimestampTz from = TIMESTAMP_NOT_FINITE(since) ? since : floor(since + day - 1);
  const TimestampTz to = TIMESTAMP_NOT_FINITE(until) ? until : floor(until);
  return from < to ? whole_days{from, to} : whole_days{until, until};
}

pg::parameter time_value(TimestampTz at) { return pg::datum_value(TimestampTzGetDatum(at), TIMESTAMPTZOID); }

}  // namespace

LLM_ADMIN_FUNCTION(llm_admin_cost_summary)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  const flags by = read_groups(in, 2);
  static constexpr std::array<std::string_view, 5> known = {"tenant_id", "user_id", "provider", "model",
                                                            "zone"};
  const call_options options(in.jsonb(3, pg::most::settings), known);
  const std::optional<std::string> tenant = store::seen_tenant(options.text("tenant_id"));
  const std::string zone(options.text("zone").value_or("UTC"));
  std::optional<std::string> provider;
  if (const auto named = options.text("provider"))
    provider = store::provider_named(*named, pg::as_of::statement);
  pg::row_set rows(fcinfo);
  const store::as_owner owner;
  TimestampTz since = 0;
  std::int64_t last_id = 0;
  {
    pg::spi sql;
    if (in.is_null(0)) {
      sql.run(select_month_start, {pg::value(zone)}, true);
      since = DatumGetTimestampTz(sql.at(0).raw(1, TIMESTAMPTZOID));
    } else {
      since = DatumGetTimestampTz(in.raw(0, TIMESTAMPTZOID));
    }
    sql.run(select_last_id, {}, true);  // of the snapshot that the sums are of
    last_id = sql.at(0).bigint(1);
  }
  const TimestampTz until =
      in.is_null(1) ? TimestampTz{DT_NOEND} : DatumGetTimestampTz(in.raw(1, TIMESTAMPTZOID));
  // Days of another zone are in no book.
  const whole_days booked = by[0] && zone != "UTC" ? whole_days{until, until} : days_within(since, until);
  pg::cursor all(sum_costs,
                 {time_value(since), time_value(until), time_value(booked.from), time_value(booked.to),
                  pg::value(by[0]), pg::value(by[1]), pg::value(by[2]), pg::value(by[3]), pg::value(by[4]),
                  pg::value(tenant), pg::value(options.text("user_id")), pg::value(provider),
                  pg::value(options.text("model")), pg::value(zone), pg::value(last_id)});
  pg::scratch memory;
  while (const auto row = all.next()) {
    memory.reset();
    pg::row_builder out;
    for (int c = 1; c <= summary_columns; ++c) out.add(row->value(c));
    rows.add(out);
  }
  return Datum{0};
}

LLM_ADMIN_FUNCTION(llm_admin_verify_rollup)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  pg::row_set rows(fcinfo);
  // Days since 2000; the least and the greatest stand for infinity.
  std::int32_t since = in.is_null(0) ? PG_INT32_MIN : DatumGetInt32(in.raw(0, DATEOID));
  const std::int32_t until = in.is_null(1) ? PG_INT32_MAX : DatumGetInt32(in.raw(1, DATEOID));
  const store::as_owner owner;
  {
    pg::spi sql;
    sql.run(select_kept_since, {}, true);
    since = std::max(since, DatumGetInt32(sql.at(0).raw(1, DATEOID)));
  }
  pg::cursor all(recount, {pg::datum_value(Int32GetDatum(since), DATEOID),
                           pg::datum_value(Int32GetDatum(until), DATEOID)});
  while (const auto row = all.next()) {
    pg::row_builder out;
    for (int c = 1; c <= 8; ++c) out.add(row->value(c));
    rows.add(out);
  }
  return Datum{0};
}
