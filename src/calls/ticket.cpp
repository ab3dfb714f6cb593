// open_sender_ticket, redeem_sender_ticket: the headers of an open call, for who sends it from within the database. SQL
// text, job tables and logs hold the ticket, never the key.
#include <cstring>

#include "core/calls/receipt.hpp"
#include "core/calls/ticket.hpp"
#include "core/error.hpp"
#include "core/http/request.hpp"
#include "pg/args.hpp"
#include "pg/clock.hpp"
#include "pg/entry.hpp"
#include "pg/jsonb.hpp"
#include "pg/result.hpp"
#include "pg/role.hpp"
#include "pg/uuid.hpp"
#include "store/entered_tenant.hpp"
#include "store/open_call.hpp"
#include "store/owner.hpp"
#include "store/provider_call.hpp"
#include "store/provider_key.hpp"
#include "store/resolution.hpp"
#include "store/tenant_key.hpp"

using namespace llm_admin;

namespace {

pg::statement insert_ticket{
    "INSERT INTO llm_admin.sender_tickets (ticket_hash, call_id, expires_at) VALUES ($1, $2, $3)",
    {BYTEAOID, UUIDOID, TIMESTAMPTZOID}};
// Old ones of others go along, a few each time.
pg::statement delete_old{
    "WITH old AS MATERIALIZED (SELECT o.ticket_hash FROM llm_admin.sender_tickets o WHERE o.expires_at "
    "OPERATOR(pg_catalog.<) $1 ORDER BY o.expires_at LIMIT 10 FOR UPDATE SKIP LOCKED) "
    "DELETE FROM llm_admin.sender_tickets AS t USING old WHERE t.ticket_hash OPERATOR(pg_catalog.=) "
    "old.ticket_hash",
    {TIMESTAMPTZOID}};
pg::statement take_ticket{
    "DELETE FROM llm_admin.sender_tickets AS t WHERE t.ticket_hash OPERATOR(pg_catalog.=) $1 RETURNING "
    "t.call_id, "
    "t.expires_at",
    {BYTEAOID}};

Datum bytea_of(const crypto::digest& hash) {
  const std::uint8_t* bytes = hash.data();
  return pg::call([=] {
    auto* made = static_cast<bytea*>(palloc(VARHDRSZ + crypto::digest_size));
    SET_VARSIZE(made, VARHDRSZ + crypto::digest_size);
    std::memcpy(VARDATA(made), bytes, crypto::digest_size);
    return PointerGetDatum(made);
  });
}

pg::parameter time_value(std::int64_t at) { return pg::datum_value(TimestampTzGetDatum(at), TIMESTAMPTZOID); }

void require_header_auth(const store::provider& row) {
  if (row.text(store::provider_column::auth_scheme) != "query_param") return;
  throw error(sqlstate::feature_not_supported, "this provider takes its key in the URL",
              "a ticket stands for headers, and a sender's tables would show the URL",
              "begin_call() with option with_key gives the URL to who sends it from outside");
}

// The headers of the row, and the one with the key of whom the call is for.
json::item* headers_of(const store::open_call& call, json::tree& out, http::request& made) {
  const store::provider row = store::require_provider(call.provider);
  require_header_auth(row);
  std::string url(row.text(store::provider_column::base_url));
  std::optional<store::account> account;
  std::optional<store::tenant> tenant;
  if (call.key_source == "byollm") {
    tenant = store::find_tenant(call.tenant_id);
    if (!tenant) calls::refuse_ticket();
    url = store::base_url_of(*tenant, row);
  } else if (call.account_id) {
    account = store::account_of(row, *call.account_id);
    if (!account) calls::refuse_ticket();
    url = account->base_url;
  }
  using of = store::provider_column;
  const http::endpoint to{row.name(),
                          url,
                          "",
                          row.text(of::http_method),
                          row.text(of::auth_scheme),
                          row.text(of::auth_header_template),
                          row.jsonb(of::additional_headers)};
  const mapping::built_request nothing;
  made = http::build(to, nothing, mapping::limits{}, out);
  if (to.auth_scheme != "none") {
    if (tenant)
      http::add_key(made, to, nothing, store::key_of(*tenant, row), out);
    else
      http::add_key(made, to, nothing, account ? store::key_of(*account, row) : store::key_of(row), out);
  }
  return made.headers;
}

}  // namespace

LLM_ADMIN_SCALAR(llm_admin_open_sender_ticket, TEXTOID)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  if (in.is_null(0)) throw error(sqlstate::null_not_allowed, "argument call_id must not be null");
  const uuid_bytes id = pg::uuid_of(in.raw(0, UUIDOID));
  pg::require_primary("open_sender_ticket");
  const auto call = store::find_call(id);
  if (!call || store::is_out_of_reach(call->tenant_id)) calls::refuse_unknown_call(id);
  require_header_auth(store::require_provider(call->provider));
  const std::int64_t now = pg::clock_now();
  const calls::made_ticket made = calls::make_ticket(now);
  const Datum shown = pg::make_text(made.text.text());
  const store::as_owner owner;
  pg::spi sql;
  sql.run(insert_ticket, {pg::datum_value(bytea_of(made.hash), BYTEAOID),
                          pg::datum_value(in.raw(0, UUIDOID), UUIDOID), time_value(made.expires_at)});
  sql.run(delete_old, {time_value(now)});
  return shown;
}

LLM_ADMIN_FUNCTION(llm_admin_redeem_sender_ticket)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  const auto hash = calls::read_ticket(in.required_text(0, "ticket"));
  if (!hash) calls::refuse_ticket();
  pg::require_primary("redeem_sender_ticket");
  std::optional<uuid_bytes> id;
  {
    const store::as_owner owner;
    pg::spi sql;
    if (sql.run_on_latest(take_ticket, {pg::datum_value(bytea_of(*hash), BYTEAOID)}) > 0 &&
        calls::is_ticket_good(DatumGetTimestampTz(sql.at(0).raw(2, TIMESTAMPTZOID)), false, pg::clock_now()))
      id = pg::uuid_of(sql.at(0).raw(1, UUIDOID));
  }
  const auto call = id ? store::find_call(*id) : std::nullopt;
  if (!call || store::is_out_of_reach(call->tenant_id)) calls::refuse_ticket();
  json::tree out;
  http::request made;
  const json::item* headers = headers_of(*call, out, made);
  pg::row_builder row;
  row.add(pg::maybe_uuid_datum(id)).add_jsonb(pg::make_jsonb(headers));
  return pg::make_row(fcinfo, row);
}
