// list_access_keys, check_access_key: keys for those who keep them, and who a caller is.
#include <array>
#include <cstring>
#include <string_view>

#include "core/checked_options.hpp"
#include "pg/args.hpp"
#include "pg/entry.hpp"
#include "pg/result.hpp"
#include "pg/scratch.hpp"
#include "store/access_key.hpp"
#include "store/entered_tenant.hpp"
#include "store/owner.hpp"
#include "store/tenant.hpp"

using namespace llm_admin;

namespace {

constexpr std::array<std::string_view, 5> list_options = {"tenant_id", "user_id", "team", "tier", "state"};
constexpr std::array<std::string_view, 4> listed_states = {"active", "blocked", "expired", "revoked"};

// NULL stands for all.
pg::statement select_keys{
    "SELECT k.id, k.prefix, k.name, k.blocked, k.tenant_id, k.team_id, k.user_id, "
    "k.tier_code::pg_catalog.text, k.allow, k.deny, k.tags, k.expires_at, k.revoke_at, k.previous_until, "
    "k.created_at, k.created_by, k.last_used_day FROM llm_admin.access_keys k "
    "WHERE ($1 IS NULL OR k.tenant_id OPERATOR(pg_catalog.=) $1) AND ($2 IS NULL OR k.user_id "
    "OPERATOR(pg_catalog.=) $2) AND ($3 IS NULL OR k.team_id OPERATOR(pg_catalog.=) $3) AND ($4 IS NULL OR "
    "k.tier_code::pg_catalog.text OPERATOR(pg_catalog.=) $4) ORDER BY k.tenant_id, k.name, k.id",
    {TEXTOID, TEXTOID, TEXTOID, TEXTOID}};
constexpr int listed_columns = 17, state_column = 4, expires_column = 12, revoke_column = 13;

std::optional<std::int64_t> time_in(const pg::row& row, int column) {
  if (row.is_null(column)) return std::nullopt;
  return DatumGetTimestampTz(row.raw(column, TIMESTAMPTZOID));
}

}  // namespace

LLM_ADMIN_FUNCTION(llm_admin_list_access_keys)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  checked_options options(in.jsonb(0, pg::most::settings), list_options);
  std::optional<std::string_view> tenant = options.text("tenant_id");
  const auto user = options.text("user_id"), team = options.text("team"), tier = options.text("tier");
  const auto state = options.word("state", listed_states);
  options.require("SELECT * FROM llm_admin.list_access_keys('{\"tenant_id\": \"<tenant>\"}')");
  if (tenant) {
    store::require_tenant_id(*tenant);
    store::require_entered(*tenant);
  } else {
    tenant = store::entered_tenant();
  }
  const std::int64_t now = GetCurrentTimestamp();
  pg::row_set rows(fcinfo);
  pg::cursor all = store::cursor_by_owner(
      select_keys, {pg::value(tenant), pg::value(user), pg::value(team), pg::value(tier)});
  pg::scratch memory;
  while (const auto row = all.next()) {
    memory.reset();
    const access_key_lifetime lifetime = {row->boolean(state_column), time_in(*row, expires_column),
                                          time_in(*row, revoke_column), std::nullopt};
    const std::string_view name = state_name(state_of(lifetime, false, now));
    if (state && *state != name) continue;
    pg::row_builder out;
    for (int c = 1; c <= listed_columns; ++c) {
      if (c == state_column)
        out.add_text(name);
      else
        out.add(row->value(c));
    }
    rows.add(out);
  }
  return Datum{0};
}

LLM_ADMIN_FUNCTION(llm_admin_check_access_key)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  const std::string_view given = in.required_text(0, "token", longest_access_token);
  const store::access_key key = store::require_access_key(read_access_credential(given));
  store::note_use(key);
  pg::row_builder row;
  row.add(store::uuid_datum(key.id), UUIDOID).add_text(key.prefix).add_text(key.name);
  row.add_text(state_name(key.state)).add_text(key.tenant_id).add_text(key.team_id).add_text(key.user_id);
  if (key.tier)
    row.add_text(*key.tier);
  else
    row.add_null();
  row.add(key.allow, TEXTARRAYOID).add(key.deny, TEXTARRAYOID);
  if (key.tags != Datum{0})
    row.add_jsonb(key.tags);
  else
    row.add_null();
  if (key.lifetime.expires_at)
    row.add(TimestampTzGetDatum(*key.lifetime.expires_at), TIMESTAMPTZOID);
  else
    row.add_null();
  return pg::make_row(fcinfo, row);
}
