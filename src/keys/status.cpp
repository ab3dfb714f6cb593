// key_status: keyring, root keys, data keys and stored keys. Reports a broken keyring and never raises for
// one.
#include "keys/status.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "core/crypto/wrap.hpp"
#include "core/error.hpp"
#include "pg/args.hpp"
#include "pg/entry.hpp"
#include "pg/key_store.hpp"
#include "pg/role.hpp"
#include "pg/settings.hpp"
#include "pg/spi.hpp"
#include "pg/tenant.hpp"

namespace llm_admin::keys {

void status_rows::add(std::string_view item, std::string_view value, const char* verdict,
                      std::string_view hint) {
  pg::row_builder row;
  row.add_text(item).add_text(value).add_text(verdict);
  if (hint.empty())
    row.add_null();
  else
    row.add_text(hint);
  rows_.add(row);
}

namespace {

pg::statement select_roots{
    "SELECT r.root_id, r.check_value, r.is_active, "
    "(SELECT pg_catalog.count(*) FROM llm_admin.data_keys k WHERE k.root_id OPERATOR(pg_catalog.=) "
    "r.root_id AND ($1 IS NULL OR k.tenant_id IS NULL OR k.tenant_id OPERATOR(pg_catalog.=) $1)) "
    "FROM llm_admin.root_keys r ORDER BY r.root_id",
    {TEXTOID}};
pg::statement select_uses{
    "SELECT pg_catalog.pg_sequence_last_value('llm_admin.key_use_blocks'::pg_catalog.regclass), "
    "(SELECT k.first_use_block FROM llm_admin.data_keys k WHERE k.tenant_id IS NULL ORDER BY k.version DESC "
    "LIMIT 1)",
    {}};
pg::statement select_tenant_uses{
    "SELECT pg_catalog.pg_sequence_last_value('llm_admin.key_use_blocks'::pg_catalog.regclass), "
    "pg_catalog.min(n.first_use_block), pg_catalog.count(*) FROM (SELECT DISTINCT ON (k.tenant_id) "
    "k.first_use_block FROM llm_admin.data_keys k WHERE k.tenant_id IS NOT NULL "
    "AND ($1 IS NULL OR k.tenant_id OPERATOR(pg_catalog.=) $1) ORDER BY k.tenant_id, k.version DESC) n",
    {TEXTOID}};
constexpr const char* how_to_see_more = "a superuser sees more: SELECT * FROM llm_admin.key_status()";

std::string list(const std::vector<std::int32_t>& ids) {
  std::string text;
  for (const std::int32_t id : ids) text += (text.empty() ? "" : ", ") + std::to_string(id);
  return text;
}

// The kind of source for everybody, its place for superusers: the settings themselves are theirs alone.
void add_source(status_rows& rows) {
  const bool file = !pg::settings::keyring_file().empty();
  const bool command = !pg::settings::keyring_command().empty();
  if (!file && !command) {
    rows.add("keyring", "not configured", verdict::error,
             "make one with scripts/new-keyring, then: LOAD 'llm_admin'; ALTER SYSTEM SET "
             "llm_admin.keyring_file = "
             "'/path/to/keyring'; SELECT pg_reload_conf();");
    return;
  }
  const std::string source = pg::caller_is_superuser() ? pg::keyring_source::describe()
                             : file                    ? "file configured"
                                                       : "command configured";
  if (file && command)
    rows.add("keyring", source, verdict::info,
             "keyring_command is not used while keyring_file is set: ALTER SYSTEM RESET "
             "llm_admin.keyring_command");
  else
    rows.add("keyring", source, verdict::ok);
}

// What a new session would read now, whatever this one still holds; adds the row that says how that went.
std::optional<crypto::keyring> add_content(status_rows& rows) {
  if (pg::settings::keyring_file().empty() && pg::settings::keyring_command().empty()) return std::nullopt;
  try {
    crypto::keyring ring = pg::keyring_source::read();
    const auto marked = ring.marked_active();
    std::string value = "root keys " + list(ring.ids());
    if (marked) value += "; marked active: " + std::to_string(*marked);
    rows.add("keyring content", value, verdict::ok);
    return ring;
  } catch (const error& e) {
    if (e.is_fault()) throw;
    // DETAIL and HINT may hold the path.
    if (pg::caller_is_superuser())
      rows.add("keyring content", e.message() + (e.detail().empty() ? "" : ": " + e.detail()), verdict::error,
               e.hint());
    else
      rows.add("keyring content", e.message(), verdict::error, how_to_see_more);
  }
  return std::nullopt;
}

void add_root(status_rows& rows, const pg::row& row, const crypto::keyring* ring) {
  const std::int32_t id = row.integer(1);
  const std::string item = "root key " + std::to_string(id);
  const std::int64_t data_keys = row.bigint(4);
  const std::string state = std::string(row.boolean(3) ? "active" : "not active") + ", " +
                            std::to_string(data_keys) + (data_keys == 1 ? " data key" : " data keys");
  const bool needed = row.boolean(3) || data_keys > 0;
  if (ring == nullptr) {
    rows.add(item, state + ", not checked: the keyring cannot be read",
             needed ? verdict::error : verdict::warning, "mend the keyring first");
    return;
  }
  const secret_bytes* key = ring->find(id);
  if (key == nullptr)
    rows.add(item, state + ", missing in the keyring", needed ? verdict::error : verdict::info,
             needed ? "put root key " + std::to_string(id) + " back into the keyring" : std::string());
  else if (crypto::check_value(key->span(), "root") != row.text(2))
    rows.add(item, state + ", the keyring holds another key under this id",
             needed ? verdict::error : verdict::warning,
             "put the keyring of this database in place; a restored database needs the one it was made with");
  else
    rows.add(item, state + ", matches the keyring", verdict::ok);
}

void add_roots(status_rows& rows, const crypto::keyring* ring) {
  std::vector<std::int32_t> unknown = ring != nullptr ? ring->ids() : std::vector<std::int32_t>();
  bool any = false;
  {
    const pg::as_owner owner;
    pg::spi sql;
    sql.run(select_roots, {pg::value(pg::entered_tenant())}, true);
    any = sql.rows() > 0;
    for (std::uint64_t i = 0; i < sql.rows(); ++i) {
      const pg::row row = sql.at(i);
      add_root(rows, row, ring);
      std::erase(unknown, row.integer(1));
    }
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

// Every block handed out since a data key was made counts as its uses: an upper bound.
void add_uses(status_rows& rows, pg::statement& select, std::initializer_list<pg::parameter> parameters,
              const char* item, const char* rotate) {
  const pg::as_owner owner;
  pg::spi sql;
  sql.run(select, parameters, true);
  const auto row = sql.first();
  if (!row || row->is_null(1) || row->is_null(2)) return;
  const std::int64_t uses = (row->bigint(1) - row->bigint(2) + 1) * pg::key_store::uses_per_block;
  rows.add(item, "at most " + std::to_string(uses) + " of " + std::to_string(pg::key_store::most_uses),
           uses >= pg::key_store::most_uses       ? verdict::error
           : uses >= pg::key_store::most_uses / 2 ? verdict::warning
                                                  : verdict::ok,
           uses >= pg::key_store::most_uses / 2 ? rotate : "");
}

}  // namespace

}  // namespace llm_admin::keys

using namespace llm_admin;

LLM_ADMIN_FUNCTION(llm_admin_key_status)(FunctionCallInfo fcinfo) {
  keys::status_rows rows(fcinfo);
  keys::add_source(rows);
  const std::optional<crypto::keyring> ring = keys::add_content(rows);
  keys::add_roots(rows, ring ? &*ring : nullptr);
  keys::add_uses(rows, keys::select_uses, {}, "uses of the current data key",
                 "SELECT llm_admin.rotate_data_key()");
  keys::add_uses(rows, keys::select_tenant_uses, {pg::value(pg::entered_tenant())},
                 "uses of the oldest tenant data key", "SELECT llm_admin.rotate_data_key('<tenant>')");
  keys::add_data_keys_of_stored(rows);
  keys::add_stored_keys(rows);
  keys::add_roles(rows);
  keys::add_logging(rows);
  keys::add_load(rows);
  keys::add_levels(rows);
  return Datum{0};
}
