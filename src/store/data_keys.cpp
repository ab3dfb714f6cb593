#include "store/data_keys.hpp"

#include <cstring>

#include "core/crypto/primitives.hpp"
#include "core/crypto/wrap.hpp"
#include "core/error.hpp"
#include "pg/args.hpp"
#include "pg/fetch.hpp"
#include "pg/spi.hpp"
#include "store/audit.hpp"
#include "store/key_uses.hpp"
#include "store/keyring.hpp"
#include "store/owner.hpp"
#include "store/root_keys.hpp"
#include "store/row_finder.hpp"
#include "store/tables.hpp"

namespace llm_admin::store::data_keys {

namespace {

pg::statement newest_of_installation{
    "SELECT k.key_id, k.version, k.xmin FROM llm_admin.data_keys k WHERE k.tenant_id IS NULL "
    "ORDER BY k.version DESC LIMIT 1",
    {}};
pg::statement first_of_installation{
    "SELECT k.key_id, k.version, k.xmin FROM llm_admin.data_keys k WHERE k.tenant_id IS NULL AND k.version "
    "OPERATOR(pg_catalog.=) 1",
    {}};
pg::statement newest_of_tenant{
    "SELECT k.key_id, k.version, k.xmin FROM llm_admin.data_keys k "
    "WHERE k.tenant_id OPERATOR(pg_catalog.=) $1 ORDER BY k.version DESC LIMIT 1",
    {TEXTOID}};
pg::statement add_key{
    "INSERT INTO llm_admin.data_keys "
    "(key_id, tenant_id, version, root_id, wrapped_key, check_value, first_use_block, uses) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
    {UUIDOID, TEXTOID, INT4OID, INT4OID, BYTEAOID, TEXTOID, INT8OID, INT8OID}};
pg::statement add_key_uncounted{
    "INSERT INTO llm_admin.data_keys "
    "(key_id, tenant_id, version, root_id, wrapped_key, check_value, first_use_block) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
    {UUIDOID, TEXTOID, INT4OID, INT4OID, BYTEAOID, TEXTOID, INT8OID}};
pg::statement delete_of_tenant{
    "DELETE FROM llm_admin.data_keys AS k WHERE k.tenant_id OPERATOR(pg_catalog.=) $1", {TEXTOID}};

void lock(LOCKMODE mode) { (void)lock(table::data_keys, mode); }

std::optional<named> select(pg::statement& s, std::initializer_list<pg::parameter> parameters) {
  const as_owner owner;
  pg::spi sql;
  sql.read_latest(s, parameters);
  if (const auto row = sql.first())
    return named{id_of(row->raw(1, UUIDOID)), row->integer(2), DatumGetTransactionId(row->raw(3, XIDOID))};
  return std::nullopt;
}

// The data key in a row. The root key is checked only when it does not open it, which may bring the right
// one.
secret_bytes unwrapped(const crypto::wrap_place& place, std::string_view wrapped) {
  if (auto plain = keyring::unwrap(place, as_bytes(wrapped))) return std::move(*plain);
  (void)root_keys::require_right(place.root_id);
  if (auto plain = keyring::unwrap(place, as_bytes(wrapped))) return std::move(*plain);
  envelope::reject();
}

}  // namespace

envelope::key_id id_of(Datum uuid) {
  envelope::key_id id;
  std::memcpy(id.data(), DatumGetUUIDP(uuid)->data, id.size());
  return id;
}

void lock_for_use() { lock(RowExclusiveLock); }
void lock_for_change() { lock(ShareRowExclusiveLock); }

std::optional<named> first() { return select(first_of_installation, {}); }

std::optional<named> newest(std::string_view tenant) {
  return tenant.empty() ? select(newest_of_installation, {}) : select(newest_of_tenant, {pg::value(tenant)});
}

std::optional<std::int32_t> root_of(const envelope::key_id& id) {
  static constexpr const char* columns[] = {"root_id"};
  static constinit row_finder finder(table::data_keys, columns);
  pg_uuid_t uuid;
  std::memcpy(uuid.data, id.data(), id.size());
  Datum root;
  bool null;
  const pg::fetched row =
      finder.find(index::data_keys_id, F_UUID_EQ, UUIDPGetDatum(&uuid), pg::as_of::latest, &root, &null);
  return row.tuple == nullptr ? std::nullopt : std::optional<std::int32_t>(DatumGetInt32(root));
}

opened open(const envelope::key_id& id) {
  enum { tenant, version, root, wrapped, count };
  static constexpr const char* columns[count] = {"tenant_id", "version", "root_id", "wrapped_key"};
  static constinit row_finder finder(table::data_keys, columns);
  pg_uuid_t uuid;
  std::memcpy(uuid.data, id.data(), id.size());
  Datum values[count];
  bool nulls[count];
  const pg::fetched row =
      finder.find(index::data_keys_id, F_UUID_EQ, UUIDPGetDatum(&uuid), pg::as_of::latest, values, nulls);
  if (row.tuple == nullptr) envelope::reject_unknown_key();
  const crypto::wrap_place place{id, nulls[tenant] ? std::string_view() : pg::text_of(values[tenant]),
                                 DatumGetInt32(values[version]), DatumGetInt32(values[root])};
  return {unwrapped(place, pg::text_of(values[wrapped])), row.xmin};
}

std::optional<envelope::key_id> make(std::string_view tenant, std::int32_t version, std::int32_t uses) {
  const std::int32_t root_id = root_keys::active();
  const secret_bytes root = root_keys::adopt(root_id, true);
  envelope::key_id id;
  crypto::random_bytes(id);
  id[6] = static_cast<std::uint8_t>((id[6] & 0x0F) | 0x40);  // RFC 4122, version 4
  id[8] = static_cast<std::uint8_t>((id[8] & 0x3F) | 0x80);
  secret_bytes plain(crypto::key_size);
  crypto::random_bytes(plain.span());
  const auto bytes = crypto::wrap(root.span(), {id, tenant, version, root_id}, plain.span());
  const std::string check = crypto::check_value(plain.span(), "data");
  const std::int64_t block = key_uses::block_of_new_key();
  pg_uuid_t uuid;
  std::memcpy(uuid.data, id.data(), id.size());
  const pg::parameter key = pg::datum_value(UUIDPGetDatum(&uuid), UUIDOID);
  const pg::parameter owner_id = tenant.empty() ? pg::null_value() : pg::value(tenant);
  // bytea and text have one layout.
  const pg::parameter wrapped =
      pg::datum_value(pg::make_text({reinterpret_cast<const char*>(bytes.data()), bytes.size()}), BYTEAOID);
  const bool counted = key_uses::in_rows();
  const as_owner owner;
  pg::spi sql;
  const std::uint64_t rows =
      counted ? sql.run(add_key, {key, owner_id, pg::value(version), pg::value(root_id), wrapped,
                                  pg::value(check), pg::value(block), pg::value(std::int64_t{uses})})
              : sql.run(add_key_uncounted, {key, owner_id, pg::value(version), pg::value(root_id), wrapped,
                                            pg::value(check), pg::value(block)});
  if (rows == 0) return std::nullopt;
  const char* text =
      pg::call([&] { return DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(&uuid))); });
  write_audit({.action = "created", .resource_type = "data_key", .resource_id = text, .tenant_id = tenant},
              {{"version", version}, {"root_key", root_id}});
  return id;
}

std::int64_t shred(std::string_view tenant) {
  const as_owner owner;
  pg::spi sql;
  return static_cast<std::int64_t>(sql.run_on_latest(delete_of_tenant, {pg::value(tenant)}));
}

}  // namespace llm_admin::store::data_keys
