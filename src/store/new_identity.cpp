#include "store/new_identity.hpp"

#include <cstring>

#include "core/crypto/primitives.hpp"
#include "core/crypto/wrap.hpp"
#include "core/error.hpp"
#include "pg/spi.hpp"
#include "store/key_uses.hpp"
#include "store/owner.hpp"
#include "store/root_keys.hpp"

namespace llm_admin::store {

namespace {

pg::statement next_version{
    "SELECT pg_catalog.max(k.version) OPERATOR(pg_catalog.+) 1 FROM llm_admin.data_keys k", {}};
pg::statement add_key{
    "INSERT INTO llm_admin.data_keys "
    "(key_id, tenant_id, version, root_id, wrapped_key, check_value, first_use_block, uses) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    {UUIDOID, TEXTOID, INT4OID, INT4OID, BYTEAOID, TEXTOID, INT8OID, INT8OID}};
pg::statement delete_older{"DELETE FROM llm_admin.data_keys AS k WHERE k.version OPERATOR(pg_catalog.<>) $1",
                           {INT4OID}};
pg::statement make_first{
    "UPDATE llm_admin.data_keys AS k SET version = 1 WHERE k.version OPERATOR(pg_catalog.=) $1", {INT4OID}};

constexpr std::int32_t first_version = 1;

std::int32_t version_above_all() {
  const as_owner owner;
  pg::spi sql;
  sql.run_on_latest(next_version, {});
  const auto row = sql.first();
  if (!row || row->is_null(1)) throw llm_admin::error(sqlstate::internal_error, "there are no data keys");
  return row->integer(1);
}

}  // namespace

new_identity::new_identity(std::int64_t platform_keys)
    : root_id_(root_keys::active()),
      root_(root_keys::adopt(root_id_, true)),
      version_(version_above_all()),
      sealing_(crypto::sealing_key(make({}, platform_keys, installation_).span()).span()) {}

secret_bytes new_identity::make(std::string_view tenant, std::int64_t uses, envelope::key_id& id) {
  crypto::random_bytes(id);
  id[6] = static_cast<std::uint8_t>((id[6] & 0x0F) | 0x40);  // RFC 4122, version 4
  id[8] = static_cast<std::uint8_t>((id[8] & 0x3F) | 0x80);
  secret_bytes plain(crypto::key_size);
  crypto::random_bytes(plain.span());
  const auto wrapped = crypto::wrap(root_.span(), {id, tenant, first_version, root_id_}, plain.span());
  const std::string check = crypto::check_value(plain.span(), "data");
  const std::int64_t block = key_uses::block_of_new_key();
  pg_uuid_t uuid;
  std::memcpy(uuid.data, id.data(), id.size());
  const as_owner owner;
  pg::spi sql;
  sql.run(add_key,
          {pg::datum_value(UUIDPGetDatum(&uuid), UUIDOID),
           tenant.empty() ? pg::null_value() : pg::value(tenant), pg::value(version_), pg::value(root_id_),
           // bytea and text have one layout
           pg::datum_value(pg::make_text({reinterpret_cast<const char*>(wrapped.data()), wrapped.size()}),
                           BYTEAOID),
           pg::value(check), pg::value(block), pg::value(uses)});
  ++made_;
  return plain;
}

std::string new_identity::seal(const key_place& place, byte_view plaintext) {
  if (place.holder != key_holder::tenant)
    return seal_for(place, plaintext, installation_, installation_, sealing_);
  envelope::key_id id;
  crypto::aead_key key(crypto::sealing_key(make(place.tenant(), 1, id).span()).span());
  return seal_for(place, plaintext, installation_, id, key);
}

std::int64_t new_identity::take_over() {
  const as_owner owner;
  pg::spi sql;
  const auto gone = static_cast<std::int64_t>(sql.run_on_latest(delete_older, {pg::value(version_)}));
  sql.run_on_latest(make_first, {pg::value(version_)});
  return gone;
}

}  // namespace llm_admin::store
