// metrics: what a monitor asks of the log and the book, in the naming of Prometheus.
#include <map>
#include <string>

#include "core/json/tree.hpp"
#include "pg/cursor.hpp"
#include "pg/entry.hpp"
#include "pg/jsonb.hpp"
#include "pg/numeric.hpp"
#include "pg/result.hpp"
#include "store/denials.hpp"
#include "store/owner.hpp"

using namespace llm_admin;

namespace {

// Name, labels, value, help. What would read a whole log is not asked.
pg::statement select_metrics{
    "WITH logs AS (SELECT c.oid, c.relname::pg_catalog.text AS log, p.partdefid FROM pg_catalog.pg_class c "
    "JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace "
    "JOIN pg_catalog.pg_partitioned_table p ON p.partrelid OPERATOR(pg_catalog.=) c.oid "
    "WHERE n.nspname OPERATOR(pg_catalog.=) 'llm_admin'), "
    "months AS (SELECT l.log, l.partdefid, pg_catalog.max(CASE WHEN m.relname OPERATOR(pg_catalog.~) "
    "'_[0-9]{4}_[0-9]{2}$' "
    "THEN pg_catalog.right(m.relname::pg_catalog.text, 7) END) AS newest FROM logs l "
    "LEFT JOIN pg_catalog.pg_inherits h ON h.inhparent OPERATOR(pg_catalog.=) l.oid "
    "LEFT JOIN pg_catalog.pg_class m ON m.oid OPERATOR(pg_catalog.=) h.inhrelid GROUP BY l.log, "
    "l.partdefid), "
    "frontier AS (SELECT f.name, f.last_id, f.updated_at FROM llm_admin.frontiers f), "
    "gaps AS (SELECT g.name, pg_catalog.count(*) AS open, pg_catalog.min(g.opened_at) AS oldest "
    "FROM llm_admin.frontier_gaps g GROUP BY g.name), "
    "today AS (SELECT d.provider, pg_catalog.sum(d.total_cost_usd) AS cost, pg_catalog.sum(d.total_requests) "
    "AS requests, "
    "pg_catalog.sum(d.unpriced_requests) AS unpriced, pg_catalog.sum(d.failed_requests) AS failed "
    "FROM llm_admin.daily_cost_summary d WHERE d.date OPERATOR(pg_catalog.=) "
    "pg_catalog.timezone('UTC', pg_catalog.statement_timestamp())::pg_catalog.date GROUP BY d.provider) "
    "SELECT 'llm_admin_log_months_ahead', pg_catalog.jsonb_build_object('log', m.log), "
    "CASE WHEN m.newest IS NULL THEN 0 ELSE GREATEST(0, "
    "(pg_catalog.left(m.newest, 4)::pg_catalog.int4 OPERATOR(pg_catalog.*) 12 OPERATOR(pg_catalog.+) "
    "pg_catalog.right(m.newest, 2)::pg_catalog.int4) OPERATOR(pg_catalog.-) "
    "(pg_catalog.date_part('year', pg_catalog.timezone('UTC', "
    "pg_catalog.statement_timestamp()))::pg_catalog.int4 "
    "OPERATOR(pg_catalog.*) 12 OPERATOR(pg_catalog.+) "
    "pg_catalog.date_part('month', pg_catalog.timezone('UTC', "
    "pg_catalog.statement_timestamp()))::pg_catalog.int4)) "
    "END::pg_catalog.numeric, 'Months of the log that are made beyond the current one' FROM months m "
    "UNION ALL SELECT 'llm_admin_log_default_bytes', pg_catalog.jsonb_build_object('log', m.log), "
    "pg_catalog.pg_relation_size(m.partdefid)::pg_catalog.numeric, "
    "'Size of the default partition, whose rows wait for maintain_partitions()' FROM months m "
    "UNION ALL SELECT 'llm_admin_log_default_waiting', pg_catalog.jsonb_build_object('log', w.log), "
    "CASE WHEN w.waits THEN 1 ELSE 0 END::pg_catalog.numeric, "
    "'Whether rows wait in the default partition for their month' FROM (VALUES "
    "('llm_usage_logs', EXISTS (SELECT FROM ONLY llm_admin.llm_usage_logs_default)), "
    "('audit_log', EXISTS (SELECT FROM ONLY llm_admin.audit_log_default)), "
    "('audit_payloads', EXISTS (SELECT FROM ONLY llm_admin.audit_payloads_default))) AS w (log, waits) "
    "UNION ALL SELECT 'llm_admin_rollup_pending_rows', '{}'::pg_catalog.jsonb, "
    "(SELECT pg_catalog.count(*) FROM llm_admin.llm_usage_logs l WHERE l.id OPERATOR(pg_catalog.>) "
    "COALESCE((SELECT f.last_id FROM frontier f WHERE f.name OPERATOR(pg_catalog.=) 'usage'), "
    "0))::pg_catalog.numeric, "
    "'Calls that the daily book has not counted yet' "
    "UNION ALL SELECT 'llm_admin_rollup_age_seconds', pg_catalog.jsonb_build_object('frontier', f.name), "
    "pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) "
    "f.updated_at)::pg_catalog.numeric, "
    "'Time since the frontier last moved' FROM frontier f "
    "UNION ALL SELECT 'llm_admin_frontier_open_gaps', pg_catalog.jsonb_build_object('frontier', f.name), "
    "COALESCE(g.open, 0)::pg_catalog.numeric, 'Ids behind the frontier whose writers may still be at work, "
    "in ranges' "
    "FROM frontier f LEFT JOIN gaps g ON g.name OPERATOR(pg_catalog.=) f.name "
    "UNION ALL SELECT 'llm_admin_frontier_oldest_gap_seconds', pg_catalog.jsonb_build_object('frontier', "
    "f.name), "
    "COALESCE(pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) g.oldest), 0)"
    "::pg_catalog.numeric, 'Age of the oldest gap: a transaction that is open, or was prepared and left' "
    "FROM frontier f LEFT JOIN gaps g ON g.name OPERATOR(pg_catalog.=) f.name "
    "UNION ALL SELECT 'llm_admin_cost_usd_today', pg_catalog.jsonb_build_object('provider', t.provider), "
    "t.cost, "
    "'Cost of the current UTC day, as of the last roll-up' FROM today t "
    "UNION ALL SELECT 'llm_admin_requests_today', pg_catalog.jsonb_build_object('provider', t.provider), "
    "t.requests::pg_catalog.numeric, 'Requests of the current UTC day, as of the last roll-up' FROM today t "
    "UNION ALL SELECT 'llm_admin_unpriced_requests_today', pg_catalog.jsonb_build_object('provider', "
    "t.provider), "
    "t.unpriced::pg_catalog.numeric, 'Requests of the current UTC day without a price' FROM today t "
    "UNION ALL SELECT 'llm_admin_failed_requests_today', pg_catalog.jsonb_build_object('provider', "
    "t.provider), "
    "t.failed::pg_catalog.numeric, 'Requests of the current UTC day that failed' FROM today t "
    "UNION ALL SELECT 'llm_admin_table_bytes', pg_catalog.jsonb_build_object('table', s.table_name), "
    "s.total_bytes::pg_catalog.numeric, 'Size of a table with its indexes and months' "
    "FROM llm_admin.table_sizes s ORDER BY 1, 2",
    {}};

// Those of one session say nothing about the server.
void add_denials(pg::row_set& rows) {
  const store::denials now = store::denials_now();
  if (!now.of_all_sessions) return;
  std::map<std::string, std::int64_t> by_limit;
  for (const store::denial& one : now.entries) by_limit[uuid_string(one.limit_id)] += one.sum.denied;
  if (now.other.denied > 0) by_limit[""] = now.other.denied;
  for (const auto& [limit, denied] : by_limit) {
    json::tree labels;
    json::item* object = labels.object();
    labels.append(object, "limit", labels.string(labels.keep(limit)));
    pg::row_builder out;
    out.add_text("llm_admin_limit_denials_total").add_jsonb(pg::make_jsonb(object));
    out.add(pg::make_numeric(std::to_string(denied)), NUMERICOID);
    out.add_text("Calls that a limit has denied since the server started; no limit: those without an entry");
    rows.add(out);
  }
}

}  // namespace

LLM_ADMIN_FUNCTION(llm_admin_metrics)(FunctionCallInfo fcinfo) {
  pg::row_set rows(fcinfo);
  pg::cursor all = store::cursor_by_owner(select_metrics, {});
  while (const auto row = all.next()) {
    pg::row_builder out;
    for (int c = 1; c <= 4; ++c) out.add(row->value(c));
    rows.add(out);
  }
  add_denials(rows);
  return Datum{0};
}
