// apply_retention: months of the log that are no more kept are dropped, with what stands beside the log for them.
//
// The order of locks is that of every reader of the frontier: its row first, then partitions. So nothing is dropped
// that was not counted.
#include <array>

#include "core/call_options.hpp"
#include "core/error.hpp"
#include "core/json/decimal.hpp"
#include "pg/args.hpp"
#include "pg/entry.hpp"
#include "pg/result.hpp"
#include "pg/role.hpp"
#include "pg/settings.hpp"
#include "pg/stop_point.hpp"
#include "store/audit.hpp"
#include "store/bounds.hpp"
#include "store/ddl_settings.hpp"
#include "store/owner.hpp"
#include "store/partitions.hpp"
#include "store/usage_log.hpp"
#include "usage/roll_up.hpp"

using namespace llm_admin;

namespace {

constexpr std::int64_t most_months = 1200;

// In parts, so that a cancel finds a place to end at.
pg::statement delete_requests{
    "DELETE FROM llm_admin.usage_requests r WHERE r.ctid OPERATOR(pg_catalog.=) ANY (SELECT o.ctid "
    "FROM llm_admin.usage_requests o WHERE o.usage_time OPERATOR(pg_catalog.<) $1 LIMIT 10000)",
    {TIMESTAMPTZOID}};
pg::statement delete_jobs{
    "DELETE FROM llm_admin.job_usage j WHERE j.ctid OPERATOR(pg_catalog.=) ANY (SELECT o.ctid "
    "FROM llm_admin.job_usage o WHERE o.usage_time OPERATOR(pg_catalog.<) $1 LIMIT 10000)",
    {TIMESTAMPTZOID}};
pg::statement count_waiting{
    "SELECT pg_catalog.count(*) FROM ONLY llm_admin.llm_usage_logs_default r "
    "WHERE r.\"timestamp\" OPERATOR(pg_catalog.<) $1",
    {TIMESTAMPTZOID}};
pg::statement note_kept_since{
    "UPDATE llm_admin.frontiers f SET kept_since = GREATEST(f.kept_since, $1) "
    "WHERE f.name OPERATOR(pg_catalog.=) 'usage'",
    {TIMESTAMPTZOID}};

struct retention {
  int months;
  bool dry_run;
};

retention read_options(const json::node& given) {
  static constexpr std::array<std::string_view, 3> known = {"usage_months", "audit_months", "dry_run"};
  const call_options options(given, known);
  if (!given.member("audit_months").is_absent())
    throw error(sqlstate::feature_not_supported, "months of the audit log do not leave in this version",
                "what it holds is not sealed yet, so that nothing would vouch for it",
                "leave audit_months out");
  retention wanted{pg::settings::keep_usage_months(), options.boolean("dry_run")};
  const json::node months = given.member("usage_months");
  if (months.is_absent()) return wanted;
  const auto number = months.is_number() ? json::to_int64(months.number_text()) : std::nullopt;
  if (!number || *number < 1 || *number > most_months)
    throw error(sqlstate::invalid_parameter, "option usage_months must be a whole number from 1 to 1200");
  wanted.months = static_cast<int>(*number);
  return wanted;
}

void tell(pg::row_set& rows, std::string_view item, std::string_view outcome, std::int64_t count) {
  pg::row_builder out;
  out.add_text(item).add_text(outcome).add_bigint(count);
  rows.add(out);
}

std::int64_t delete_all(pg::spi& sql, pg::statement& part, pg::parameter before) {
  std::int64_t total = 0;
  for (;;) {
    const std::uint64_t gone = sql.run(part, {before});
    total += static_cast<std::int64_t>(gone);
    if (gone == 0) return total;
    store::poll();
  }
}

std::int64_t rows_in(pg::spi& sql, const std::string& partition) {
  const std::string text = "SELECT pg_catalog.count(*) FROM ONLY llm_admin." + partition;
  sql.execute(text);
  return sql.at(0).bigint(1);
}

// Counted again under the lock: a writer may have come in between.
std::string drop(const std::string& partition, std::int64_t* rows) {
  const store::ddl_settings settings;
  try {
    pg::subtransaction block;
    {
      pg::spi sql;
      sql.execute("LOCK TABLE llm_admin." + partition + " IN ACCESS EXCLUSIVE MODE");
      (void)usage_room::roll_up(sql);
      *rows = rows_in(sql, partition);
      store::drop_month(sql, partition);
      (void)store::write_audit({.action = "dropped", .resource_type = "partition", .resource_id = partition},
                               {{.name = "rows", .number = *rows}});
      pg::stop_point("apply_retention.dropped");
    }
    block.release();
    return "dropped";
  } catch (const pg::error& e) {
    const std::string_view state = e.sqlstate();
    if (state != "55P03" && state != "40P01") throw;
    return std::string("left for the next run: ") + e.message();
  }
}

}  // namespace

LLM_ADMIN_FUNCTION(llm_admin_apply_retention)(FunctionCallInfo fcinfo) {
  pg::require_primary("apply_retention");
  const retention wanted = read_options(pg::args(fcinfo).jsonb(0, pg::most::settings));
  pg::row_set rows(fcinfo);
  if (wanted.months == 0) {
    tell(rows, "llm_usage_logs", "kept: llm_admin.keep_usage is 0", 0);
    return Datum{0};
  }
  const TimestampTz before = *store::usage_kept_since(wanted.months);
  const pg::parameter cut = pg::datum_value(TimestampTzGetDatum(before), TIMESTAMPTZOID);
  const store::as_owner owner;
  std::vector<std::string> partitions;
  {
    pg::spi sql;
    partitions = store::months_before(sql, "llm_usage_logs", before);
    if (wanted.dry_run) {
      for (const std::string& partition : partitions)
        tell(rows, partition, "would be dropped", rows_in(sql, partition));
      return Datum{0};
    }
    (void)usage_room::roll_up(sql);
  }
  for (const std::string& partition : partitions) {
    std::int64_t count = 0;
    const std::string outcome = drop(partition, &count);
    tell(rows, partition, outcome, count);
  }
  pg::spi sql;
  tell(rows, "usage_requests", "deleted", delete_all(sql, delete_requests, cut));
  tell(rows, "job_usage", "deleted", delete_all(sql, delete_jobs, cut));
  sql.run(note_kept_since, {cut});
  sql.run(count_waiting, {cut});
  if (const std::int64_t waiting = sql.at(0).bigint(1); waiting > 0)
    tell(rows, "llm_usage_logs_default",
         "older rows wait here: SELECT * FROM llm_admin.maintain_partitions()", waiting);
  return Datum{0};
}
