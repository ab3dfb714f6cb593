// roll_up_daily_cost: what came into the log since the last run goes into the daily book, each row once.
#include "usage/roll_up.hpp"

#include <algorithm>
#include <set>

#include "pg/entry.hpp"
#include "pg/result.hpp"
#include "pg/role.hpp"
#include "pg/settings.hpp"
#include "pg/stop_point.hpp"
#include "pg/without.hpp"
#include "store/frontier.hpp"
#include "store/owner.hpp"
#include "store/usage_tags.hpp"
#include "usage/book.hpp"

using namespace llm_admin;

namespace {

// Rows that were not counted: beyond the frontier, and in its gaps.
#define LLM_ADMIN_BEYOND "llm_admin.llm_usage_logs l WHERE l.id OPERATOR(pg_catalog.>) $1"
#define LLM_ADMIN_IN_GAPS                                                                       \
  "llm_admin.frontier_gaps g CROSS JOIN LATERAL (SELECT m.* "                                   \
  "FROM llm_admin.llm_usage_logs m WHERE m.id OPERATOR(pg_catalog.>=) pg_catalog.lower(g.ids) " \
  "AND m.id OPERATOR(pg_catalog.<) pg_catalog.upper(g.ids) OFFSET 0) l "                        \
  "WHERE g.name OPERATOR(pg_catalog.=) 'usage'"

// A row for each day: the day, how many rows of the log it took and their greatest id. Days are added to in the order of
// their key, so that two who do so wait for each other in one order.
#define LLM_ADMIN_COUNT(rows)                                                                      \
  "WITH counted AS MATERIALIZED (SELECT " LLM_ADMIN_BOOK_KEY ", " LLM_ADMIN_BOOK_SUMS              \
  ", pg_catalog.count(*) AS lines, pg_catalog.max(l.id) AS greatest FROM " rows                    \
  " GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5), "                                              \
  "booked AS (INSERT INTO llm_admin.daily_cost_summary AS d (" LLM_ADMIN_BOOK_NAMES                \
  ") "                                                                                             \
  "SELECT " LLM_ADMIN_BOOK_NAMES                                                                   \
  " FROM counted "                                                                                 \
  "ON CONFLICT (date, tenant_id, user_id, provider, model_id) DO UPDATE SET " LLM_ADMIN_BOOK_ADDED \
  ") "                                                                                             \
  "SELECT (c.date OPERATOR(pg_catalog.-) '2000-01-01'::pg_catalog.date)::pg_catalog.int8, "        \
  "pg_catalog.sum(c.lines)::pg_catalog.int8, pg_catalog.max(c.greatest) FROM counted c GROUP BY c.date"

// Apart, as the server reads a union of both by way of copies, and each planned for how much there is.
pg::statement count_beyond{LLM_ADMIN_COUNT(LLM_ADMIN_BEYOND), {INT8OID}, pg::statement::planned::each_time};
pg::statement count_gaps{LLM_ADMIN_COUNT(LLM_ADMIN_IN_GAPS), {}, pg::statement::planned::each_time};

#define LLM_ADMIN_TAG_COLUMNS \
  "l.\"timestamp\", l.tenant_id, l.tags, l.cost_usd, l.kind, l.total_tokens, l.cost_status"

pg::statement count_tags{
    "INSERT INTO llm_admin.usage_daily_tags AS d (date, tenant_id, tag, value, total_cost_usd, "
    "total_requests, "
    "total_tokens, unpriced_requests) "
    "SELECT pg_catalog.timezone('UTC', l.\"timestamp\")::pg_catalog.date, l.tenant_id, "
    "t.key, " LLM_ADMIN_TAG_VALUE
    ", "
    "COALESCE(pg_catalog.sum(l.cost_usd), 0), "
    "pg_catalog.count(*) FILTER (WHERE l.kind OPERATOR(pg_catalog.<>) 'correction'), "
    "COALESCE(pg_catalog.sum(l.total_tokens), 0), "
    "pg_catalog.count(*) FILTER (WHERE l.kind OPERATOR(pg_catalog.<>) 'correction' "
    "AND l.cost_status OPERATOR(pg_catalog.=) 'unpriced') FROM (SELECT " LLM_ADMIN_TAG_COLUMNS
    " FROM " LLM_ADMIN_BEYOND " UNION ALL SELECT " LLM_ADMIN_TAG_COLUMNS " FROM " LLM_ADMIN_IN_GAPS
    ") l CROSS JOIN LATERAL pg_catalog.jsonb_each_text(l.tags) t "
    "WHERE t.key OPERATOR(pg_catalog.=) ANY (pg_catalog.regexp_split_to_array(pg_catalog.btrim($2), '[ ]*,[ "
    "]*')) "
    "AND t.value IS NOT NULL GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4 "
    "ON CONFLICT (date, tenant_id, tag, value) DO UPDATE SET "
    "total_cost_usd = d.total_cost_usd OPERATOR(pg_catalog.+) excluded.total_cost_usd, "
    "total_requests = d.total_requests OPERATOR(pg_catalog.+) excluded.total_requests, "
    "total_tokens = d.total_tokens OPERATOR(pg_catalog.+) excluded.total_tokens, "
    "unpriced_requests = d.unpriced_requests OPERATOR(pg_catalog.+) excluded.unpriced_requests",
    {INT8OID, TEXTOID},
    pg::statement::planned::each_time};

}  // namespace

namespace llm_admin::usage_room {

rolled_up roll_up(pg::spi& sql) {
  store::frontier reader(sql, store::usage_ids);
  pg::stop_point("roll_up_daily_cost.begun");
  std::int64_t lines = 0, beyond = 0, greatest = 0;
  std::set<std::int64_t> days;
  const auto take = [&] {
    for (std::uint64_t n = 0; n < sql.rows(); ++n) {
      const pg::row day = sql.at(n);
      days.insert(day.bigint(1));
      lines += day.bigint(2);
      greatest = std::max(greatest, day.bigint(3));
    }
  };
  // To compile two dozen sums takes longer than it saves over a million rows.
  const pg::without compiling("jit");
  reader.run(sql, count_beyond, {pg::value(reader.last_id())});
  take();
  beyond = lines;
  reader.run(sql, count_gaps, {});
  take();
  const std::string_view tags = pg::settings::usage_tags();
  if (!tags.empty() && lines > 0) reader.run(sql, count_tags, {pg::value(reader.last_id()), pg::value(tags)});
  pg::stop_point("roll_up_daily_cost.counted");
  reader.advance(sql, beyond, greatest);
  return {lines, static_cast<std::int64_t>(days.size()), reader.open_gaps()};
}

}  // namespace llm_admin::usage_room

LLM_ADMIN_FUNCTION(llm_admin_roll_up_daily_cost)(FunctionCallInfo fcinfo) {
  pg::require_primary("roll_up_daily_cost");
  pg::row_builder out;
  {
    const store::as_owner owner;
    pg::spi sql;
    const usage_room::rolled_up done = usage_room::roll_up(sql);
    out.add_bigint(done.rows).add_bigint(done.days).add_bigint(done.open_gaps);
  }
  return pg::make_row(fcinfo, out);
}
