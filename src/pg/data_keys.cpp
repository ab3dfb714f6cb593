#include "pg/data_keys.hpp"

#include <cstring>
#include <vector>

#include "core/crypto/primitives.hpp"
#include "core/crypto/wrap.hpp"
#include "core/error.hpp"
#include "pg/args.hpp"
#include "pg/fetch.hpp"
#include "pg/key_store.hpp"
#include "pg/own_update.hpp"
#include "pg/role.hpp"
#include "pg/spi.hpp"
#include "pg/stop_point.hpp"

namespace llm_admin::pg::data_keys {

namespace {

statement newest_of_installation{
    "SELECT k.key_id, k.version FROM llm_admin.data_keys k WHERE k.tenant_id IS NULL "
    "ORDER BY k.version DESC LIMIT 1",
    {}};
statement first_of_installation{
    "SELECT k.key_id, k.version FROM llm_admin.data_keys k WHERE k.tenant_id IS NULL AND k.version "
    "OPERATOR(pg_catalog.=) 1",
    {}};
statement newest_of_tenant{
    "SELECT k.key_id, k.version FROM llm_admin.data_keys k WHERE k.tenant_id OPERATOR(pg_catalog.=) $1 "
    "ORDER BY k.version DESC LIMIT 1",
    {TEXTOID}};
statement active_root{"SELECT r.root_id, r.check_value FROM llm_admin.root_keys r WHERE r.is_active", {}};
statement root_check{
    "SELECT r.check_value FROM llm_admin.root_keys r WHERE r.root_id OPERATOR(pg_catalog.=) $1", {INT4OID}};
statement add_root{"INSERT INTO llm_admin.root_keys (root_id, check_value, is_active) VALUES ($1, $2, $3)",
                   {INT4OID, TEXTOID, BOOLOID}};
statement retire_roots{"UPDATE llm_admin.root_keys AS r SET is_active = false WHERE r.is_active", {}};
statement make_active{
    "UPDATE llm_admin.root_keys AS r SET is_active = true WHERE r.root_id OPERATOR(pg_catalog.=) $1",
    {INT4OID}};
statement add_key{
    "INSERT INTO llm_admin.data_keys "
    "(key_id, tenant_id, version, root_id, wrapped_key, check_value, first_use_block) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
    {UUIDOID, TEXTOID, INT4OID, INT4OID, BYTEAOID, TEXTOID, INT8OID}};
statement next_block{"SELECT pg_catalog.nextval('llm_admin.key_use_blocks'::pg_catalog.regclass)", {}};
statement under_other_roots{
    "SELECT k.key_id, k.tenant_id, k.version, k.root_id, k.wrapped_key FROM llm_admin.data_keys k "
    "WHERE k.root_id OPERATOR(pg_catalog.<>) $1 ORDER BY k.key_id",
    {INT4OID}};
statement store_wrap{
    "UPDATE llm_admin.data_keys AS k SET root_id = $2, wrapped_key = $3 "
    "WHERE k.key_id OPERATOR(pg_catalog.=) $1",
    {UUIDOID, INT4OID, BYTEAOID}};
statement delete_of_tenant{"DELETE FROM llm_admin.data_keys AS k WHERE k.tenant_id OPERATOR(pg_catalog.=) $1",
                           {TEXTOID}};

void lock(LOCKMODE mode) {
  const Oid table = catalog::oid_of(catalog::table::data_keys);
  call([=] { LockRelationOid(table, mode); });
}

std::optional<named> select(statement& s, std::initializer_list<parameter> parameters) {
  const as_owner owner;
  spi sql;
  sql.run_on_latest(s, parameters);
  if (const auto row = sql.first()) return named{id_of(row->raw(1)), row->integer(2)};
  return std::nullopt;
}

parameter tenant_value(std::string_view tenant) { return tenant.empty() ? null_value() : value(tenant); }

// bytea and text have one layout.
parameter bytes_value(const std::vector<std::uint8_t>& bytes) {
  return datum_value(make_text({reinterpret_cast<const char*>(bytes.data()), bytes.size()}));
}

// The check value that the database knows a root key by; nothing for one it has not used.
std::optional<std::string> known_check(std::int32_t root_id) {
  const as_owner owner;
  spi sql;
  sql.run_on_latest(root_check, {value(root_id)});
  const auto row = sql.first();
  return row ? std::optional<std::string>(row->text(1)) : std::nullopt;
}

// LA030 unless the keyring, read anew where needed, has the root key that the database knows by this id.
void check_root(std::int32_t root_id) {
  const std::optional<std::string> check = known_check(root_id);
  if (!check)
    throw llm_admin::error(sqlstate::keyring,
                           "root key " + std::to_string(root_id) + " is not in llm_admin.root_keys",
                           "a data key names it", "restore the table llm_admin.root_keys");
  (void)require_root(root_id, *check);
}

// The data key in a row. The root key is checked only when it does not open it, which may bring the right
// one.
secret_bytes unwrapped(const crypto::wrap_place& place, std::string_view wrapped) {
  for (const bool checked : {false, true}) {
    crypto::wrapping_key* by = keyring_source::wrapping(place.root_id);
    if (by != nullptr)
      if (auto plain = by->unwrap(place, as_bytes(wrapped))) return std::move(*plain);
    if (!checked) check_root(place.root_id);
  }
  envelope::reject();
}

// The database's root key `root_id` as the keyring has it; the row is made when it is not there.
const secret_bytes& adopt_root(std::int32_t root_id, bool active) {
  if (const auto check = known_check(root_id)) return require_root(root_id, *check);
  const secret_bytes& root = require_root(root_id, {});
  const as_owner owner;
  spi sql;
  sql.run(add_root, {value(root_id), value(crypto::check_value(root.span(), "root")), value(active)});
  return root;
}

std::int32_t active_root_id() {
  {
    const as_owner owner;
    spi sql;
    sql.run_on_latest(active_root, {});
    if (const auto row = sql.first()) return row->integer(1);
  }
  const std::int32_t first = keyring_source::current().first_active();
  (void)adopt_root(first, true);
  return first;
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
  return tenant.empty() ? select(newest_of_installation, {}) : select(newest_of_tenant, {value(tenant)});
}

std::optional<std::int32_t> root_of(const envelope::key_id& id) {
  static constexpr const char* column = "root_id";
  AttrNumber attribute;
  find_columns(catalog::table::data_keys, &column, 1, &attribute);
  pg_uuid_t uuid;
  std::memcpy(uuid.data, id.data(), id.size());
  Datum root;
  bool null;
  const fetched row = fetch(catalog::table::data_keys, catalog::index::data_keys_id, F_UUID_EQ,
                            UUIDPGetDatum(&uuid), as_of::latest, &attribute, 1, &root, &null);
  return row.tuple == nullptr ? std::nullopt : std::optional<std::int32_t>(DatumGetInt32(root));
}

opened open(const envelope::key_id& id) {
  enum { tenant, version, root, wrapped, block, count };
  static constexpr const char* columns[count] = {"tenant_id", "version", "root_id", "wrapped_key",
                                                 "first_use_block"};
  AttrNumber attributes[count];
  find_columns(catalog::table::data_keys, columns, count, attributes);
  pg_uuid_t uuid;
  std::memcpy(uuid.data, id.data(), id.size());
  Datum values[count];
  bool nulls[count];
  const fetched row = fetch(catalog::table::data_keys, catalog::index::data_keys_id, F_UUID_EQ,
                            UUIDPGetDatum(&uuid), as_of::latest, attributes, count, values, nulls);
  if (row.tuple == nullptr) envelope::reject_unknown_key();
  const std::int32_t root_id = DatumGetInt32(values[root]);
  const crypto::wrap_place place{id, nulls[tenant] ? std::string_view() : text_of(values[tenant]),
                                 DatumGetInt32(values[version]), root_id};
  return {unwrapped(place, text_of(values[wrapped])), DatumGetInt64(values[block])};
}

std::int64_t take_block() {
  const as_owner owner;
  spi sql;
  sql.run(next_block, {});
  const std::int64_t block = sql.first()->bigint(1);
  call([] { XLogFlush(XactLastRecEnd); });
  return block;
}

std::optional<named> make(std::string_view tenant, std::int32_t version, std::int64_t block) {
  const std::int32_t root_id = active_root_id();
  const secret_bytes& root = adopt_root(root_id, true);
  envelope::key_id id;
  crypto::random_bytes(id);
  id[6] = static_cast<std::uint8_t>((id[6] & 0x0F) | 0x40);  // RFC 4122, version 4
  id[8] = static_cast<std::uint8_t>((id[8] & 0x3F) | 0x80);
  secret_bytes plain(crypto::key_size);
  crypto::random_bytes(plain.span());
  const auto wrapped = crypto::wrap(root.span(), {id, tenant, version, root_id}, plain.span());
  const std::string check = crypto::check_value(plain.span(), "data");
  pg_uuid_t uuid;
  std::memcpy(uuid.data, id.data(), id.size());
  const as_owner owner;
  spi sql;
  const std::uint64_t rows =
      sql.run(add_key, {datum_value(UUIDPGetDatum(&uuid)), tenant_value(tenant), value(version),
                        value(root_id), bytes_value(wrapped), value(check), value(block)});
  if (rows == 0) return std::nullopt;
  return named{id, version};
}

bool activate_root(std::int32_t root_id) {
  (void)adopt_root(root_id, false);
  const as_owner owner;
  spi sql;
  sql.run_on_latest(active_root, {});
  const auto row = sql.first();
  if (row && row->integer(1) == root_id) return false;
  sql.run_on_latest(retire_roots, {});
  sql.run_on_latest(make_active, {value(root_id)});
  return true;
}

std::int64_t rewrap(std::int32_t root_id) {
  const as_owner owner;
  spi sql;
  sql.run_on_latest(under_other_roots, {value(root_id)});
  const std::uint64_t count = sql.rows();
  const own_update note(own_change::rewrapping);
  crypto::wrapping_key now(adopt_root(root_id, false).span());
  for (std::uint64_t n = 0; n < count; ++n) {
    if (n == count / 2) stop_point("rotate_root_key.half");
    call([] { CHECK_FOR_INTERRUPTS(); });
    const row of = sql.at(n);
    const envelope::key_id id = id_of(of.raw(1));
    const std::string tenant = of.maybe_text(2).value_or(std::string());
    const std::int32_t old_root = of.integer(4);
    const secret_bytes plain = unwrapped({id, tenant, of.integer(3), old_root}, text_of(of.raw(5)));
    const auto wrapped = now.wrap({id, tenant, of.integer(3), root_id}, plain.span());
    spi inner;  // the outer result is still being read
    // An older snapshot would pass over a row that it does not see, and say nothing.
    inner.run_on_latest(store_wrap, {datum_value(of.raw(1)), value(root_id), bytes_value(wrapped)});
  }
  return static_cast<std::int64_t>(count);
}

std::int64_t shred(std::string_view tenant) {
  const as_owner owner;
  spi sql;
  return static_cast<std::int64_t>(sql.run_on_latest(delete_of_tenant, {value(tenant)}));
}

}  // namespace llm_admin::pg::data_keys
