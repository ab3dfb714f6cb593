// install_model, deploy_model, stop_deployment, record_server_health: written with the caller's rights, but for
// the health of a server, which applications report.
#include <algorithm>
#include <array>
#include <string>

#include "core/call_options.hpp"
#include "core/error.hpp"
#include "core/given_name.hpp"
#include "models/server.hpp"
#include "pg/args.hpp"
#include "pg/entry.hpp"
#include "pg/role.hpp"
#include "pg/spi.hpp"
#include "store/owner.hpp"

using namespace llm_admin;

namespace {

constexpr std::array<std::string_view, 5> install_options = {"version", "file_path", "size_bytes",
                                                             "quantization", "metadata"};
constexpr std::array<std::string_view, 5> deploy_options = {"version", "context_length", "gpu_layers",
                                                            "batch_size", "metadata"};
constexpr std::array<std::string_view, 1> health_options = {"metadata"};
constexpr std::array<std::string_view, 6> health_states = {"healthy", "degraded", "unhealthy",
                                                           "unknown", "online",   "offline"};

// What is given changes, what is not stays.
pg::statement put_model{
    "INSERT INTO llm_admin.installed_models AS m (server_id, model_name, version, file_path, size_bytes, "
    "quantization, metadata) SELECT s.id, $2, $3, $4, $5, $6, COALESCE($7, '{}'::pg_catalog.jsonb) "
    "FROM llm_admin.model_servers s WHERE s.name OPERATOR(pg_catalog.=) $1::pg_catalog.varchar "
    "ON CONFLICT (server_id, model_name, version) DO UPDATE SET "
    "file_path = COALESCE(excluded.file_path, m.file_path), "
    "size_bytes = COALESCE(excluded.size_bytes, m.size_bytes), "
    "quantization = COALESCE(excluded.quantization, m.quantization), "
    "metadata = m.metadata OPERATOR(pg_catalog.||) excluded.metadata RETURNING m.id",
    {TEXTOID, TEXTOID, TEXTOID, TEXTOID, INT8OID, TEXTOID, JSONBOID}};
// All of that name, those of the server first.
pg::statement installed{
    "SELECT m.id, s.name::pg_catalog.text, m.version::pg_catalog.text, s.name OPERATOR(pg_catalog.=) "
    "$1::pg_catalog.varchar FROM llm_admin.installed_models m JOIN llm_admin.model_servers s "
    "ON s.id OPERATOR(pg_catalog.=) m.server_id WHERE m.model_name OPERATOR(pg_catalog.=) "
    "$2::pg_catalog.varchar AND ($3 IS NULL OR m.version OPERATOR(pg_catalog.=) $3::pg_catalog.varchar) "
    "ORDER BY s.name OPERATOR(pg_catalog.=) $1::pg_catalog.varchar DESC, s.name, m.version NULLS FIRST "
    "LIMIT 10",
    {TEXTOID, TEXTOID, TEXTOID}};
pg::statement put_deployment{
    "INSERT INTO llm_admin.model_deployments AS d (server_id, model_id, alias, context_length, gpu_layers, "
    "batch_size, metadata) SELECT m.server_id, m.id, $2, COALESCE($3, 2048), $4, $5, "
    "COALESCE($6, '{}'::pg_catalog.jsonb) FROM llm_admin.installed_models m WHERE m.id "
    "OPERATOR(pg_catalog.=) $1 ON CONFLICT (server_id, alias) DO UPDATE SET model_id = excluded.model_id, "
    "status = 'loading', context_length = COALESCE($3, d.context_length), gpu_layers = COALESCE($4, "
    "d.gpu_layers), batch_size = COALESCE($5, d.batch_size), metadata = d.metadata OPERATOR(pg_catalog.||) "
    "excluded.metadata RETURNING d.id",
    {UUIDOID, TEXTOID, INT4OID, INT4OID, INT4OID, JSONBOID}};
pg::statement stop{
    "UPDATE llm_admin.model_deployments AS d SET status = 'stopped' FROM llm_admin.model_servers s "
    "WHERE s.name OPERATOR(pg_catalog.=) $1::pg_catalog.varchar AND d.server_id OPERATOR(pg_catalog.=) s.id "
    "AND d.alias OPERATOR(pg_catalog.=) $2::pg_catalog.varchar AND d.status::pg_catalog.text "
    "OPERATOR(pg_catalog.<>) 'stopped'",
    {TEXTOID, TEXTOID}};
pg::statement aliases_of_server{
    "SELECT d.alias::pg_catalog.text FROM llm_admin.model_deployments d JOIN llm_admin.model_servers s "
    "ON s.id OPERATOR(pg_catalog.=) d.server_id WHERE s.name OPERATOR(pg_catalog.=) $1::pg_catalog.varchar "
    "ORDER BY d.alias OPERATOR(pg_catalog.=) $2::pg_catalog.varchar DESC, d.alias LIMIT 10",
    {TEXTOID, TEXTOID}};
pg::statement put_health{
    "WITH before AS (SELECT b.id, b.health_status FROM llm_admin.model_servers b WHERE b.name "
    "OPERATOR(pg_catalog.=) $1::pg_catalog.varchar FOR NO KEY UPDATE) "
    "UPDATE llm_admin.model_servers AS s SET health_status = $2, last_health_check = "
    "pg_catalog.clock_timestamp(), metadata = s.metadata OPERATOR(pg_catalog.||) COALESCE($3, "
    "'{}'::pg_catalog.jsonb) FROM before WHERE s.id OPERATOR(pg_catalog.=) before.id "
    "RETURNING before.health_status::pg_catalog.text, pg_catalog.octet_length(s.metadata::pg_catalog.text) "
    "OPERATOR(pg_catalog.>) $4",
    {TEXTOID, TEXTOID, JSONBOID, INT4OID}};

Datum uuid_result(const pg::row& row) {
  const Datum id = row.raw(1, UUIDOID);
  return pg::call([=] { return datumCopy(id, false, UUID_LEN); });
}

[[noreturn]] void suppressed(const char* what) {
  throw error(sqlstate::not_in_state, std::string(what) + " could not be stored",
              "another trigger suppressed the change");
}

// A literal for hints: of what the caller gave only where it may be told.
std::string told(std::string_view given, const char* otherwise) {
  return sql_literal(named_or_length(given) == given ? given : std::string_view(), otherwise);
}

// Where a model is not installed as it is asked for: where it is instead.
[[noreturn]] void not_installed(std::string_view server, std::string_view model, pg::spi& sql,
                                std::uint64_t count) {
  std::string where;
  for (std::uint64_t n = 0; n < count; ++n)
    where += (n == 0 ? "it is installed on " : ", ") + sql.at(n).text(2);
  throw error(
      sqlstate::undefined_object,
      "model " + quoted_or_length(model) + " is not installed on server " + std::string(server), where,
      "SELECT llm_admin.install_model(" + told(server, "'<server>'") + ", " + told(model, "'<model>'") + ")");
}

Datum model_on_server(pg::spi& sql, std::string_view server, std::string_view model,
                      std::optional<std::string_view> version) {
  const std::uint64_t count =
      sql.run_on_latest(installed, {pg::value(server), pg::value(model), pg::value(version)});
  if (count == 0 || !sql.at(0).boolean(4)) not_installed(server, model, sql, count);
  // As install_model() has it: without a version the one that has none.
  if (sql.at(0).is_null(3)) return sql.at(0).raw(1, UUIDOID);
  std::string versions;
  std::uint64_t here = 0;
  for (; here < count && sql.at(here).boolean(4); ++here)
    versions += (here == 0 ? "" : ", ") + sql.at(here).text(3);
  if (here > 1)
    throw error(sqlstate::invalid_parameter,
                "several versions of model " + quoted_or_length(model) + " are installed on server " +
                    std::string(server),
                "versions: " + versions,
                "SELECT llm_admin.deploy_model(" + told(server, "'<server>'") + ", " +
                    told(model, "'<model>'") + ", options => '{\"version\": \"<version>\"}')");
  return sql.at(0).raw(1, UUIDOID);
}

}  // namespace

LLM_ADMIN_SCALAR(llm_admin_install_model, UUIDOID)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  const std::string_view server = in.required_text(0, "server");
  const std::string_view model = in.required_text(1, "model");
  const call_options options(in.jsonb(2, pg::most::settings), install_options);
  pg::require_primary("install_model");
  models::require_server(server);
  pg::spi sql;
  if (sql.run_on_latest(
          put_model,
          {pg::value(server), pg::value(model), pg::value(options.text("version")),
           pg::value(options.text("file_path")), pg::value(options.integer("size_bytes")),
           pg::value(options.text("quantization")), models::jsonb_of(options.object("metadata"))}) != 1)
    suppressed("the model");
  return uuid_result(sql.at(0));
}

LLM_ADMIN_SCALAR(llm_admin_deploy_model, UUIDOID)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  const std::string_view server = in.required_text(0, "server");
  const std::string_view model = in.required_text(1, "model");
  const std::string_view alias = in.text(2).value_or(model);
  const call_options options(in.jsonb(3, pg::most::settings), deploy_options);
  const auto number = [&](std::string_view name) { return models::integer_of(name, options.integer(name)); };
  pg::require_primary("deploy_model");
  models::require_server(server);
  pg::spi sql;
  const Datum id = model_on_server(sql, server, model, options.text("version"));
  if (sql.run_on_latest(put_deployment, {pg::datum_value(id, UUIDOID), pg::value(alias),
                                         number("context_length"), number("gpu_layers"), number("batch_size"),
                                         models::jsonb_of(options.object("metadata"))}) != 1)
    suppressed("the deployment");
  return uuid_result(sql.at(0));
}

LLM_ADMIN_SCALAR(llm_admin_stop_deployment, BOOLOID)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  const std::string_view server = in.required_text(0, "server");
  const std::string_view alias = in.required_text(1, "alias");
  pg::require_primary("stop_deployment");
  models::require_server(server);
  pg::spi sql;
  if (sql.run_on_latest(stop, {pg::value(server), pg::value(alias)}) > 0) return BoolGetDatum(true);
  const std::uint64_t count = sql.run_on_latest(aliases_of_server, {pg::value(server), pg::value(alias)});
  std::string there;
  for (std::uint64_t n = 0; n < count; ++n) there += (n == 0 ? "there is " : ", ") + sql.at(n).text(1);
  if (count > 0 && sql.at(0).text_view(1) == alias) return BoolGetDatum(false);
  throw error(sqlstate::undefined_object,
              "nothing is deployed as " + quoted_or_length(alias) + " on server " + std::string(server),
              there,
              "SELECT llm_admin.deploy_model(" + told(server, "'<server>'") + ", '<model>', '<alias>')");
}

LLM_ADMIN_SCALAR(llm_admin_record_server_health, TEXTOID)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  const std::string_view server = in.required_text(0, "server");
  const std::string_view status = in.required_text(1, "status");
  const call_options options(in.jsonb(2, pg::most::settings), health_options);
  if (std::find(health_states.begin(), health_states.end(), status) == health_states.end())
    throw error(sqlstate::invalid_parameter,
                "status must be one of healthy, degraded, unhealthy, unknown, online, offline",
                named_or_length(status, health_states) + " is none of them",
                "SELECT llm_admin.record_server_health(" + told(server, "'<server>'") + ", 'healthy')");
  pg::require_primary("record_server_health");
  models::require_server(server);
  const store::as_owner owner;
  pg::spi sql;
  if (sql.run_on_latest(put_health,
                        {pg::value(server), pg::value(status), models::jsonb_of(options.object("metadata")),
                         pg::value(static_cast<int>(pg::most::settings))}) != 1)
    suppressed("the server's health");
  // Applications report, each a bit; what they add up to stays within what one may give.
  if (sql.at(0).boolean(2))
    throw error(
        sqlstate::program_limit, "the metadata of server " + std::string(server) + " would be too long",
        "reports add members to it, and take none away",
        "UPDATE llm_admin.model_servers SET metadata = '{}' WHERE name = " + told(server, "'<server>'"));
  return pg::make_text(sql.at(0).text_view(1));
}
