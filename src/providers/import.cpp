// import_admin_settings: a JSON settings file becomes a provider's key, base URL, endpoint and model.
//
// The key is read where it lies in the jsonb, compared and sealed; it is never copied, printed or passed to
// SQL.
#include <string>

#include "core/crypto/primitives.hpp"
#include "core/error.hpp"
#include "core/given_name.hpp"
#include "core/http/url.hpp"
#include "core/keys/key_text.hpp"
#include "core/keys/redact.hpp"
#include "core/keys/stored_key.hpp"
#include "core/secret_bytes.hpp"
#include "core/settings_file.hpp"
#include "core/similar.hpp"
#include "pg/entry.hpp"
#include "pg/fetch.hpp"
#include "pg/result.hpp"
#include "pg/role.hpp"
#include "pg/settings.hpp"
#include "pg/spi.hpp"
#include "store/key_cache.hpp"
#include "store/owner.hpp"
#include "store/provider.hpp"
#include "store/provider_key.hpp"
#include "store/sealing.hpp"

using namespace llm_admin;

namespace {

using store::provider_column;

pg::statement lock_row{
    "SELECT 1 FROM llm_admin.llm_provider_configs p "
    "WHERE p.provider_name OPERATOR(pg_catalog.=) $1::pg_catalog.varchar FOR NO KEY UPDATE",
    {TEXTOID}};
pg::statement all_names{
    "SELECT p.provider_name::pg_catalog.text FROM llm_admin.llm_provider_configs p ORDER BY p.id LIMIT 1000",
    {}};
// A null parameter leaves its column alone. One statement, so that a key and the origin it is for change
// together.
pg::statement update_row{
    "UPDATE llm_admin.llm_provider_configs AS p SET api_key_encrypted = COALESCE($2, p.api_key_encrypted), "
    "base_url = COALESCE($3, p.base_url), endpoint_path_template = COALESCE($4, p.endpoint_path_template), "
    "default_model = COALESCE($5::pg_catalog.varchar, p.default_model) "
    "WHERE p.provider_name OPERATOR(pg_catalog.=) $1::pg_catalog.varchar",
    {TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID}};
pg::statement update_row_by{
    "UPDATE llm_admin.llm_provider_configs AS p SET api_key_encrypted = COALESCE($2, p.api_key_encrypted), "
    "base_url = COALESCE($3, p.base_url), endpoint_path_template = COALESCE($4, p.endpoint_path_template), "
    "default_model = COALESCE($5::pg_catalog.varchar, p.default_model), updated_by = $6 "
    "WHERE p.provider_name OPERATOR(pg_catalog.=) $1::pg_catalog.varchar",
    {TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID}};

[[noreturn]] void missing_row(const std::string& name) {
  std::vector<std::string> names;
  {
    const store::as_owner owner;
    pg::spi sql;
    sql.run(all_names, {}, true);
    for (std::uint64_t i = 0; i < sql.rows(); ++i) names.push_back(sql.at(i).text(1));
  }
  const std::vector<std::string_view> views(names.begin(), names.end());
  const std::vector<std::string> near = nearest(name, views, 1);
  throw error(sqlstate::undefined_object, "Provider " + named_or_length(name, views) + " does not exist",
              near.empty() ? "" : "the nearest name is " + near.front(),
              "SELECT * FROM llm_admin.seed() adds the shipped providers, SELECT "
              "llm_admin.create_provider(...) others");
}

std::string provider_of(const provider_settings& settings) {
  if (settings.provider) return *settings.provider;
  if (const auto active = store::find_active_provider(pg::as_of::latest)) return std::string(active->name());
  throw error(sqlstate::undefined_object, "settings name no provider and none is active", "",
              "add \"provider\": \"<name>\" to the settings, or SELECT "
              "llm_admin.switch_active_provider('<provider>')");
}

class importer {
 public:
  importer(pg::row_set& out, std::optional<std::string_view> by) : out_(out), by_(by) {}

  void import(const provider_settings& settings) {
    const std::string name = provider_of(settings);
    store::key_cache::lock_for_sealing();  // before the row's
    const store::provider row = lock(name);
    report_read(settings, name);
    const std::string envelope = seal_new(settings, row);
    const bool key_is_new = !envelope.empty();
    const auto base_url = differing(settings.base_url, row, provider_column::base_url);
    const auto endpoint = differing(settings.endpoint, row, provider_column::endpoint_path_template);
    const auto model = differing(settings.model, row, provider_column::default_model);
    if (key_is_new || base_url || endpoint || model) {
      report_backup(row, key_is_new);
      update(name, envelope, base_url, endpoint, model);
    } else {
      add("backup", "unchanged", "nothing is replaced");
    }
    report_key(settings, key_is_new);
    report_columns(base_url, endpoint, model);
    const auto now = store::find_provider(name, pg::as_of::latest);
    if (!now) missing_row(name);
    verify(settings, *now);
    report_provider(*now);
  }

 private:
  void add(std::string_view step, std::string_view outcome, std::string_view detail) {
    pg::row_builder row;
    row.add_text(step).add_text(outcome).add_text(detail);
    out_.add(row);
  }

  static store::provider lock(const std::string& name) {
    {
      const store::as_owner owner;
      pg::spi sql;
      if (sql.run_on_latest(lock_row, {pg::value(name)}) == 0) missing_row(name);
    }
    const auto row = store::find_provider(name, pg::as_of::latest);
    if (!row) missing_row(name);
    return *row;
  }

  // The value to store, or nothing when it is not given or stands there already.
  static std::optional<std::string_view> differing(std::string_view given, const store::provider& row,
                                                   provider_column c) {
    if (given.empty() || given == row.text(c)) return std::nullopt;
    return given;
  }

  static stored_key kind_of_key(const store::provider& row) {
    return classify(row.text(provider_column::api_key_encrypted), pg::settings::foreign_schemes(),
                    pg::settings::allow_stub_keys());
  }

  // The stored key, or nothing where there is none that this database can open; such a one is replaced.
  static std::optional<secret_bytes> open_stored(const store::provider& row) {
    if (kind_of_key(row) != stored_key::bound_envelope) return std::nullopt;
    try {
      return store::open_at(store::place_of(row), row.text(provider_column::api_key_encrypted));
    } catch (const error& refused) {
      if (refused.is_fault()) throw;
      return std::nullopt;
    }
  }

  // The row's trigger refuses this as well, but its HINT speaks of an UPDATE.
  static void refuse_move(const provider_settings& settings, const store::provider& row) {
    if (kind_of_key(row) != stored_key::bound_envelope || settings.base_url.empty()) return;
    const std::string to = origin(settings.base_url);
    const std::string from = origin(row.text(provider_column::base_url));
    if (to.empty() || to == from) return;
    throw error(sqlstate::config_invalid,
                "the key of provider " + std::string(row.name()) + " is bound to the place it was given for",
                "base_url leads away from " + from + "; an existing key is never sent elsewhere",
                "add \"api_key\": \"<key>\" to the settings");
  }

  // The envelope to store: empty when no key is given, or the same one is stored for the same origin.
  std::string seal_new(const provider_settings& settings, const store::provider& row) {
    old_key_ = open_stored(row);
    if (settings.api_key.empty()) {
      refuse_move(settings, row);
      return {};
    }
    if (const char* problem = key_problem(settings.api_key))
      throw error(sqlstate::invalid_parameter, std::string("the key in settings ") + problem,
                  "at " + settings.from, "pass the key without line breaks and tabs");
    store::key_place place = store::place_of(row);
    const std::string old_origin = origin(place.base_url);
    if (!settings.base_url.empty()) place.base_url = settings.base_url;
    const bool same_key =
        old_key_ && crypto::constant_time_equal(old_key_->span(), as_bytes(settings.api_key));
    if (same_key && origin(place.base_url) == old_origin) return {};
    return store::seal_for(place, as_bytes(settings.api_key));
  }

  void update(const std::string& name, const std::string& envelope, std::optional<std::string_view> base_url,
              std::optional<std::string_view> endpoint, std::optional<std::string_view> model) {
    const store::as_owner owner;
    pg::spi sql;
    const pg::parameter key = envelope.empty() ? pg::null_value() : pg::value(envelope);
    const auto changed =
        by_ ? sql.run(update_row_by, {pg::value(name), key, pg::value(base_url), pg::value(endpoint),
                                      pg::value(model), pg::value(*by_)})
            : sql.run(update_row,
                      {pg::value(name), key, pg::value(base_url), pg::value(endpoint), pg::value(model)});
    if (changed != 1)
      throw error(sqlstate::not_in_state, "the settings of provider " + name + " could not be stored",
                  "another trigger on llm_provider_configs suppressed the change");
  }

  void report_read(const provider_settings& settings, const std::string& name) {
    std::string found;
    const auto note = [&](std::string_view value, const char* what) {
      if (!value.empty()) found += (found.empty() ? "" : ", ") + std::string(what);
    };
    note(settings.api_key, "key");
    note(settings.base_url, "base_url");
    note(settings.endpoint, "endpoint");
    note(settings.model, "model");
    add("read", "ok", "provider " + name + ", at " + settings.from + ": " + found);
  }

  void report_backup(const store::provider& row, bool key_is_new) {
    std::string old = "base_url " + std::string(row.text(provider_column::base_url)) + ", endpoint " +
                      std::string(row.text(provider_column::endpoint_path_template)) + ", model " +
                      std::string(row.text(provider_column::default_model));
    if (key_is_new) old += ", key " + describe_old_key(row);
    add("backup", "noted", old);
  }

  std::string describe_old_key(const store::provider& row) const {
    if (old_key_) return mask_key(old_key_->text());
    switch (kind_of_key(row)) {
      case stored_key::none:
        return "none";
      case stored_key::foreign:
        return "sealed by the application";
      case stored_key::openpgp:
        return "of pgcrypto";
      default:
        return "that cannot be opened";
    }
  }

  void report_key(const provider_settings& settings, bool key_is_new) {
    if (settings.api_key.empty())
      add("key", "absent", "the settings hold no key; a stored one stays");
    else
      add("key", key_is_new ? "stored" : "unchanged", mask_key(settings.api_key));
  }

  void report_columns(std::optional<std::string_view> base_url, std::optional<std::string_view> endpoint,
                      std::optional<std::string_view> model) {
    const auto report = [&](const char* what, std::optional<std::string_view> value) {
      if (value) add("settings", "changed", std::string(what) + " is now " + std::string(*value));
    };
    report("base_url", base_url);
    report("endpoint_path_template", endpoint);
    report("default_model", model);
    if (!base_url && !endpoint && !model)
      add("settings", "unchanged", "base_url, endpoint and model are as given");
  }

  // Reads the row back, as the next request would.
  void verify(const provider_settings& settings, const store::provider& now) {
    if (settings.api_key.empty()) {
      add("verify", "skipped", "no key was given");
      return;
    }
    const secret_bytes stored = store::key_of(now);
    if (!crypto::constant_time_equal(stored.span(), as_bytes(settings.api_key)))
      throw error(sqlstate::not_in_state,
                  "the stored key of provider " + std::string(now.name()) + " is not the one in settings",
                  "another trigger on llm_provider_configs changed it; nothing was stored");
    add("verify", "ok", "the stored key decrypts to the one in settings");
  }

  void report_provider(const store::provider& now) {
    const std::string name(now.name());
    if (now.boolean(provider_column::is_active))
      add("provider", "active", name + " is active");
    else if (now.boolean(provider_column::is_enabled))
      add("provider", "enabled", "to use it: SELECT llm_admin.switch_active_provider('" + name + "')");
    else
      add("provider", "disabled",
          "to use it: UPDATE llm_admin.llm_provider_configs SET is_enabled = true WHERE provider_name = '" +
              name + "'");
  }

  pg::row_set& out_;
  std::optional<std::string_view> by_;
  std::optional<secret_bytes> old_key_;
};

}  // namespace

LLM_ADMIN_FUNCTION(llm_admin_import_admin_settings)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  if (in.is_null(0)) throw error(sqlstate::null_not_allowed, "argument settings must not be null");
  pg::require_primary("import_admin_settings");
  const std::vector<provider_settings> settings = parse_settings(in.jsonb(0, pg::most::settings));
  pg::row_set out(fcinfo);
  importer import(out, in.text(1));
  for (const provider_settings& each : settings) import.import(each);
  return Datum{0};
}
