// key_status: keyring, root keys, data keys and stored keys. Reports a broken keyring and never raises for
// one.
#include "keys/status.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "core/crypto/keyring.hpp"
#include "core/error.hpp"
#include "pg/args.hpp"
#include "pg/entry.hpp"
#include "pg/settings.hpp"
#include "pg/spi.hpp"
#include "store/keyring.hpp"
#include "store/owner.hpp"

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

constexpr const char* how_to_see_more =
    "a superuser or a role of level security sees more: SELECT * FROM llm_admin.key_status()";

// What a new session would read now, whatever this one still holds; or why it cannot be read.
struct content {
  std::optional<crypto::keyring> ring;
  std::optional<error> refused;
};

content newest() {
  if (pg::settings::keyring_file().empty() && pg::settings::keyring_command().empty()) return {};
  try {
    return {store::keyring::newest(), std::nullopt};
  } catch (const error& e) {
    if (e.is_fault()) throw;
    return {std::nullopt, e};
  }
}

// The kind of source for everybody, its place for whom store::caller_may_see_keyring() names.
void add_source(status_rows& rows, bool refused) {
  const bool file = !pg::settings::keyring_file().empty();
  const bool command = !pg::settings::keyring_command().empty();
  if (!file && !command) {
    rows.add("keyring", "not configured", verdict::error,
             "make one with scripts/new-keyring, then: LOAD 'llm_admin'; ALTER SYSTEM SET "
             "llm_admin.keyring_file = "
             "'/path/to/keyring'; SELECT pg_reload_conf();");
    return;
  }
  const std::string source = store::caller_may_see_keyring() ? store::keyring::describe()
                             : file                          ? "file configured"
                                                             : "command configured";
  if (refused)
    rows.add("keyring", source + ", which is refused: see keyring content", verdict::error);
  else if (file && command)
    rows.add("keyring", source, verdict::info,
             "keyring_command is not used while keyring_file is set: ALTER SYSTEM RESET "
             "llm_admin.keyring_command");
  else
    rows.add("keyring", source, verdict::ok);
}

void add_content(status_rows& rows, const content& found) {
  if (found.ring) {
    const auto marked = found.ring->marked_active();
    std::string value = "root keys " + list(found.ring->ids());
    if (marked) value += "; marked active: " + std::to_string(*marked);
    rows.add("keyring content", value, verdict::ok);
  } else if (found.refused && store::caller_may_see_keyring()) {  // DETAIL and HINT may hold the path
    const error& e = *found.refused;
    rows.add("keyring content", e.message() + (e.detail().empty() ? "" : ": " + e.detail()), verdict::error,
             e.hint());
  } else if (found.refused) {
    rows.add("keyring content", found.refused->message(), verdict::error, how_to_see_more);
  }
}

}  // namespace

}  // namespace llm_admin::keys

using namespace llm_admin;

LLM_ADMIN_FUNCTION(llm_admin_key_status)(FunctionCallInfo fcinfo) {
  keys::status_rows rows(fcinfo);
  const keys::content found = keys::newest();
  const crypto::keyring* ring = found.ring ? &*found.ring : nullptr;
  keys::add_source(rows, found.refused.has_value());
  keys::add_content(rows, found);
  keys::add_roots(rows, ring);
  keys::add_data_keys(rows, ring);
  keys::add_uses(rows);
  keys::add_data_keys_of_stored(rows);
  keys::add_stored_keys(rows);
  keys::add_roles(rows);
  keys::add_logging(rows);
  keys::add_load(rows);
  keys::add_levels(rows);
  keys::add_preload(rows);
  keys::add_headers(rows);
  keys::add_schema(rows);
  return Datum{0};
}
