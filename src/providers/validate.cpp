// The row trigger: validates what changed, binds the key to the row, keeps updated_at and config_version.
#include <string>

#include "core/auth.hpp"
#include "core/crypto/envelope.hpp"
#include "core/error.hpp"
#include "core/mapping/validate.hpp"
#include "core/stored_key.hpp"
#include "core/url.hpp"
#include "pg/entry.hpp"
#include "pg/key_store.hpp"
#include "pg/provider.hpp"
#include "pg/role.hpp"
#include "pg/settings.hpp"
#include "pg/trigger.hpp"
#include "providers/activity.hpp"
#include "providers/checks.hpp"

using namespace llm_admin;

namespace {

pg::key_place place_of(const pg::tuple_image& row) {
  return {row.text("provider_name"), row.text("base_url"), row.text("auth_scheme"),
          row.text("auth_header_template")};
}

// Whether the key of `a` would still go to the same place, in the same way, under `b`.
bool same_origin(const pg::key_place& a, const pg::key_place& b) {
  return origin(a.base_url) == origin(b.base_url) && a.auth_scheme == b.auth_scheme &&
         a.auth_header_template == b.auth_header_template;
}

[[noreturn]] void refuse_raw_key(const std::string& name) {
  throw error(
      sqlstate::config_invalid, "api_key_encrypted accepts only encrypted keys",
      "the value is no envelope (lma1.), no foreign scheme of llm_admin.foreign_schemes and no pgcrypto "
      "value",
      "SELECT llm_admin.set_provider_key('" + name + "', '<key>'), or store llm_admin.encrypt_key('<key>')");
}

// The text that belongs into api_key_encrypted, when it differs from what stands there.
void bind_key(const pg::tuple_image& row, const pg::tuple_image* before, pg::tuple_changes& changes) {
  const std::string_view stored = row.text("api_key_encrypted");
  const std::string name(row.text("provider_name"));
  const pg::key_place place = place_of(row);
  const bool as_before = before != nullptr && before->text("api_key_encrypted") == stored;
  switch (classify(stored, pg::settings::foreign_schemes(), pg::settings::allow_stub_keys())) {
    case stored_key::none:
      if (!row.is_null("api_key_encrypted")) changes.set_null("api_key_encrypted");
      return;
    case stored_key::foreign:
    case stored_key::openpgp:
      return;
    case stored_key::refused:
      if (as_before) return;                                 // an old value may stay, it opens nothing
      if (envelope::has_prefix(stored)) envelope::reject();  // cut short or altered
      refuse_raw_key(name);
    case stored_key::unbound_envelope: {
      const secret_bytes plain = pg::open_unbound(stored, "");
      changes.set_text("api_key_encrypted", pg::seal_for(place, plain.span()));
      return;
    }
    case stored_key::bound_envelope:
      break;
  }
  if (!as_before) {
    (void)pg::open_at(place, stored);  // an envelope moved here from another row or origin does not open
    return;
  }
  const pg::key_place old_place = place_of(*before);
  if (!same_origin(old_place, place))
    throw error(sqlstate::config_invalid,
                "the key of provider " + name + " is bound to the place it was given for",
                "base_url's scheme, host or port, auth_scheme or auth_header_template changed; an existing "
                "key is never "
                "sent elsewhere",
                "supply the key in the same UPDATE (api_key_encrypted = llm_admin.encrypt_key('<key>')), or "
                "set it to "
                "NULL first");
  if (old_place.provider_name != place.provider_name) {
    const secret_bytes plain = pg::open_at(old_place, stored);
    changes.set_text("api_key_encrypted", pg::seal_for(place, plain.span()));
  }
}

bool changed(const pg::tuple_image* before, const pg::tuple_image& row,
             std::initializer_list<const char*> columns) {
  if (before == nullptr) return true;
  for (const char* column : columns)
    if (!before->same(row, row.column(column))) return true;
  return false;
}

void check_connection(const pg::tuple_image& row) {
  const providers::connection c{row.text("base_url"), row.text("endpoint_path_template"),
                                row.text("auth_scheme"), row.maybe_text("auth_header_template"),
                                row.jsonb("additional_headers")};
  const std::vector<std::string> problems =
      providers::connection_problems(c, pg::settings::plain_http_hosts());
  if (problems.empty()) return;
  std::string detail;
  for (const std::string& p : problems) detail += (detail.empty() ? "" : "\n") + p;
  throw error(sqlstate::config_invalid, problems.front(), detail,
              "correct the columns that DETAIL names; nothing was stored");
}

// A key in the URL ends up in the logs of every proxy on the way.
void warn_query_key(const pg::tuple_image& row) {
  const std::string name(row.text("provider_name"));
  const char* provider = name.c_str();
  pg::call([=] {
    ereport(WARNING, (errmsg("provider %s sends its key in the URL", provider),
                      errhint("use auth_scheme api_key_header where the vendor takes one")));
  });
}

bool has_key(const pg::tuple_image& row) { return !row.text("api_key_encrypted").empty(); }

// The table's check says the same, in a text that shows the whole row.
void check_activity(const pg::tuple_image* before, const pg::tuple_image& row) {
  if (!row.boolean("is_active") || row.is_null("is_enabled") || row.boolean("is_enabled")) return;
  const std::string name(row.text("provider_name"));
  if (before != nullptr && before->boolean("is_active"))
    throw error(
        sqlstate::object_in_use, "provider " + name + " is active and cannot be disabled", "",
        "SELECT llm_admin.switch_active_provider('<another provider>'), or set is_active = false too");
  throw error(sqlstate::not_in_state, "Provider " + name + " is disabled", "",
              "set is_enabled = true too, or leave is_active false");
}

// Anything but the columns that this trigger keeps itself.
bool really_changed(const pg::tuple_image& before, const pg::tuple_image& row) {
  for (int i = 1; i <= row.columns(); ++i) {
    if (row.is_dropped(i) || row.name_of(i) == "updated_at" || row.name_of(i) == "config_version") continue;
    if (!before.same(row, i)) return true;
  }
  return false;
}

void keep_books(const pg::tuple_image& before, const pg::tuple_image& row, bool connection_changed,
                pg::tuple_changes& changes) {
  if (really_changed(before, row))
    changes.set("updated_at", TimestampTzGetDatum(GetCurrentTransactionStartTimestamp()));
  else if (!before.is_null("updated_at"))
    changes.set("updated_at", before.raw(before.column("updated_at")));
  const int version = before.integer("config_version").value_or(1);
  changes.set("config_version", Int32GetDatum(version + (connection_changed ? 1 : 0)));
}

}  // namespace

LLM_ADMIN_FUNCTION(llm_admin_validate_provider_config)(FunctionCallInfo fcinfo) {
  const pg::trigger_call trigger(fcinfo, providers::table_name);
  if (pg::restoring()) return trigger.unchanged();
  const pg::tuple_image row = trigger.new_row();
  std::optional<pg::tuple_image> old;
  if (trigger.updates()) old.emplace(trigger.old_row());
  const pg::tuple_image* before = old ? &*old : nullptr;

  const bool mapping_changed = changed(before, row, {"request_builder_config", "response_extractor_config"});
  const bool connection_changed = changed(before, row,
                                          {"base_url", "endpoint_path_template", "http_method", "auth_scheme",
                                           "auth_header_template", "additional_headers"});
  if (mapping_changed)
    mapping::require_valid(mapping::problems_of_pair(row.jsonb("request_builder_config"),
                                                     row.jsonb("response_extractor_config")));
  if (connection_changed) check_connection(row);
  if (row.text("auth_scheme") == "query_param" && changed(before, row, {"auth_scheme"})) warn_query_key(row);
  check_activity(before, row);
  if (before != nullptr && !before->boolean("is_enabled") && row.boolean("is_enabled") && !has_key(row) &&
      row.text("auth_scheme") != "none")
    throw error(
        sqlstate::not_in_state,
        "provider " + std::string(row.text("provider_name")) + " has no key and stays disabled", "",
        "SELECT llm_admin.set_provider_key('" + std::string(row.text("provider_name")) + "', '<key>')");

  pg::tuple_changes changes(row);
  if (connection_changed || changed(before, row, {"api_key_encrypted", "provider_name"}))
    bind_key(row, before, changes);
  if (before != nullptr) keep_books(*before, row, mapping_changed || connection_changed, changes);
  return changes.any() ? pg::trigger_call::replaced(changes.apply()) : trigger.unchanged();
}
