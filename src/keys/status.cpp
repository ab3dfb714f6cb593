// key_status: keyring, root keys, data keys and stored keys. Reports a broken keyring and never raises for
// one.
#include "keys/status.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "core/crypto/keyring.hpp"
#include "core/error.hpp"
#include "core/stored_key.hpp"
#include "pg/args.hpp"
#include "pg/catalog.hpp"
#include "pg/data_keys.hpp"
#include "pg/entry.hpp"
#include "pg/keyring_source.hpp"
#include "pg/role.hpp"
#include "pg/settings.hpp"
#include "pg/spi.hpp"
#include "pg/stored_keys.hpp"

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

std::string list(const std::vector<std::int32_t>& ids) {
  std::string text;
  for (const std::int32_t id : ids) text += (text.empty() ? "" : ", ") + std::to_string(id);
  return text;
}

namespace {

pg::statement select_keys{"SELECT p.api_key_encrypted FROM llm_admin.llm_provider_configs p", {}};
pg::statement select_tenant_keys{"SELECT c.api_key_encrypted FROM llm_admin.llm_configs c", {}};

constexpr const char* how_to_see_more =
    "a superuser or a role of level security sees more: SELECT * FROM llm_admin.key_status()";

// The kind of source for everybody, its place for whom pg::caller_may_see_keyring() names.
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
  const std::string source = pg::caller_may_see_keyring() ? pg::keyring_source::describe()
                             : file                       ? "file configured"
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
    crypto::keyring ring = pg::keyring_source::newest();
    const auto marked = ring.marked_active();
    std::string value = "root keys " + list(ring.ids());
    if (marked) value += "; marked active: " + std::to_string(*marked);
    rows.add("keyring content", value, verdict::ok);
    return ring;
  } catch (const error& e) {
    // DETAIL and HINT may hold the path.
    if (pg::caller_may_see_keyring())
      rows.add("keyring content", e.message() + (e.detail().empty() ? "" : ": " + e.detail()), verdict::error,
               e.hint());
    else
      rows.add("keyring content", e.message(), verdict::error, how_to_see_more);
  }
  return std::nullopt;
}

// Stored keys that an older data key sealed: they open, and reseal_keys() seals them by the newest one.
void add_stale(status_rows& rows) {
  const auto newest = pg::data_keys::rotated();
  if (newest.empty()) return;
  std::int64_t stale = 0;
  pg::each_stored_key(std::nullopt, [&](const pg::stored_secret& secret) {
    const auto of = newest.find(secret.of_tenant ? std::string(secret.name) : std::string());
    const auto sealed = of != newest.end() ? envelope::parse(secret.text) : std::nullopt;
    if (sealed && sealed->kind == envelope::kind::bound && sealed->key_id != of->second) ++stale;
  });
  rows.add("keys sealed by an older data key", std::to_string(stale), stale > 0 ? verdict::info : verdict::ok,
           stale > 0 ? "SELECT * FROM llm_admin.reseal_keys()" : "");
}

std::array<std::int64_t, 6> kinds_of(pg::statement& select) {
  std::array<std::int64_t, 6> found{};
  const pg::as_owner owner;
  pg::spi sql;
  sql.run(select, {}, true);
  for (std::uint64_t i = 0; i < sql.rows(); ++i) {
    const pg::row row = sql.at(i);
    const std::string_view text = row.is_null(1) ? std::string_view() : row.text_view(1);
    ++found[static_cast<std::size_t>(
        classify(text, pg::settings::foreign_schemes(), pg::settings::allow_stub_keys()))];
  }
  return found;
}

void add_stored(status_rows& rows) {
  std::array<std::int64_t, 6> found = kinds_of(select_keys);
  std::int64_t tenants_without = 0;
  if (pg::catalog::exists(pg::catalog::table::tenants)) {
    const auto of_tenants = kinds_of(select_tenant_keys);
    constexpr auto none = static_cast<std::size_t>(stored_key::none);
    for (std::size_t kind = 0; kind < found.size(); ++kind)
      if (kind != none) found[kind] += of_tenants[kind];
    tenants_without = of_tenants[none];
  }
  const auto add = [&](stored_key kind, const char* item, const char* when_any, const char* hint) {
    const std::int64_t count = found[static_cast<std::size_t>(kind)];
    rows.add(item, std::to_string(count), count > 0 ? when_any : verdict::ok, count > 0 ? hint : "");
  };
  add(stored_key::none, "providers without a key", verdict::info,
      "SELECT llm_admin.set_provider_key('<provider>', '<key>')");
  if (tenants_without > 0)
    rows.add("tenants without a key", std::to_string(tenants_without), verdict::info,
             "SELECT llm_admin.put_llm_config('<tenant>', '{\"apiKey\": \"<key>\"}')");
  add(stored_key::bound_envelope, "keys in envelopes", verdict::ok, "");
  add(stored_key::unbound_envelope, "keys in unbound envelopes", verdict::error,
      "SELECT llm_admin.set_provider_key('<provider>', '<key>')");
  add(stored_key::foreign, "keys sealed by the application", verdict::info, "they are never decrypted here");
  add(stored_key::openpgp, "keys of pgcrypto", verdict::warning,
      "SELECT * FROM llm_admin.adopt_pgcrypto_keys('<passphrase>')");
  add(stored_key::refused, "values that are no key", verdict::error,
      "SELECT llm_admin.set_provider_key('<provider>', '<key>')");
}

}  // namespace

}  // namespace llm_admin::keys

using namespace llm_admin;

LLM_ADMIN_FUNCTION(llm_admin_key_status)(FunctionCallInfo fcinfo) {
  keys::status_rows rows(fcinfo);
  keys::add_source(rows);
  const std::optional<crypto::keyring> ring = keys::add_content(rows);
  keys::add_roots(rows, ring ? &*ring : nullptr);
  keys::add_data_keys(rows, ring ? &*ring : nullptr);
  keys::add_uses(rows);
  keys::add_stale(rows);
  keys::add_stored(rows);
  keys::add_roles(rows);
  keys::add_logging(rows);
  keys::add_load(rows);
  keys::add_levels(rows);
  keys::add_preload(rows);
  keys::add_headers(rows);
  return Datum{0};
}
