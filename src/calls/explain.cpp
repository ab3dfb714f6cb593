// explain_call: one page on a call, open or ended, from the rule that allowed it to each meter of its cost.
#include "core/calls/receipt.hpp"
#include "pg/args.hpp"
#include "pg/entry.hpp"
#include "pg/spi.hpp"
#include "pg/uuid.hpp"
#include "store/entered_tenant.hpp"
#include "store/owner.hpp"

using namespace llm_admin;

namespace {

// Of `held`, as core/calls/reservation.hpp has it: each limit with what it says now.
#define LLM_ADMIN_LIMITS_MET(held)                                                                        \
  "(SELECT COALESCE(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('limit', one "                     \
  "OPERATOR(pg_catalog.->>) "                                                                             \
  "'limit', 'subject', one OPERATOR(pg_catalog.->>) 'subject', 'window_start', one "                      \
  "OPERATOR(pg_catalog.->>) "                                                                             \
  "'window', 'reserved', (one OPERATOR(pg_catalog.->>) 'amount')::pg_catalog.numeric, 'scope', m.scope, " \
  "'what', "                                                                                              \
  "m.what, 'period', m.period, 'amount', m.amount, 'on_exceed', m.on_exceed)), '[]') FROM "               \
  "pg_catalog.jsonb_array_elements(" held                                                                 \
  ") AS one LEFT JOIN llm_admin.limits m ON m.id "                                                        \
  "OPERATOR(pg_catalog.=) (one OPERATOR(pg_catalog.->>) 'limit')::pg_catalog.uuid)"
#define LLM_ADMIN_PRICE_ROW                                                                              \
  "(SELECT pg_catalog.jsonb_build_object('price_id', h.price_id, 'model_id', h.model_id, 'valid_from', " \
  "h.valid_from, 'currency', h.currency, 'source', h.source, 'rates', h.rates) FROM "                    \
  "llm_admin.model_price_history "                                                                       \
  "h WHERE h.price_id OPERATOR(pg_catalog.=) c.price_id)"

pg::statement open_page{
    "SELECT c.tenant_id, pg_catalog.jsonb_build_object('call_id', c.call_id, 'state', CASE WHEN c.expires_at "
    "OPERATOR(pg_catalog.<=) pg_catalog.now() THEN 'overdue' ELSE 'open' END, 'tenant_id', c.tenant_id, "
    "'user_id', "
    "c.user_id, 'team', c.team_id, 'access_key', c.key_id, 'request_id', c.request_id, 'attempt', c.attempt, "
    "'parent_call_id', c.parent_call_id, 'provider', c.provider, 'account_id', c.account_id, 'key_source', "
    "c.key_source, 'model', c.requested_model, 'model_id', c.model_id, 'operation', c.operation, "
    "'service_tier', "
    "c.service_tier, 'config_version', c.config_version, 'access', c.access, 'tags', c.tags, 'started_at', "
    "c.started_at, 'expires_at', c.expires_at, 'estimate', pg_catalog.jsonb_build_object('input_tokens', "
    "c.input_estimate, 'usd', c.estimate_usd), 'limits', " LLM_ADMIN_LIMITS_MET(
        "c.reservations") ", 'price', " LLM_ADMIN_PRICE_ROW
                          ") FROM llm_admin.llm_calls c WHERE c.call_id OPERATOR(pg_catalog.=) $1",
    {UUIDOID}};
pg::statement ended_page{
    "SELECT r.tenant_id, pg_catalog.jsonb_build_object('call_id', r.call_id, 'state', CASE WHEN c.id IS NULL "
    "THEN "
    "'left the log' WHEN c.kind OPERATOR(pg_catalog.=) 'expired' THEN 'expired' ELSE 'ended' END, "
    "'usage_id', "
    "r.usage_id, 'tenant_id', r.tenant_id, 'user_id', c.user_id, 'team', c.team_id, 'access_key', c.key_id, "
    "'request_id', c.request_id, 'attempt', c.attempt, 'parent_call_id', c.parent_call_id, 'provider', "
    "c.provider, "
    "'account_id', c.account_id, 'key_source', c.key_source, 'model', c.requested_model, 'served_model', "
    "c.served_model, 'model_id', c.model_id, 'operation', c.operation, 'service_tier', c.service_tier, "
    "'access', "
    "c.metadata OPERATOR(pg_catalog.->) 'access', 'tags', c.tags, 'started_at', r.usage_time, 'latency_ms', "
    "c.latency_ms, 'http_status', c.status_code, 'error', c.error_message, 'estimated', c.estimated, "
    "'limits', " LLM_ADMIN_LIMITS_MET(
        "COALESCE(c.limits, '[]')") ", 'price', " LLM_ADMIN_PRICE_ROW
                                    ", 'usage', pg_catalog.jsonb_build_object('input_tokens', "
                                    "c.prompt_tokens, 'output_tokens', c.completion_tokens, "
                                    "'cached_tokens', c.cached_tokens, 'cache_write_tokens', "
                                    "c.cache_write_tokens, 'reasoning_tokens', "
                                    "c.reasoning_tokens, 'quantities', c.quantities), 'cost', "
                                    "pg_catalog.jsonb_build_object('cost_usd', r.cost_usd, "
                                    "'list_cost_usd', c.list_cost_usd, 'status', r.cost_status, 'meters', "
                                    "(SELECT pg_catalog.jsonb_agg("
                                    "pg_catalog.to_jsonb(e)) FROM llm_admin.explain_cost(c.id) e))) FROM "
                                    "llm_admin.usage_requests r LEFT JOIN "
                                    "llm_admin.llm_usage_logs c ON c.id OPERATOR(pg_catalog.=) r.usage_id "
                                    "AND c.\"timestamp\" "
                                    "OPERATOR(pg_catalog.=) r.usage_time WHERE r.call_id "
                                    "OPERATOR(pg_catalog.=) $1",
    {UUIDOID}};

std::optional<Datum> page_of(pg::statement& by, Datum id, bool& out_of_reach) {
  const store::as_owner owner;
  pg::spi sql;
  if (sql.run(by, {pg::datum_value(id, UUIDOID)}, true) == 0) return std::nullopt;
  const pg::row row = sql.at(0);
  out_of_reach = store::is_out_of_reach(row.text_view(1));
  const Datum stored = row.raw(2, JSONBOID);  // goes with the connection
  return pg::call([=] { return PointerGetDatum(PG_DETOAST_DATUM_COPY(stored)); });
}

}  // namespace

LLM_ADMIN_SCALAR(llm_admin_explain_call, JSONBOID)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  if (in.is_null(0)) return pg::return_null(fcinfo);
  const Datum id = in.raw(0, UUIDOID);
  bool out_of_reach = false;
  auto page = page_of(open_page, id, out_of_reach);
  if (!page) page = page_of(ended_page, id, out_of_reach);
  if (page && !out_of_reach) return *page;
  calls::refuse_unknown_call(pg::uuid_of(id), "no call that is open or in the log has this id");
}
