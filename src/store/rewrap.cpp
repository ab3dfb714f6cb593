#include "store/rewrap.hpp"

#include <cstring>
#include <string>

#include "core/crypto/wrap.hpp"
#include "core/error.hpp"
#include "core/keys/redact.hpp"
#include "core/secret_bytes.hpp"
#include "pg/args.hpp"
#include "pg/cursor.hpp"
#include "pg/fetch.hpp"
#include "pg/scratch.hpp"
#include "pg/spi.hpp"
#include "pg/stop_point.hpp"
#include "store/data_keys.hpp"
#include "store/keyring.hpp"
#include "store/own_update.hpp"
#include "store/owner.hpp"
#include "store/root_keys.hpp"

namespace llm_admin::store::data_keys {

namespace {

constexpr std::size_t most_named = 5;

pg::statement all_keys{
    "SELECT k.key_id, k.tenant_id, k.version, k.root_id, k.wrapped_key, k.check_value "
    "FROM llm_admin.data_keys k ORDER BY k.key_id",
    {}};
pg::statement count_others{
    "SELECT pg_catalog.count(*) FROM llm_admin.data_keys k WHERE k.root_id OPERATOR(pg_catalog.<>) $1",
    {INT4OID}};
pg::statement store_wrap{
    "UPDATE llm_admin.data_keys AS k SET root_id = $2, wrapped_key = $3, check_value = $4 "
    "WHERE k.key_id OPERATOR(pg_catalog.=) $1",
    {UUIDOID, INT4OID, BYTEAOID, TEXTOID}};
pg::statement store_check{
    "UPDATE llm_admin.data_keys AS k SET check_value = $2 WHERE k.key_id OPERATOR(pg_catalog.=) $1",
    {UUIDOID, TEXTOID}};

// The data key; nothing where the root key is the right one and does not open it. LA030 for a root key that
// is missing or another one: no data key of it opens, and to go on would leave all of them behind.
std::optional<secret_bytes> try_unwrap(const crypto::wrap_place& place, std::string_view wrapped) {
  if (auto plain = keyring::unwrap(place, as_bytes(wrapped))) return plain;
  (void)root_keys::require_right(place.root_id);
  return keyring::unwrap(place, as_bytes(wrapped));
}

std::int64_t others(std::int32_t root_id) {
  pg::spi sql;
  sql.run_on_latest(count_others, {pg::value(root_id)});
  return sql.first()->bigint(1);
}

}  // namespace

rewrapped rewrap(std::int32_t root_id) {
  rewrapped result;
  const as_owner owner;
  crypto::wrapping_key now(root_keys::adopt(root_id, false).span());
  const std::int64_t half = others(root_id) / 2;
  const own_update note(own_change::rewrapping);
  pg::cursor rows(all_keys, {}, pg::as_of::latest);
  pg::scratch memory;
  while (const auto row = rows.next()) {
    memory.reset();
    envelope::key_id id;
    std::memcpy(id.data(), DatumGetUUIDP(row->raw(1, UUIDOID))->data, id.size());
    const std::string tenant = row->maybe_text(2).value_or(std::string());
    const crypto::wrap_place place{id, tenant, row->integer(3), row->integer(4)};
    const std::optional<secret_bytes> plain = try_unwrap(place, pg::text_of(row->raw(5, BYTEAOID)));
    if (!plain) {
      ++result.damaged;
      if (result.first_tenant.empty()) result.first_tenant = tenant;
      if (result.owners.size() < most_named)
        result.owners.push_back(tenant.empty() ? "the installation"
                                               : "tenant " + std::string(shortened(tenant, 200)));
      continue;
    }
    const std::string check = crypto::check_value(plain->span(), "data");
    if (place.root_id == root_id) {
      if (check == row->text(6)) continue;
      pg::spi sql;
      sql.run_on_latest(store_check, {pg::datum_value(row->value(1)), pg::value(check)});
      continue;
    }
    if (result.done == half) pg::stop_point("rotate_root_key.half");
    const auto bytes = now.wrap({id, tenant, place.version, root_id}, plain->span());
    const Datum wrapped = pg::make_text({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    pg::spi sql;
    // An older snapshot would pass over a row that it does not see, and say nothing.
    sql.run_on_latest(store_wrap, {pg::datum_value(row->value(1)), pg::value(root_id),
                                   pg::datum_value(wrapped, BYTEAOID), pg::value(check)});
    ++result.done;
  }
  return result;
}

}  // namespace llm_admin::store::data_keys
