// simulate_limits: the log of calls replayed against limits that are proposed.
#include <array>
#include <string>

#include "core/checked_options.hpp"
#include "core/error.hpp"
#include "core/limits/replay.hpp"
#include "pg/args.hpp"
#include "pg/cursor.hpp"
#include "pg/entry.hpp"
#include "pg/jsonb.hpp"
#include "pg/numeric.hpp"
#include "pg/result.hpp"
#include "pg/scratch.hpp"
#include "store/bounds.hpp"
#include "store/estimate_settings.hpp"
#include "store/owner.hpp"
#include "store/seen_tenant.hpp"

using namespace llm_admin;

namespace {

constexpr std::array<std::string_view, 2> simulation_options = {"tenant_id", "denied_only"};

// Calls in the order in which they began. Corrections are no calls. A further attempt is a request of its own where the
// one before was answered, as begin_call() counts it.
pg::statement logged_calls{
    "SELECT l.\"timestamp\", l.tenant_id, l.team_id, l.user_id, l.key_id::pg_catalog.text, "
    "l.metadata OPERATOR(pg_catalog.#>>) '{access,tier}', l.model_id, l.account_id::pg_catalog.text, l.tags, "
    "l.prompt_tokens, l.completion_tokens, COALESCE(l.total_tokens::pg_catalog.int8, "
    "l.prompt_tokens::pg_catalog.int8 "
    "OPERATOR(pg_catalog.+) l.completion_tokens::pg_catalog.int8), l.cost_usd, COALESCE(l.latency_ms, 0), "
    "CASE WHEN l.parent_call_id IS NULL THEN l.attempt OPERATOR(pg_catalog.=) 1 ELSE COALESCE((SELECT "
    "p.kind OPERATOR(pg_catalog.=) 'call' AND p.error_message IS NULL AND COALESCE(p.status_code, 200) "
    "OPERATOR(pg_catalog.<) 400 FROM llm_admin.usage_requests r JOIN llm_admin.llm_usage_logs p "
    "ON p.id OPERATOR(pg_catalog.=) r.usage_id AND p.\"timestamp\" OPERATOR(pg_catalog.=) r.usage_time "
    "WHERE r.call_id OPERATOR(pg_catalog.=) l.parent_call_id LIMIT 1), l.attempt OPERATOR(pg_catalog.=) 1) "
    "END, "
    "l.cost_status OPERATOR(pg_catalog.=) 'cached' "
    "FROM llm_admin.llm_usage_logs l WHERE l.\"timestamp\" OPERATOR(pg_catalog.>=) $1 "
    "AND ($2 IS NULL OR l.tenant_id OPERATOR(pg_catalog.=) $2) AND l.kind OPERATOR(pg_catalog.<>) "
    "'correction' "
    "ORDER BY l.\"timestamp\", l.id",
    {TIMESTAMPTZOID, TEXTOID}};

std::string_view text_or_none(const pg::row& row, int column) {
  return row.is_null(column) ? std::string_view() : row.text_view(column);
}

void add_logged(limits::replay& to, const pg::row& row) {
  limits::logged_call call;
  const std::vector<call_tag> tags = tags_of(pg::jsonb_view(row.raw(9, JSONBOID)));
  call.who = {row.text_view(2),     row.text_view(3), row.text_view(4),     text_or_none(row, 5),
              text_or_none(row, 6), row.text_view(7), text_or_none(row, 8), tags};
  call.at = DatumGetTimestampTz(row.raw(1, TIMESTAMPTZOID));
  call.input = row.integer(10);
  call.output = row.integer(11);
  call.total = row.bigint(12);
  if (!row.is_null(13)) call.cost_usd = money::decimal::from_text(pg::numeric_text(row.raw(13, NUMERICOID)));
  call.latency_ms = row.integer(14);
  call.is_request = row.boolean(15);
  call.is_cached = row.boolean(16);
  to.add(call);
}

void add_amount(pg::row_builder& row, const money::decimal& value) {
  row.add(pg::make_numeric(value.text()), NUMERICOID);
}

void show(pg::row_set& rows, const limits::replay::outcome& of) {
  pg::row_builder row;
  row.add_integer(static_cast<std::int32_t>(of.place)).add_text(limits::name_of(of.by.scope));
  row.add_text(of.tenant).add_text(of.subject).add_text(of.by.model).add_text(limits::name_of(of.by.what));
  row.add_text(limits::name_of(of.by.period));
  add_amount(row, *of.by.amount);
  row.add_bigint(of.what.calls).add_bigint(of.what.denied).add_bigint(of.what.warned);
  row.add_bigint(of.what.downgraded);
  if (of.what.first_at)
    row.add(TimestampTzGetDatum(*of.what.first_at), TIMESTAMPTZOID);
  else
    row.add_null();
  add_amount(row, of.what.peak);
  add_amount(row, of.what.saved_usd);
  rows.add(row);
}

error too_many_counters(std::size_t counters, std::uint64_t most) {
  return {
      sqlstate::program_limit, "the simulation takes too much memory",
      "its " + std::to_string(counters) + " limits and subjects may take " + std::to_string(most) + " bytes",
      "propose fewer limits at once, or narrower ones; or a superuser raises the bound: SET "
      "llm_admin.max_output_bytes = '<size>'"};
}

}  // namespace

LLM_ADMIN_FUNCTION(llm_admin_simulate_limits)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  checked_options options(in.jsonb(2, pg::most::settings), simulation_options);
  const auto asked = options.text("tenant_id");
  const bool denied_only = options.boolean("denied_only").value_or(false);
  options.require();
  if (in.is_null(0) || in.is_null(1))
    throw error(sqlstate::null_not_allowed,
                std::string("argument ") + (in.is_null(0) ? "limits" : "since") + " must not be null", "",
                "give the limits as an array of objects, and the time from which on calls are replayed");
  const std::optional<std::string> tenant = store::seen_tenant(asked);
  std::vector<limits::limit> proposed = limits::read_proposed(in.jsonb(0, pg::most::settings));

  const mapping::limits work = store::limits_now();
  memory_bound bound(work.max_memory(), work.poll);
  limits::replay replayed(std::move(proposed), store::estimate_settings_now(), bound);
  try {
    pg::cursor from = store::cursor_by_owner(
        logged_calls, {pg::datum_value(in.raw(1, TIMESTAMPTZOID), TIMESTAMPTZOID), pg::value(tenant)});
    pg::scratch memory;
    while (const auto row = from.next()) {
      memory.reset();
      add_logged(replayed, *row);
    }
  } catch (const memory_exceeded&) {
    throw too_many_counters(replayed.counters(), bound.most());
  }
  pg::row_set rows(fcinfo);
  replayed.each([&](const limits::replay::outcome& of) {
    if (!denied_only || of.what.first_at) show(rows, of);
  });
  return Datum{0};
}
