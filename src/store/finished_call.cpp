#include "store/finished_call.hpp"

#include "pg/jsonb.hpp"
#include "pg/uuid.hpp"
#include "store/owner.hpp"

namespace llm_admin::store {

namespace {

pg::statement select_finished{
    "SELECT r.usage_id, r.usage_time, r.cost_usd::pg_catalog.text, r.cost_status, r.tenant_id, l.kind, "
    "l.user_id, "
    "l.provider, l.model_id, l.requested_model, l.operation, l.service_tier, l.team_id, l.request_id, "
    "l.attempt, "
    "l.prompt_tokens, l.completion_tokens, l.parent_call_id, l.account_id, l.key_id, l.price_id, "
    "l.key_source, l.limits::pg_catalog.text, l.kind OPERATOR(pg_catalog.=) 'call' AND l.error_message IS "
    "NULL "
    "AND COALESCE(l.status_code, 200) OPERATOR(pg_catalog.<) 400, l.list_cost_usd::pg_catalog.text, "
    "l.job_id, "
    "l.tags, l.metadata "
    "FROM llm_admin.usage_requests r LEFT JOIN llm_admin.llm_usage_logs l ON l.id OPERATOR(pg_catalog.=) "
    "r.usage_id "
    "AND l.\"timestamp\" OPERATOR(pg_catalog.=) r.usage_time WHERE r.call_id OPERATOR(pg_catalog.=) $1",
    {UUIDOID}};
pg::statement select_other_call{
    "SELECT 1 FROM llm_admin.usage_requests r WHERE r.tenant_id OPERATOR(pg_catalog.=) $1 AND r.request_id "
    "OPERATOR(pg_catalog.=) $2 AND r.call_id OPERATOR(pg_catalog.<>) $3",
    {TEXTOID, TEXTOID, UUIDOID}};
pg::statement select_usage{
    "SELECT r.usage_id FROM llm_admin.usage_requests r LEFT JOIN llm_admin.llm_usage_logs l ON l.id "
    "OPERATOR(pg_catalog.=) r.usage_id AND l.\"timestamp\" OPERATOR(pg_catalog.=) r.usage_time WHERE "
    "r.tenant_id OPERATOR(pg_catalog.=) $1 AND r.request_id OPERATOR(pg_catalog.=) $2 AND (l.id IS NULL OR "
    "l.attempt OPERATOR(pg_catalog.=) $3)",
    {TEXTOID, TEXTOID, INT4OID}};

// A copy in the current memory: the row's goes with its connection.
json::node kept_object(const pg::row& row, int column) {
  if (row.is_null(column)) return {};
  const Datum stored = row.raw(column, JSONBOID);
  return pg::jsonb_view(pg::call([=] { return PointerGetDatum(PG_DETOAST_DATUM_COPY(stored)); }));
}

}  // namespace

std::optional<finished_call> find_finished(const uuid_bytes& call_id) {
  const as_owner owner;
  pg::spi sql;
  if (sql.run_on_latest(select_finished, {pg::uuid_value(call_id)}) == 0) return std::nullopt;
  const pg::row row = sql.at(0);
  finished_call made;
  made.usage_id = row.bigint(1);
  made.at = DatumGetTimestampTz(row.raw(2, TIMESTAMPTZOID));
  made.cost_usd = row.maybe_text(3);
  made.cost_status = row.text(4);
  made.tenant_id = row.text(5);
  made.in_log = !row.is_null(6);
  if (!made.in_log) return made;
  made.kind = row.text(6);
  made.user_id = row.text(7);
  made.provider = row.text(8);
  made.model_id = row.text(9);
  made.requested_model = row.text(10);
  made.operation = row.text(11);
  made.service_tier = row.text(12);
  made.team_id = row.text(13);
  made.request_id = row.maybe_text(14);
  made.attempt = row.integer(15);
  made.input = row.integer(16);
  made.output = row.integer(17);
  made.parent_call_id = pg::maybe_uuid(row, 18);
  made.account_id = pg::maybe_uuid(row, 19);
  made.key_id = pg::maybe_uuid(row, 20);
  if (!row.is_null(21)) made.price_id = row.bigint(21);
  made.key_source = row.text(22);
  if (!row.is_null(23)) made.reservations = row.text(23);
  made.was_answered = row.boolean(24);
  made.list_cost_usd = row.maybe_text(25);
  made.job_id = pg::maybe_uuid(row, 26);
  made.tags = kept_object(row, 27);
  made.metadata = kept_object(row, 28);
  return made;
}

bool is_other_call(std::string_view tenant, std::string_view request, const uuid_bytes& call_id) {
  const as_owner owner;
  pg::spi sql;
  return sql.run_on_latest(select_other_call,
                           {pg::value(tenant), pg::value(request), pg::uuid_value(call_id)}) > 0;
}

std::optional<std::int64_t> usage_of_request(std::string_view tenant, std::string_view request,
                                             std::int32_t attempt) {
  const as_owner owner;
  pg::spi sql;
  if (sql.run_on_latest(select_usage, {pg::value(tenant), pg::value(request), pg::value(attempt)}) == 0)
    return std::nullopt;
  return sql.at(0).bigint(1);
}

std::vector<finished_call> attempts_before(std::optional<uuid_bytes> parent, int most) {
  std::vector<finished_call> found;
  for (int n = 0; parent && n < most; ++n) {
    auto before = find_finished(*parent);
    if (!before) break;
    parent = before->parent_call_id;
    found.push_back(*std::move(before));
  }
  return found;
}

}  // namespace llm_admin::store
