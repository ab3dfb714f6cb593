// The rows of key_status() about root keys. Counts keep to the installation and the entered tenant, where one
// is.
#include <string>
#include <vector>

#include "core/crypto/wrap.hpp"
#include "core/secret_bytes.hpp"
#include "keys/status.hpp"
#include "pg/spi.hpp"
#include "store/entered_tenant.hpp"
#include "store/owner.hpp"
#include "store/root_keys.hpp"

namespace llm_admin::keys {

namespace {

pg::statement select_roots{
    "SELECT r.root_id, r.check_value, r.is_active, "
    "(SELECT pg_catalog.count(*) FROM llm_admin.data_keys k WHERE k.root_id OPERATOR(pg_catalog.=) "
    "r.root_id AND ($1 IS NULL OR k.tenant_id IS NULL OR k.tenant_id OPERATOR(pg_catalog.=) $1)) "
    "FROM llm_admin.root_keys r ORDER BY r.root_id",
    {TEXTOID}};
pg::statement select_nameless{
    "SELECT k.root_id, pg_catalog.count(*) FROM llm_admin.data_keys k WHERE NOT EXISTS (SELECT FROM "
    "llm_admin.root_keys r WHERE r.root_id OPERATOR(pg_catalog.=) k.root_id) AND ($1 IS NULL OR k.tenant_id "
    "IS "
    "NULL OR k.tenant_id OPERATOR(pg_catalog.=) $1) GROUP BY k.root_id ORDER BY k.root_id LIMIT 100",
    {TEXTOID}};
pg::statement newest_in_use{
    "SELECT k.root_id FROM llm_admin.data_keys k ORDER BY k.created_at DESC, k.key_id LIMIT 1", {}};

std::string counted(std::int64_t data_keys) {
  return std::to_string(data_keys) + (data_keys == 1 ? " data key" : " data keys");
}

std::string rotate_to(std::int32_t id) {
  return "SELECT * FROM llm_admin.rotate_root_key(" + std::to_string(id) + ")";
}

constexpr const char* put_keyring =
    "put the keyring of this database in place; a restored database needs the one it was made with";

void add_root(status_rows& rows, const pg::row& row, const crypto::keyring* ring) {
  const std::int32_t id = row.integer(1);
  const std::string item = "root key " + std::to_string(id);
  const std::int64_t data_keys = row.bigint(4);
  const std::string state = std::string(row.boolean(3) ? "active" : "not active") + ", " + counted(data_keys);
  const bool needed = row.boolean(3) || data_keys > 0;
  if (ring == nullptr) {
    rows.add(item, state + ", not checked: the keyring cannot be read",
             needed ? verdict::error : verdict::warning, "mend the keyring first");
    return;
  }
  const secret_bytes* key = ring->find(id);
  if (key == nullptr) {
    rows.add(item, state + ", missing in the keyring", needed ? verdict::error : verdict::info,
             needed ? "put root key " + std::to_string(id) + " back into the keyring" : std::string());
    return;
  }
  if (crypto::check_value(key->span(), "root") == row.text(2)) {
    rows.add(item, state + ", matches the keyring", verdict::ok);
    return;
  }
  switch (store::root_keys::of_data_keys(id, key->span())) {
    case store::root_keys::evidence::opens:
      rows.add(item, state + ", its check value is damaged: data keys open with the key in the keyring",
               verdict::error, rotate_to(id));
      return;
    case store::root_keys::evidence::none:
      rows.add(item,
               state +
                   ", the keyring holds another key under this id, or the check value is damaged: no "
                   "data key tells which",
               needed ? verdict::error : verdict::warning, put_keyring);
      return;
    case store::root_keys::evidence::opens_not:
      rows.add(item, state + ", the keyring holds another key under this id",
               needed ? verdict::error : verdict::warning, put_keyring);
  }
}

// Data keys whose root key has no row: root_keys was not restored, or a row is lost.
void add_nameless(status_rows& rows, const crypto::keyring* ring) {
  const store::as_owner owner;
  pg::spi sql;
  sql.run(select_nameless, {pg::value(store::entered_tenant())}, true);
  for (std::uint64_t n = 0; n < sql.rows(); ++n) {
    const std::int32_t id = sql.at(n).integer(1);
    const secret_bytes* key = ring != nullptr ? ring->find(id) : nullptr;
    const bool opens = key != nullptr &&
                       store::root_keys::of_data_keys(id, key->span()) == store::root_keys::evidence::opens;
    rows.add("root key " + std::to_string(id),
             "not in llm_admin.root_keys, " + counted(sql.at(n).bigint(2)) +
                 (opens ? ", which open with the key in the keyring" : ""),
             opens ? verdict::warning : verdict::error,
             opens ? rotate_to(id) : std::string("restore the table llm_admin.root_keys; ") + put_keyring);
  }
}

}  // namespace

void add_roots(status_rows& rows, const crypto::keyring* ring) {
  std::vector<std::int32_t> unknown = ring != nullptr ? ring->ids() : std::vector<std::int32_t>();
  bool any = false;
  bool any_active = false;
  {
    const store::as_owner owner;
    pg::spi sql;
    sql.run(select_roots, {pg::value(store::entered_tenant())}, true);
    any = sql.rows() > 0;
    for (std::uint64_t i = 0; i < sql.rows(); ++i) {
      const pg::row row = sql.at(i);
      any_active = any_active || row.boolean(3);
      add_root(rows, row, ring);
      std::erase(unknown, row.integer(1));
    }
  }
  add_nameless(rows, ring);
  if (any && !any_active) {
    const store::as_owner owner;
    pg::spi sql;
    sql.run(newest_in_use, {}, true);
    const auto newest = sql.first();
    rows.add("active root key", "none", verdict::warning,
             newest            ? rotate_to(newest->integer(1))
             : ring != nullptr ? rotate_to(ring->first_active())
                               : std::string(put_keyring));
  }
  if (!any)
    rows.add("root keys in use",
             ring != nullptr
                 ? "none yet; the first encryption takes root key " + std::to_string(ring->first_active())
                 : std::string("none yet"),
             verdict::info);
  else if (!unknown.empty())
    rows.add("root keys not in use", list(unknown), verdict::info);
}

}  // namespace llm_admin::keys
