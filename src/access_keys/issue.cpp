// issue_access_key, rotate_access_key: tokens are made here, returned once, and stored as hashes.
#include <string>

#include "access_keys/key_row.hpp"
#include "core/error.hpp"
#include "core/json/tree.hpp"
#include "core/keys/access_key_options.hpp"
#include "core/keys/access_token.hpp"
#include "core/keys/redact.hpp"
#include "pg/args.hpp"
#include "pg/entry.hpp"
#include "pg/jsonb.hpp"
#include "pg/result.hpp"
#include "pg/role.hpp"
#include "pg/settings.hpp"
#include "store/access_key.hpp"
#include "store/entered_tenant.hpp"
#include "store/owner.hpp"
#include "store/tenant.hpp"

using namespace llm_admin;

namespace {

constexpr int longest_grace = 31'536'000;  // seconds: a year

pg::statement insert_key{
    "INSERT INTO llm_admin.access_keys AS k (prefix, name, tenant_id, team_id, user_id, tier_code, allow, "
    "deny, "
    "tags, expires_at, blocked, created_by) VALUES ($1, $2, $3, $4, $5, $6::pg_catalog.varchar, $7, $8, $9, "
    "$10, $11, $12) RETURNING k.id, k.key_hash",
    {TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTARRAYOID, TEXTARRAYOID, JSONBOID,
     TIMESTAMPTZOID, BOOLOID, TEXTOID}};
pg::statement rotate_key{
    "UPDATE llm_admin.access_keys AS k SET previous_hash = CASE WHEN $3 OPERATOR(pg_catalog.>) 0 THEN "
    "k.key_hash END, previous_until = CASE WHEN $3 OPERATOR(pg_catalog.>) 0 THEN "
    "pg_catalog.clock_timestamp() OPERATOR(pg_catalog.+) pg_catalog.make_interval(0, 0, 0, 0, "
    "0, 0, $3::pg_catalog.float8) END, prefix = $2 WHERE k.id OPERATOR(pg_catalog.=) $1 RETURNING k.key_hash",
    {UUIDOID, TEXTOID, INT4OID}};

pg::parameter text_array(const std::vector<std::string_view>& texts) {
  std::vector<Datum> values;
  values.reserve(texts.size());
  for (const std::string_view one : texts) values.push_back(pg::make_text(one));
  Datum* const first = values.data();
  const int count = static_cast<int>(values.size());
  return pg::datum_value(
      pg::call([=] {
        return PointerGetDatum(count == 0 ? construct_empty_array(TEXTOID)
                                          : construct_array(first, count, TEXTOID, -1, false, TYPALIGN_INT));
      }),
      TEXTARRAYOID);
}

pg::parameter tags_object(const std::vector<call_tag>& tags) {
  json::tree tree;
  json::item* object = tree.object();
  for (const call_tag& one : tags) tree.append(object, one.name, tree.string(one.value));
  return pg::datum_value(pg::make_jsonb(object), JSONBOID);
}

// As the server reads it. Its own error would quote what stands there.
pg::parameter end_of(const access_key_options& options) {
  if (!options.expires_at) return pg::null_value();
  const std::string text(*options.expires_at);
  const char* characters = text.c_str();
  std::optional<TimestampTz> at;
  try {
    pg::subtransaction block;
    at = pg::call([=] {
      return DatumGetTimestampTz(DirectFunctionCall3(timestamptz_in, CStringGetDatum(characters),
                                                     ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
    });
    block.release();
  } catch (const pg::error&) {
  }
  constexpr const char* example =
      "SELECT token FROM llm_admin.issue_access_key('<name>', '{\"expires_at\": \"2030-01-01T00:00:00Z\"}')";
  if (!at) throw error(sqlstate::invalid_parameter, "option expires_at must be a time", "", example);
  if (*at <= GetCurrentTimestamp())
    throw error(sqlstate::invalid_parameter, "option expires_at has passed",
                "a key with it could not be used", example);
  return pg::datum_value(TimestampTzGetDatum(*at), TIMESTAMPTZOID);
}

std::string who_makes_it() {
  const std::string_view actor = pg::settings::actor();
  return actor.empty() ? pg::outer_role() : std::string(shortened(actor, 255));
}

[[noreturn]] void not_stored() {
  throw error(sqlstate::not_in_state, "the hash of the token could not be stored",
              "the triggers of access_keys did not run, or another one suppressed the change",
              "ALTER TABLE llm_admin.access_keys ENABLE TRIGGER trg_bind_access_key");
}

}  // namespace

LLM_ADMIN_FUNCTION(llm_admin_issue_access_key)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  const std::string_view name = in.required_text(0, "name");
  access_key_options options = read_access_key_options(name, in.jsonb(1, pg::most::settings));
  if (options.tenant_id.empty()) options.tenant_id = store::entered_tenant().value_or(std::string_view());
  if (!options.tenant_id.empty()) {
    store::require_tenant_id(options.tenant_id);
    store::require_entered(options.tenant_id);
  }
  pg::require_primary("issue_access_key");
  const pg::parameter end = end_of(options);
  const made_access_token made = make_access_token();
  const std::string by = who_makes_it();
  const store::as_owner owner;
  pg::spi sql;
  {
    const store::hash_to_store hash(made.hash);
    if (sql.run(insert_key, {pg::value(made.prefix), pg::value(options.name), pg::value(options.tenant_id),
                             pg::value(options.team), pg::value(options.user_id), pg::value(options.tier),
                             text_array(options.allow), text_array(options.deny), tags_object(options.tags),
                             end, pg::value(options.blocked), pg::value(by)}) == 0)
      not_stored();
  }
  if (!same_access_hash(as_bytes(pg::text_of(sql.at(0).raw(2, BYTEAOID))), byte_view(made.hash)))
    not_stored();
  pg::row_builder row;
  row.add_text(made.text.text()).add(sql.at(0).value(1)).add_text(made.prefix);
  return pg::make_row(fcinfo, row);
}

LLM_ADMIN_FUNCTION(llm_admin_rotate_access_key)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  const uuid_bytes id = access_keys::required_id(in);
  const auto grace = in.integer(1);
  if (!grace || *grace < 0 || *grace > longest_grace)
    throw error(grace ? sqlstate::invalid_parameter : sqlstate::null_not_allowed,
                "grace_seconds must be from 0 to 31536000",
                "for so long the token of before is taken besides the new one",
                "SELECT token FROM llm_admin.rotate_access_key('" + uuid_string(id) + "', 3600)");
  pg::require_primary("rotate_access_key");
  const made_access_token made = make_access_token();
  const store::as_owner owner;
  pg::spi sql;
  const access_keys::locked_key key = access_keys::lock_key(sql, id);
  if (key.is_revoked)
    throw error(sqlstate::not_in_state, "the access key is revoked", "a new token would not be taken either",
                "SELECT token FROM llm_admin.issue_access_key('<name>')");
  const Datum id_datum = store::uuid_datum(id);
  {
    const store::hash_to_store hash(made.hash);
    if (sql.run_on_latest(
            rotate_key, {pg::datum_value(id_datum, UUIDOID), pg::value(made.prefix), pg::value(*grace)}) == 0)
      not_stored();
  }
  if (!same_access_hash(as_bytes(pg::text_of(sql.at(0).raw(1, BYTEAOID))), byte_view(made.hash)))
    not_stored();
  pg::row_builder row;
  row.add_text(made.text.text()).add_text(made.prefix);
  return pg::make_row(fcinfo, row);
}
