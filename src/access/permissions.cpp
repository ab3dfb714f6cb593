// grant_model, revoke_model: explicit permissions of users, roles, tiers and agents, written with the caller's
// rights.
#include <algorithm>
#include <array>
#include <string>

#include "core/call_options.hpp"
#include "core/error.hpp"
#include "core/given_name.hpp"
#include "core/glob.hpp"
#include "core/similar.hpp"
#include "core/text.hpp"
#include "pg/args.hpp"
#include "pg/entry.hpp"
#include "pg/result.hpp"
#include "pg/role.hpp"
#include "pg/spi.hpp"
#include "store/access.hpp"
#include "store/entered_tenant.hpp"
#include "store/model_name.hpp"
#include "store/tenant.hpp"

using namespace llm_admin;

namespace {

constexpr std::array<std::string_view, 4> access_types = {"user", "role", "tier", "agent"};
constexpr std::array<std::string_view, 4> grant_options = {"allowed", "provider", "tenant_id", "created_by"};
constexpr std::array<std::string_view, 2> revoke_options = {"provider", "tenant_id"};
constexpr std::size_t longest_value = 255;

pg::statement put_permission{
    "INSERT INTO llm_admin.model_permissions AS p (model_id, access_type, access_value, allowed, created_by) "
    "VALUES ($1, $2, $3, $4, COALESCE($5, CURRENT_USER::pg_catalog.text)) "
    "ON CONFLICT (model_id, access_type, access_value) DO UPDATE SET allowed = excluded.allowed, "
    "created_by = excluded.created_by WHERE p.allowed OPERATOR(pg_catalog.<>) excluded.allowed "
    "RETURNING p.id, p.xmax::pg_catalog.text OPERATOR(pg_catalog.=) '0'",
    {TEXTOID, TEXTOID, TEXTOID, BOOLOID, TEXTOID}};
pg::statement find_permission_row{
    "SELECT p.id FROM llm_admin.model_permissions p WHERE p.model_id OPERATOR(pg_catalog.=) "
    "$1::pg_catalog.varchar AND p.access_type OPERATOR(pg_catalog.=) $2::pg_catalog.varchar "
    "AND p.access_value OPERATOR(pg_catalog.=) $3::pg_catalog.varchar",
    {TEXTOID, TEXTOID, TEXTOID}};
pg::statement delete_permission{
    "DELETE FROM llm_admin.model_permissions AS p WHERE p.model_id OPERATOR(pg_catalog.=) "
    "$1::pg_catalog.varchar AND p.access_type OPERATOR(pg_catalog.=) $2::pg_catalog.varchar "
    "AND p.access_value OPERATOR(pg_catalog.=) $3::pg_catalog.varchar",
    {TEXTOID, TEXTOID, TEXTOID}};

// Whose permission for which model.
struct permission_key {
  std::string type, value, model;
};

// A value without a tenant is as it is filed, so 'tenant/user' for a tenant's. Within an entered tenant users are
// that tenant's and no other's.
std::string filed_under(std::string_view value, std::optional<std::string_view> tenant) {
  if (tenant) return store::user_value(*tenant, value);
  const auto entered = store::entered_tenant();
  if (!entered || value.starts_with(store::user_value(*entered, {}))) return std::string(value);
  return store::user_value(*entered, value);
}

permission_key key_of(const pg::args& in, const call_options& options) {
  permission_key key;
  const std::string_view type = in.required_text(0, "access_type");
  if (std::find(access_types.begin(), access_types.end(), type) == access_types.end())
    throw error(sqlstate::invalid_parameter, "access_type must be one of user, role, tier, agent",
                named_or_length(type, access_types) + " is none of them",
                "SELECT * FROM llm_admin.grant_model('user', '<user>', '<vendor>/<model>')");
  key.type = type;
  const std::string_view value = in.required_text(1, "access_value");
  const auto tenant = options.text("tenant_id");
  if (tenant && type != "user")
    throw error(sqlstate::invalid_parameter, "option tenant_id goes with access_type user",
                "only users belong to a tenant: their permissions are filed under tenant/user");
  if (tenant) {
    store::require_tenant_id(*tenant);
    store::require_entered(*tenant);
  }
  key.value = type == "user" ? filed_under(value, tenant) : std::string(value);
  if (value.empty() || characters_in(key.value) > longest_value)
    throw error(sqlstate::invalid_parameter, "access_value has 1 to 255 characters");
  const std::string_view model = in.required_text(2, "model");
  key.model = store::canonical_model(options.text("provider").value_or(std::string_view()), model).canonical;
  if (!is_literal_glob(key.model))
    throw error(
        sqlstate::invalid_parameter, "a permission is for one model, not for a pattern",
        "patterns stand in the rules of tiers",
        "INSERT INTO llm_admin.tier_model_rules (tier_code, model_pattern, allowed) VALUES ('<tier>', "
        "'<pattern>', true)");
  if (characters_in(key.model) > longest_value)
    throw error(sqlstate::invalid_parameter, "the canonical name of the model is longer than 255 characters");
  return key;
}

}  // namespace

LLM_ADMIN_FUNCTION(llm_admin_grant_model)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  const call_options options(in.jsonb(3, pg::most::settings), grant_options);
  const permission_key key = key_of(in, options);
  const bool allowed = !options.is_given("allowed") || options.boolean("allowed");
  pg::require_primary("grant_model");
  if (key.type == "tier") store::require_tier(key.value);
  pg::spi sql;
  const char* outcome = "already there";
  pg::typed_datum id{0, InvalidOid};
  if (sql.run_on_latest(put_permission, {pg::value(key.model), pg::value(key.type), pg::value(key.value),
                                         pg::value(allowed), pg::value(options.text("created_by"))}) > 0) {
    outcome = sql.at(0).boolean(2) ? "added" : "changed";
    id = sql.at(0).value(1);
  } else if (sql.run_on_latest(find_permission_row,
                               {pg::value(key.model), pg::value(key.type), pg::value(key.value)}) > 0) {
    id = sql.at(0).value(1);
  }
  pg::row_builder row;
  row.add(id).add_text(key.model).add_boolean(allowed).add_text(outcome);
  return pg::make_row(fcinfo, row);
}

LLM_ADMIN_SCALAR(llm_admin_revoke_model, BOOLOID)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  const call_options options(in.jsonb(3, pg::most::settings), revoke_options);
  const permission_key key = key_of(in, options);
  pg::require_primary("revoke_model");
  pg::spi sql;
  return BoolGetDatum(sql.run_on_latest(delete_permission, {pg::value(key.model), pg::value(key.type),
                                                            pg::value(key.value)}) > 0);
}
