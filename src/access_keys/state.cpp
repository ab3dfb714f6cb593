// revoke_access_key, block_access_key: the end of a key, and its pauses.
#include <cstring>

#include "access_keys/key_row.hpp"
#include "core/error.hpp"
#include "pg/entry.hpp"
#include "pg/role.hpp"
#include "store/access_key.hpp"
#include "store/entered_tenant.hpp"
#include "store/owner.hpp"

namespace llm_admin::access_keys {

namespace {

pg::statement lock_row{
    "SELECT k.tenant_id, COALESCE(k.revoke_at OPERATOR(pg_catalog.<=) pg_catalog.clock_timestamp(), false), "
    "k.blocked FROM llm_admin.access_keys k WHERE k.id OPERATOR(pg_catalog.=) $1 FOR NO KEY UPDATE",
    {UUIDOID}};

}  // namespace

uuid_bytes required_id(const pg::args& in) {
  if (in.is_null(0))
    throw error(sqlstate::null_not_allowed, "argument id must not be null", "",
                "SELECT * FROM llm_admin.list_access_keys() shows the keys that there are");
  uuid_bytes id;
  std::memcpy(id.data(), DatumGetUUIDP(in.raw(0, UUIDOID))->data, id.size());
  return id;
}

locked_key lock_key(pg::spi& sql, const uuid_bytes& id) {
  const bool found = sql.run_on_latest(lock_row, {pg::datum_value(store::uuid_datum(id), UUIDOID)}) > 0;
  if (!found || store::is_out_of_reach(sql.at(0).text_view(1))) store::no_such_access_key(id);
  return {sql.at(0).boolean(2), sql.at(0).boolean(3)};
}

}  // namespace llm_admin::access_keys

using namespace llm_admin;

namespace {

// Blocked besides: a clock that is set back does not bring the key back.
pg::statement revoke_key{
    "UPDATE llm_admin.access_keys AS k SET revoke_at = pg_catalog.clock_timestamp(), blocked = true WHERE "
    "k.id "
    "OPERATOR(pg_catalog.=) $1",
    {UUIDOID}};
pg::statement block_key{
    "UPDATE llm_admin.access_keys AS k SET blocked = $2 WHERE k.id OPERATOR(pg_catalog.=) $1",
    {UUIDOID, BOOLOID}};

[[noreturn]] void suppressed() {
  throw error(sqlstate::not_in_state, "the access key could not be changed",
              "another trigger suppressed the change");
}

}  // namespace

LLM_ADMIN_SCALAR(llm_admin_revoke_access_key, BOOLOID)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  const uuid_bytes id = access_keys::required_id(in);
  pg::require_primary("revoke_access_key");
  const store::as_owner owner;
  pg::spi sql;
  if (access_keys::lock_key(sql, id).is_revoked) return BoolGetDatum(false);
  if (sql.run_on_latest(revoke_key, {pg::datum_value(store::uuid_datum(id), UUIDOID)}) == 0) suppressed();
  return BoolGetDatum(true);
}

LLM_ADMIN_SCALAR(llm_admin_block_access_key, BOOLOID)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  const uuid_bytes id = access_keys::required_id(in);
  if (in.is_null(1)) throw error(sqlstate::null_not_allowed, "argument blocked must not be null");
  const bool blocked = in.boolean(1, true);
  pg::require_primary("block_access_key");
  const store::as_owner owner;
  pg::spi sql;
  const access_keys::locked_key key = access_keys::lock_key(sql, id);
  if (key.is_revoked)
    throw error(sqlstate::not_in_state, "the access key is revoked",
                "that is for good, whether it is blocked or not",
                "SELECT token FROM llm_admin.issue_access_key('<name>')");
  if (key.is_blocked == blocked) return BoolGetDatum(false);
  if (sql.run_on_latest(block_key, {pg::datum_value(store::uuid_datum(id), UUIDOID), pg::value(blocked)}) ==
      0)
    suppressed();
  return BoolGetDatum(true);
}
