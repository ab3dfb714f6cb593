#include "store/provider.hpp"

#include <algorithm>
#include <functional>
#include <iterator>
#include <vector>

#include "core/error.hpp"
#include "core/given_name.hpp"
#include "core/similar.hpp"
#include "core/text.hpp"
#include "pg/args.hpp"
#include "pg/jsonb.hpp"
#include "pg/settings.hpp"
#include "pg/spi.hpp"
#include "store/alias.hpp"
#include "store/load.hpp"
#include "store/owner.hpp"
#include "store/row_finder.hpp"

namespace llm_admin::store {

namespace {

constexpr const char* provider_column_names[provider::columns] = {"id",
                                                                  "provider_name",
                                                                  "display_name",
                                                                  "description",
                                                                  "api_key_encrypted",
                                                                  "auth_scheme",
                                                                  "auth_header_template",
                                                                  "base_url",
                                                                  "endpoint_path_template",
                                                                  "http_method",
                                                                  "additional_headers",
                                                                  "request_builder_config",
                                                                  "response_extractor_config",
                                                                  "default_model",
                                                                  "supported_models",
                                                                  "model_capabilities",
                                                                  "context_window_tokens",
                                                                  "max_output_tokens_limit",
                                                                  "is_active",
                                                                  "is_enabled",
                                                                  "config_version"};

constinit row_finder provider_finder(table::providers, provider_column_names);

// By the hash of the name; the last one is the active provider's.
constexpr std::size_t places = 257;
pg::last_place last_places[places];

pg::statement all_aliases{
    "SELECT a.alias FROM llm_admin.provider_aliases a JOIN llm_admin.llm_provider_configs p "
    "ON p.provider_name OPERATOR(pg_catalog.=) a.provider_name ORDER BY a.alias LIMIT 1000",
    {}};
pg::statement lock_name{
    "SELECT 1 FROM llm_admin.llm_provider_configs p WHERE p.provider_name OPERATOR(pg_catalog.=) "
    "$1::pg_catalog.varchar FOR KEY SHARE",
    {TEXTOID}};
pg::statement shipped_alias{
    "SELECT EXISTS (SELECT FROM llm_admin.llm_provider_configs p WHERE p.provider_name::pg_catalog.text "
    "OPERATOR(pg_catalog.=) s.provider_name) FROM llm_admin.shipped_provider_aliases() s "
    "WHERE s.alias OPERATOR(pg_catalog.=) $1 AND NOT EXISTS (SELECT FROM llm_admin.provider_aliases a "
    "WHERE a.alias OPERATOR(pg_catalog.=) s.alias)",
    {TEXTOID}};
pg::statement shipped_provider{
    "SELECT 1 FROM llm_admin.shipped_providers() s WHERE s.provider_name::pg_catalog.text "
    "OPERATOR(pg_catalog.=) $1 AND NOT EXISTS (SELECT FROM llm_admin.llm_provider_configs p "
    "WHERE p.provider_name::pg_catalog.text OPERATOR(pg_catalog.=) $1)",
    {TEXTOID}};
pg::statement all_names{
    "SELECT p.provider_name::pg_catalog.text FROM llm_admin.llm_provider_configs p ORDER BY p.id LIMIT 1000",
    {}};

}  // namespace

std::optional<provider> read_provider(index by, RegProcedure equals, Datum key, pg::as_of when,
                                      std::size_t place) {
  provider row;
  row.source_ = provider_finder.find(by, equals, key, when, row.values_, row.nulls_, &last_places[place]);
  if (row.source_.tuple == nullptr) return std::nullopt;
  return row;
}

std::optional<provider> find_provider(std::string_view name, pg::as_of when) {
  const std::size_t place = std::hash<std::string_view>()(name) % (places - 1);
  return read_provider(index::providers_name, F_TEXTEQ, pg::make_text(name), when, place);
}

bool hold_provider(std::string_view name) {
  const as_owner owner;
  pg::spi sql;
  return sql.run_on_latest(lock_name, {pg::value(name)}) > 0;
}

std::optional<provider> find_active_provider(pg::as_of when) {
  return read_provider(index::providers_active, F_BOOLEQ, BoolGetDatum(true), when, places - 1);
}

std::optional<std::string> statement_for_shipped(std::string_view lower_name) {
  const std::string seed = "SELECT * FROM llm_admin.seed()";
  const as_owner owner;
  pg::spi sql;
  if (exists(table::aliases) && sql.run(shipped_alias, {pg::value(lower_name)}, true) > 0)
    return sql.first()->boolean(1) ? "SELECT * FROM llm_admin.seed_provider_aliases()" : seed;
  if (sql.run(shipped_provider, {pg::value(lower_name)}, true) > 0) return seed;
  return std::nullopt;
}

void unknown_provider(std::string_view name, bool or_alias, bool in_row) {
  std::vector<std::string> names;
  const auto read = [&](pg::statement& s) {
    const as_owner owner;
    pg::spi sql;
    sql.run(s, {}, true);
    for (std::uint64_t i = 0; i < sql.rows(); ++i) names.push_back(sql.at(i).text(1));
  };
  read(all_names);
  if (or_alias && exists(table::aliases)) read(all_aliases);
  const std::vector<std::string_view> views(names.begin(), names.end());
  std::string hint = "SELECT provider_name FROM llm_admin.list_providers()";
  const std::vector<std::string> near = nearest(name, views);
  const auto shipped = or_alias ? statement_for_shipped(ascii_lower(name)) : std::nullopt;
  if (shipped) {
    hint = *shipped;
  } else if (!near.empty()) {
    hint = "did you mean ";
    for (std::size_t i = 0; i < near.size(); ++i) hint += (i == 0 ? "" : " or ") + near[i];
    hint += "? SELECT provider_name FROM llm_admin.list_providers()";
  } else if (names.empty()) {
    hint = "SELECT * FROM llm_admin.seed()";
  }
  if (names.empty() && in_row && may_load())
    hint += "; where this row is of a dump without its SET lines: SET llm_admin.restoring = on before it";
  throw llm_admin::error(sqlstate::undefined_object,
                         "Provider " + named_or_length(name, views) + " does not exist", "", hint);
}

provider require_provider(std::optional<std::string_view> name) {
  if (name) {
    if (const std::optional<provider> row = find_named_provider(*name)) return *row;
    unknown_provider(*name);
  }
  if (const std::optional<provider> row = find_active_provider()) return *row;
  throw llm_admin::error(
      sqlstate::undefined_object, "no provider is active", "",
      "SELECT llm_admin.switch_active_provider('<provider>'), or name the provider in the call");
}

std::optional<provider_column> provider_column_named(std::string_view name) noexcept {
  const auto at = std::find(std::begin(provider_column_names), std::end(provider_column_names), name);
  if (at == std::end(provider_column_names)) return std::nullopt;
  return static_cast<provider_column>(at - std::begin(provider_column_names));
}

std::string_view provider::text(provider_column c) const {
  return is_null(c) ? std::string_view() : pg::text_of(raw(c));
}

pg::typed_datum provider::value(provider_column c) const noexcept {
  if (is_null(c)) return {0, InvalidOid};
  return {raw(c), provider_finder.type(static_cast<int>(c))};
}

std::optional<int> provider::integer(provider_column c) const {
  if (is_null(c)) return std::nullopt;
  return DatumGetInt32(raw(c));
}

bool provider::boolean(provider_column c) const { return !is_null(c) && DatumGetBool(raw(c)); }

json::node provider::jsonb(provider_column c) const {
  return is_null(c) ? json::node{} : pg::jsonb_view(raw(c));
}

}  // namespace llm_admin::store
