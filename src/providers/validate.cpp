// The row trigger: validates what changed, binds the key to the row, keeps updated_at and config_version.
#include <limits>
#include <string>

#include "core/error.hpp"
#include "core/http/auth.hpp"
#include "core/http/connection.hpp"
#include "core/mapping/compile/validate.hpp"
#include "pg/args.hpp"
#include "pg/entry.hpp"
#include "pg/row_rules.hpp"
#include "pg/settings.hpp"
#include "pg/trigger.hpp"
#include "providers/activity.hpp"
#include "store/bounds.hpp"
#include "store/load.hpp"
#include "store/own_update.hpp"
#include "store/provider_key.hpp"
#include "store/sealing.hpp"
#include "store/tables.hpp"
#include "store/trigger.hpp"

using namespace llm_admin;

namespace {

store::key_place place_of(const pg::tuple_image& row) {
  return {row.text("provider_name"), row.text("base_url"), row.text("auth_scheme"),
          row.text("auth_header_template")};
}

store::key_texts texts_of(std::string_view name) {
  const std::string provider(name);
  return {"provider " + provider, "SELECT llm_admin.set_provider_key('" + provider + "', '<key>')"};
}

// The text that belongs into api_key_encrypted, when it differs from what stands there.
void bind_key(const pg::tuple_image& row, const pg::tuple_image* before, pg::tuple_changes& changes) {
  const std::string_view stored = row.text("api_key_encrypted");
  if (stored.empty()) {
    if (!row.is_null("api_key_encrypted")) changes.set_null("api_key_encrypted");
    return;
  }
  const store::key_place place = place_of(row);
  const store::key_place old_place = before != nullptr ? place_of(*before) : place;
  const std::string_view old_key = before != nullptr ? before->text("api_key_encrypted") : std::string_view();
  const auto bound = store::bound_key(
      {stored, place, before != nullptr ? &old_key : nullptr, before != nullptr ? &old_place : nullptr},
      texts_of(row.text("provider_name")));
  if (bound) changes.set_text("api_key_encrypted", *bound);
}

bool changed(const pg::tuple_image* before, const pg::tuple_image& row,
             std::initializer_list<const char*> columns) {
  if (before == nullptr) return true;
  for (const char* column : columns)
    if (!before->same(row, row.column(column))) return true;
  return false;
}

void check_connection(const pg::tuple_image& row) {
  const connection c{row.text("base_url"), row.text("endpoint_path_template"), row.text("auth_scheme"),
                     row.maybe_text("auth_header_template"), row.jsonb("additional_headers")};
  const std::vector<std::string> problems =
      connection_problems(c, pg::settings::plain_http_hosts(), store::poll);
  if (problems.empty()) return;
  std::string detail;
  for (const std::string& p : problems) detail += (detail.empty() ? "" : "\n") + p;
  throw error(sqlstate::config_invalid, problems.front(), detail,
              "correct the columns that DETAIL names; nothing was stored");
}

// Before anything is looked through, or copied: what a row may hold is far less.
void check_sizes(const pg::tuple_image& row, const pg::tuple_image* before) {
  for (const char* column : {"base_url", "endpoint_path_template", "auth_header_template"})
    row.require_size(column, pg::most::url, before);
  row.require_size("api_key_encrypted", pg::most::key, before);
  row.require_size("description", pg::most::message, before);
  for (const char* column : {"additional_headers", "request_builder_config", "response_extractor_config",
                             "supported_models", "model_capabilities"})
    row.require_size(column, pg::most::settings, before);
}

// As the table's constraints of these names say it, but without the row in DETAIL, where a key may stand in
// the place of a name.
void check_columns(const pg::tuple_image& row) {
  const auto require = [](bool good, const char* constraint, const char* rule) {
    if (good) return;
    throw error(sqlstate::check_violation,
                std::string("new row for relation \"llm_provider_configs\" violates check constraint "
                            "\"llm_provider_configs_") +
                    constraint + "_check\"",
                rule);
  };
  const auto is_name = [](std::string_view text) {
    return !text.empty() && text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == text.npos;
  };
  const auto is_of = [&](const char* column, bool (json::node::*kind)() const noexcept) {
    return row.is_null(column) || (row.jsonb(column).*kind)();
  };
  const auto is_positive = [&](const char* column) { return row.integer(column).value_or(1) > 0; };
  const std::string_view scheme = row.text("auth_scheme"), method = row.text("http_method");
  require(row.is_null("provider_name") || is_name(row.text("provider_name")), "provider_name",
          "provider_name holds a to z, 0 to 9 and _ only");
  require(row.is_null("auth_scheme") || scheme == "bearer" || scheme == "api_key_header" ||
              scheme == "query_param" || scheme == "none",
          "auth_scheme", "auth_scheme is bearer, api_key_header, query_param or none");
  require(row.is_null("http_method") || method == "GET" || method == "POST" || method == "PUT" ||
              method == "PATCH",
          "http_method", "http_method is GET, POST, PUT or PATCH");
  require(is_of("additional_headers", &json::node::is_object), "additional_headers",
          "additional_headers is a JSON object");
  require(is_of("supported_models", &json::node::is_array), "supported_models",
          "supported_models is a JSON array");
  require(is_of("model_capabilities", &json::node::is_object), "model_capabilities",
          "model_capabilities is a JSON object");
  require(is_positive("context_window_tokens"), "context_window", "context_window_tokens is above 0");
  require(is_positive("max_output_tokens_limit"), "max_output", "max_output_tokens_limit is above 0");
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
    changes.set("updated_at", TimestampTzGetDatum(GetCurrentTransactionStartTimestamp()), TIMESTAMPTZOID);
  else if (!before.is_null("updated_at"))
    changes.set("updated_at", before.value("updated_at"));
  const int version = before.integer("config_version").value_or(1);
  if (connection_changed && version == std::numeric_limits<int>::max())
    throw error(
        sqlstate::program_limit,
        "config_version of provider " + std::string(row.text("provider_name")) + " cannot rise any more",
        "it is " + std::to_string(version) + "; nothing was stored",
        "make the provider anew, whose versions begin at 1: SELECT * FROM llm_admin.purge_provider('" +
            std::string(row.text("provider_name")) + "'), then SELECT llm_admin.create_provider(...)");
  changes.set("config_version", Int32GetDatum(version + (connection_changed ? 1 : 0)), INT4OID);
}

// What an INSERT says of it does not count: clients compare versions, which rise by one from 1 on.
void begin_books(const pg::tuple_image& row, pg::tuple_changes& changes) {
  if (row.integer("config_version") != 1) changes.set("config_version", Int32GetDatum(1), INT4OID);
}

}  // namespace

LLM_ADMIN_FUNCTION(llm_admin_validate_provider_config)(FunctionCallInfo fcinfo) {
  const store::trigger_call trigger(fcinfo, store::table::providers,
                                    {{true, true, {TRIGGER_EVENT_INSERT, TRIGGER_EVENT_UPDATE}}});
  const pg::tuple_image row = trigger.new_row();
  std::optional<pg::tuple_image> old;
  if (trigger.updates()) old.emplace(trigger.old_row());
  const pg::tuple_image* before = old ? &*old : nullptr;
  if (store::loading(trigger)) {
    const std::string_view old_key = before != nullptr ? before->text("api_key_encrypted") : "";
    store::require_sealed_form(row.text("api_key_encrypted"), before != nullptr ? &old_key : nullptr,
                               texts_of(row.text("provider_name")));
    pg::require_row_rules(fcinfo, trigger.table(), row.tuple(), old ? old->tuple() : nullptr);
    return trigger.unchanged();
  }
  check_sizes(row, before);
  if (before != nullptr && store::only_resealed(*before, row)) return trigger.unchanged();

  const bool mapping_changed = changed(before, row, {"request_builder_config", "response_extractor_config"});
  const bool connection_changed = changed(before, row,
                                          {"base_url", "endpoint_path_template", "http_method", "auth_scheme",
                                           "auth_header_template", "additional_headers"});
  const mapping::url_texts texts{row.text("base_url"), row.text("endpoint_path_template")};
  if (mapping_changed)
    mapping::require_valid(mapping::problems_of_pair(row.jsonb("request_builder_config"),
                                                     row.jsonb("response_extractor_config"),
                                                     store::compile_bounds_now(), &texts));
  else if (changed(before, row, {"base_url", "endpoint_path_template"}))
    mapping::require_valid(
        mapping::hole_problems(row.jsonb("request_builder_config"), texts, store::compile_bounds_now()));
  if (connection_changed) check_connection(row);
  if (row.text("auth_scheme") == "query_param" && changed(before, row, {"auth_scheme"})) warn_query_key(row);
  check_activity(before, row);
  if (before != nullptr && !before->boolean("is_enabled") && row.boolean("is_enabled") && !has_key(row) &&
      row.text("auth_scheme") != "none")
    throw error(
        sqlstate::not_in_state,
        "provider " + std::string(row.text("provider_name")) + " has no key and stays disabled", "",
        "SELECT llm_admin.set_provider_key('" + std::string(row.text("provider_name")) + "', '<key>')");

  check_columns(row);
  pg::tuple_changes changes(row);
  if (connection_changed || changed(before, row, {"api_key_encrypted", "provider_name"}))
    bind_key(row, before, changes);
  if (before != nullptr)
    keep_books(*before, row, mapping_changed || connection_changed, changes);
  else
    begin_books(row, changes);
  changes.require_values();
  const HeapTuple made = changes.any() ? changes.apply() : row.tuple();
  pg::require_row_rules(fcinfo, trigger.table(), made, old ? old->tuple() : nullptr);
  return pg::trigger_call::replaced(made);
}
