#include "pg/key_store.hpp"

#include <cstring>
#include <memory>
#include <unordered_map>

#include "core/crypto/primitives.hpp"
#include "core/crypto/wrap.hpp"
#include "core/error.hpp"
#include "pg/args.hpp"
#include "pg/fetch.hpp"
#include "pg/role.hpp"
#include "pg/spi.hpp"

namespace llm_admin::pg {

namespace {

constexpr std::int64_t most_blocks = key_store::most_uses / key_store::uses_per_block;

struct id_hash {
  std::size_t operator()(const envelope::key_id& id) const noexcept {
    std::size_t bits = 0;
    std::memcpy(&bits, id.data(), sizeof bits);
    return bits;  // a random uuid is hash enough
  }
};

struct key_cache {
  std::unordered_map<envelope::key_id, data_key, id_hash> keys;
  bool has_installation = false;
  bool has_current = false;
  envelope::key_id installation{};
  envelope::key_id current{};
  std::uint64_t generation = ~std::uint64_t{0};
  std::uint64_t aborts = 0;
  bool made_here = false;  // this backend has made a key: any rollback may take it
};

std::int64_t current_block = 0;
std::int64_t uses_left = 0;

// For the life of the backend; a pointer, so that no destructor runs at exit. Emptied before the process
// ends.
key_cache* instance = nullptr;

extern "C" void forget_data_keys(int, Datum) noexcept {
  if (instance != nullptr) instance->keys.clear();
}

key_cache& cache() {
  if (instance == nullptr) {
    instance = std::make_unique<key_cache>().release();
    call([] { on_proc_exit(forget_data_keys, 0); });
  }
  const bool rolled_back = instance->made_here && instance->aborts != catalog::abort_count();
  if (rolled_back || instance->generation != catalog::generation(catalog::table::data_keys)) {
    instance->keys.clear();
    instance->has_installation = instance->has_current = false;
    instance->aborts = catalog::abort_count();
    // Changes are told by the table's oid, so it has to be known from now on.
    (void)catalog::oid_of(catalog::table::data_keys);
    instance->generation = catalog::generation(catalog::table::data_keys);
  }
  return *instance;
}

statement first_key{
    "SELECT k.key_id FROM llm_admin.data_keys k WHERE k.tenant_id IS NULL AND k.version "
    "OPERATOR(pg_catalog.=) 1",
    {}};
statement current_key{
    "SELECT k.key_id FROM llm_admin.data_keys k WHERE k.tenant_id IS NULL ORDER BY k.version DESC LIMIT 1",
    {}};
statement lock_keys{"LOCK TABLE llm_admin.data_keys IN SHARE ROW EXCLUSIVE MODE", {}};
statement active_root{"SELECT r.root_id, r.check_value FROM llm_admin.root_keys r WHERE r.is_active", {}};
statement root_check{
    "SELECT r.check_value FROM llm_admin.root_keys r WHERE r.root_id OPERATOR(pg_catalog.=) $1", {INT4OID}};
statement add_root{"INSERT INTO llm_admin.root_keys (root_id, check_value, is_active) VALUES ($1, $2, true)",
                   {INT4OID, TEXTOID}};
statement add_key{
    "INSERT INTO llm_admin.data_keys (key_id, version, root_id, wrapped_key, check_value, first_use_block) "
    "VALUES ($1, 1, $2, $3, $4, $5)",
    {UUIDOID, INT4OID, BYTEAOID, TEXTOID, INT8OID}};
statement next_block{"SELECT pg_catalog.nextval('llm_admin.key_use_blocks'::pg_catalog.regclass)", {}};

envelope::key_id id_of(Datum uuid) {
  envelope::key_id id;
  std::memcpy(id.data(), DatumGetUUIDP(uuid)->data, id.size());
  return id;
}

// The uuid that `s` selects, seen by the newest snapshot: key rows never change.
bool select_id(statement& s, envelope::key_id& id) {
  const as_owner owner;
  spi sql;
  sql.run_on_latest(s, {});
  if (const auto row = sql.first()) {
    id = id_of(row->raw(1));
    return true;
  }
  return false;
}

std::int64_t take_block() {
  const as_owner owner;
  spi sql;
  sql.run(next_block, {});
  const std::int64_t block = sql.first()->bigint(1);
  // An envelope may leave this transaction before its commit: no crash may hand the block out again.
  call([] { XLogFlush(XactLastRecEnd); });
  return block;
}

data_key make_data_key(const envelope::key_id& id, std::int64_t first_use_block, byte_view plain) {
  return {id, first_use_block, crypto::aead_key(crypto::sealing_key(plain).span()),
          crypto::fingerprint_key(plain)};
}

// What to read of a data_keys row, in this order.
enum { column_tenant, column_version, column_root, column_wrapped, column_block, column_count };
constexpr const char* key_columns[column_count] = {"tenant_id", "version", "root_id", "wrapped_key",
                                                   "first_use_block"};

data_key load(const envelope::key_id& id) {
  AttrNumber attributes[column_count];
  find_columns(catalog::table::data_keys, key_columns, column_count, attributes);
  pg_uuid_t uuid;
  std::memcpy(uuid.data, id.data(), id.size());
  Datum values[column_count];
  bool nulls[column_count];
  const fetched row = fetch(catalog::table::data_keys, catalog::index::data_keys_id, F_UUID_EQ,
                            UUIDPGetDatum(&uuid), as_of::latest, attributes, column_count, values, nulls);
  if (row.tuple == nullptr) envelope::reject();
  const std::int32_t root_id = DatumGetInt32(values[column_root]);
  std::string check;
  {
    const as_owner owner;
    spi sql;
    sql.run_on_latest(root_check, {value(root_id)});
    const auto found = sql.first();
    if (!found)
      throw llm_admin::error(sqlstate::keyring,
                             "root key " + std::to_string(root_id) + " is not in llm_admin.root_keys",
                             "a data key names it", "restore the table llm_admin.root_keys");
    check = found->text(1);
  }
  const secret_bytes& root = require_root(root_id, check);
  const std::string_view tenant = nulls[column_tenant] ? std::string_view() : text_of(values[column_tenant]);
  const crypto::wrap_place place{id, tenant, DatumGetInt32(values[column_version]), root_id};
  const std::string_view wrapped = text_of(values[column_wrapped]);
  const std::optional<secret_bytes> plain = crypto::unwrap(root.span(), place, as_bytes(wrapped));
  if (!plain) envelope::reject();
  return make_data_key(id, DatumGetInt64(values[column_block]), plain->span());
}

// Makes the installation's first data key, and the first root key's row with it.
void make_first(key_cache& c) {
  require_primary("making the first data key");
  const as_owner owner;
  spi sql;
  sql.run(lock_keys, {});
  sql.run_on_latest(first_key, {});
  if (sql.rows() > 0) return;  // another session was faster
  std::int32_t root_id = 0;
  sql.run_on_latest(active_root, {});
  if (const auto row = sql.first()) {
    root_id = row->integer(1);
    require_root(root_id, row->text(2));
  } else {
    const crypto::keyring& ring = keyring_source::current();
    root_id = ring.first_active();
    sql.run(add_root, {value(root_id), value(crypto::check_value(ring.find(root_id)->span(), "root"))});
  }
  envelope::key_id id;
  crypto::random_bytes(id);
  id[6] = static_cast<std::uint8_t>((id[6] & 0x0F) | 0x40);  // RFC 4122, version 4
  id[8] = static_cast<std::uint8_t>((id[8] & 0x3F) | 0x80);
  secret_bytes plain(crypto::key_size);
  crypto::random_bytes(plain.span());
  const secret_bytes* root = keyring_source::find(root_id);
  const std::vector<std::uint8_t> wrapped = crypto::wrap(root->span(), {id, {}, 1, root_id}, plain.span());
  pg_uuid_t uuid;
  std::memcpy(uuid.data, id.data(), id.size());
  const Datum bytes =
      make_text({reinterpret_cast<const char*>(wrapped.data()), wrapped.size()});  // same layout as bytea
  const std::int64_t block = take_block();
  sql.run(add_key, {datum_value(UUIDPGetDatum(&uuid)), value(root_id), datum_value(bytes),
                    value(crypto::check_value(plain.span(), "data")), value(block)});
  c.made_here = true;
  c.aborts = catalog::abort_count();
}

}  // namespace

const secret_bytes& require_root(std::int32_t root_id, std::string_view expected_check) {
  const secret_bytes* root = keyring_source::find(root_id);
  const std::string id = std::to_string(root_id);
  if (root == nullptr) {
    std::string held;
    for (const std::int32_t other : keyring_source::current().ids())
      held += (held.empty() ? "" : ", ") + std::to_string(other);
    throw llm_admin::error(
        sqlstate::keyring, "the keyring does not hold root key " + id,
        "expected root key " + id + " with check value " + std::string(expected_check) + ", found " +
            (held.empty() ? "none" : held) + " in the keyring (" + keyring_source::describe() + ")",
        "put root key " + id + " back into the keyring; SELECT * FROM llm_admin.key_status() tells more");
  }
  std::string found = crypto::check_value(root->span(), "root");
  if (found != expected_check && keyring_source::reread())  // it may have been put right since it was read
    if (const secret_bytes* now = keyring_source::find(root_id)) {
      root = now;
      found = crypto::check_value(root->span(), "root");
    }
  if (found != expected_check)
    throw llm_admin::error(sqlstate::keyring,
                           "root key " + id + " of the keyring is not the one this database uses",
                           "expected check value " + std::string(expected_check) + ", found " + found + " (" +
                               keyring_source::describe() + ")",
                           "put the right keyring in place; SELECT * FROM llm_admin.key_status() tells more");
  return *root;
}

namespace key_store {

const envelope::key_id& installation() {
  key_cache& c = cache();
  if (!c.has_installation) {
    if (!select_id(first_key, c.installation)) {
      make_first(c);
      if (!select_id(first_key, c.installation)) envelope::reject();
    }
    // Creating it invalidated what we hold, so the flags are set on what cache() says now.
    const envelope::key_id id = c.installation;
    key_cache& now = cache();
    now.installation = id;
    now.has_installation = true;
  }
  return cache().installation;
}

bool exists() {
  if (cache().has_installation) return true;
  envelope::key_id id;
  return select_id(first_key, id);
}

data_key& find(const envelope::key_id& id) {
  key_cache& c = cache();
  if (const auto hit = c.keys.find(id); hit != c.keys.end()) return hit->second;
  data_key key = load(id);
  return cache().keys.insert_or_assign(id, std::move(key)).first->second;
}

data_key& for_sealing() {
  require_primary("encrypting a key");
  installation();
  if (!cache().has_current) {
    envelope::key_id id;
    if (!select_id(current_key, id)) envelope::reject();
    cache().current = id;
    cache().has_current = true;
  }
  if (uses_left == 0) {
    current_block = take_block();
    uses_left = uses_per_block;
  }
  --uses_left;
  data_key& key = find(cache().current);
  if (current_block - key.first_use_block >= most_blocks)
    throw llm_admin::error(sqlstate::program_limit, "the data key has sealed as many secrets as one key may",
                           "at most 2^30 uses a key",
                           "ALTER EXTENSION llm_admin UPDATE, then rotate the data key");
  return key;
}

}  // namespace key_store

}  // namespace llm_admin::pg
