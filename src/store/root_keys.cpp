#include "store/root_keys.hpp"

#include <cstring>

#include "core/crypto/wrap.hpp"
#include "core/error.hpp"
#include "pg/args.hpp"
#include "pg/spi.hpp"
#include "store/audit.hpp"
#include "store/keyring.hpp"
#include "store/owner.hpp"

namespace llm_admin::store::root_keys {

namespace {

pg::statement active_root{"SELECT r.root_id FROM llm_admin.root_keys r WHERE r.is_active", {}};
pg::statement root_check{
    "SELECT r.check_value FROM llm_admin.root_keys r WHERE r.root_id OPERATOR(pg_catalog.=) $1", {INT4OID}};
pg::statement add_root{
    "INSERT INTO llm_admin.root_keys (root_id, check_value, is_active) VALUES ($1, $2, $3)",
    {INT4OID, TEXTOID, BOOLOID}};
pg::statement retire_roots{"UPDATE llm_admin.root_keys AS r SET is_active = false WHERE r.is_active", {}};
pg::statement make_active{
    "UPDATE llm_admin.root_keys AS r SET is_active = true WHERE r.root_id OPERATOR(pg_catalog.=) $1",
    {INT4OID}};
pg::statement mend_check{
    "UPDATE llm_admin.root_keys AS r SET check_value = $2 WHERE r.root_id OPERATOR(pg_catalog.=) $1 "
    "AND r.check_value OPERATOR(pg_catalog.<>) $2",
    {INT4OID, TEXTOID}};
// One that opens is proof; so many that do not are not all damaged by chance.
pg::statement some_data_keys{
    "SELECT k.key_id, k.tenant_id, k.version, k.wrapped_key FROM llm_admin.data_keys k "
    "WHERE k.root_id OPERATOR(pg_catalog.=) $1 LIMIT 20",
    {INT4OID}};
pg::statement newest_in_use{
    "SELECT k.root_id FROM llm_admin.data_keys k ORDER BY k.created_at DESC, k.key_id LIMIT 1", {}};

// The check value that the database knows a root key by; nothing for one it has not used.
std::optional<std::string> known_check(std::int32_t root_id) {
  const as_owner owner;
  pg::spi sql;
  sql.read_latest(root_check, {pg::value(root_id)});
  const auto row = sql.first();
  return row ? std::optional<std::string>(row->text(1)) : std::nullopt;
}

std::optional<std::int32_t> number(pg::statement& s) {
  const as_owner owner;
  pg::spi sql;
  sql.read_latest(s, {});
  const auto row = sql.first();
  return row ? std::optional<std::int32_t>(row->integer(1)) : std::nullopt;
}

std::string check_of(const secret_bytes& root) { return crypto::check_value(root.span(), "root"); }

[[noreturn]] void refuse(std::int32_t root_id, const std::optional<std::string>& expected,
                         const secret_bytes& root, evidence found) {
  const std::string id = std::to_string(root_id);
  if (!expected)
    throw llm_admin::error(
        sqlstate::keyring, "root key " + id + " is not in llm_admin.root_keys",
        "a data key names it and does not open with root key " + id + " of the keyring",
        "restore the table llm_admin.root_keys, and put the keyring of this database in place");
  std::string detail =
      "expected check value " + *expected + ", found " + check_of(root) + " (" + keyring::describe() + ")";
  std::string hint = "put the right keyring in place; SELECT * FROM llm_admin.key_status() tells more";
  if (found == evidence::none) {
    detail += "; no data key is wrapped by it, which could tell whether the check value is damaged";
    hint += "; if the keyring is right, DELETE FROM llm_admin.root_keys WHERE root_id = " + id;
  }
  keyring::refuse(llm_admin::error(sqlstate::keyring,
                                   "root key " + id + " of the keyring is not the one this database uses",
                                   std::move(detail), std::move(hint)));
}

// The keyring's key where the check value is its own or a data key proves it; LA030 else.
secret_bytes right(std::int32_t root_id, const std::optional<std::string>& expected) {
  secret_bytes root = require_root(root_id, expected.value_or(std::string()));
  if (expected && check_of(root) == *expected) return root;
  if (keyring::reread()) {  // it may have been put right since it was read
    root = require_root(root_id, expected.value_or(std::string()));
    if (expected && check_of(root) == *expected) return root;
  }
  const evidence found = of_data_keys(root_id, root.span());
  if (found == evidence::opens) return root;
  refuse(root_id, expected, root, found);
}

}  // namespace

evidence of_data_keys(std::int32_t root_id, byte_view root) {
  crypto::wrapping_key by(root);
  const as_owner owner;
  pg::spi sql;
  sql.read_latest(some_data_keys, {pg::value(root_id)});
  for (std::uint64_t n = 0; n < sql.rows(); ++n) {
    const pg::row of = sql.at(n);
    envelope::key_id id;
    std::memcpy(id.data(), DatumGetUUIDP(of.raw(1, UUIDOID))->data, id.size());
    const std::string tenant = of.maybe_text(2).value_or(std::string());
    if (by.unwrap({id, tenant, of.integer(3), root_id}, as_bytes(pg::text_of(of.raw(4, BYTEAOID)))))
      return evidence::opens;
  }
  return sql.rows() == 0 ? evidence::none : evidence::opens_not;
}

bool matches(std::int32_t root_id, const secret_bytes& root) {
  const auto check = known_check(root_id);
  return check && *check == check_of(root);
}

secret_bytes require_right(std::int32_t root_id) { return right(root_id, known_check(root_id)); }

secret_bytes adopt(std::int32_t root_id, bool active) {
  if (const auto check = known_check(root_id)) return right(root_id, check);
  secret_bytes root = require_root(root_id);
  const evidence found = of_data_keys(root_id, root.span());
  if (found == evidence::opens_not) refuse(root_id, std::nullopt, root, found);
  const as_owner owner;
  pg::spi sql;
  sql.run(add_root, {pg::value(root_id), pg::value(check_of(root)), pg::value(active)});
  write_audit({.action = "created",
               .resource_type = "root_key",
               .resource_id = std::to_string(root_id),
               .tenant_id = ""});
  return root;
}

std::int32_t active() {
  if (const auto id = number(active_root)) return *id;
  const auto in_use = number(newest_in_use);
  const std::int32_t id = in_use ? *in_use : keyring::first_active();
  (void)adopt(id, true);
  const as_owner owner;
  pg::spi sql;
  sql.run_on_latest(make_active, {pg::value(id)});
  return id;
}

bool activate(std::int32_t root_id) {
  const secret_bytes root = adopt(root_id, false);
  const auto before = number(active_root);
  const as_owner owner;
  pg::spi sql;
  sql.run_on_latest(mend_check, {pg::value(root_id), pg::value(check_of(root))});
  if (before && *before == root_id) return false;
  sql.run_on_latest(retire_roots, {});
  sql.run_on_latest(make_active, {pg::value(root_id)});
  return true;
}

}  // namespace llm_admin::store::root_keys
