#include "gateways/kinds.hpp"

#include "core/json/view.hpp"
#include "store/row_text.hpp"

namespace llm_admin::gateways {

namespace {

pg::statement list_provider{
    "SELECT t.* FROM llm_admin.llm_provider_configs t WHERE $1 IS NULL OR true ORDER BY t.id", {TEXTOID}};
pg::statement find_provider{
    "SELECT t.* FROM llm_admin.llm_provider_configs t WHERE t.id OPERATOR(pg_catalog.=) $1::pg_catalog.int4",
    {TEXTOID}};
pg::statement list_provider_alias{
    "SELECT t.* FROM llm_admin.provider_aliases t WHERE $1 IS NULL OR true ORDER BY t.alias", {TEXTOID}};
pg::statement find_provider_alias{
    "SELECT t.* FROM llm_admin.provider_aliases t WHERE t.alias OPERATOR(pg_catalog.=) $1", {TEXTOID}};
pg::statement list_account{"SELECT t.* FROM llm_admin.llm_providers t WHERE $1 IS NULL OR true ORDER BY t.id",
                           {TEXTOID}};
pg::statement find_account{
    "SELECT t.* FROM llm_admin.llm_providers t WHERE t.id OPERATOR(pg_catalog.=) $1::pg_catalog.uuid",
    {TEXTOID}};
pg::statement list_model_server{
    "SELECT t.* FROM llm_admin.model_servers t WHERE $1 IS NULL OR true ORDER BY t.id", {TEXTOID}};
pg::statement find_model_server{
    "SELECT t.* FROM llm_admin.model_servers t WHERE t.id OPERATOR(pg_catalog.=) $1::pg_catalog.uuid",
    {TEXTOID}};
pg::statement list_installed_model{
    "SELECT t.* FROM llm_admin.installed_models t WHERE $1 IS NULL OR true ORDER BY t.id", {TEXTOID}};
pg::statement find_installed_model{
    "SELECT t.* FROM llm_admin.installed_models t WHERE t.id OPERATOR(pg_catalog.=) $1::pg_catalog.uuid",
    {TEXTOID}};
pg::statement list_deployment{
    "SELECT t.* FROM llm_admin.model_deployments t WHERE $1 IS NULL OR true ORDER BY t.id", {TEXTOID}};
pg::statement find_deployment{
    "SELECT t.* FROM llm_admin.model_deployments t WHERE t.id OPERATOR(pg_catalog.=) $1::pg_catalog.uuid",
    {TEXTOID}};
pg::statement list_model_alias{
    "SELECT t.* FROM llm_admin.model_aliases t WHERE $1 IS NULL OR true ORDER BY t.provider, t.pattern",
    {TEXTOID}};
pg::statement find_model_alias{
    "SELECT t.* FROM llm_admin.model_aliases t "
    "WHERE (t.provider OPERATOR(pg_catalog.||) '/' OPERATOR(pg_catalog.||) t.pattern) OPERATOR(pg_catalog.=) "
    "$1",
    {TEXTOID}};
pg::statement list_price{
    "SELECT t.* FROM llm_admin.model_pricing t WHERE $1 IS NULL OR true ORDER BY t.model_id", {TEXTOID}};
pg::statement find_price{
    "SELECT t.* FROM llm_admin.model_pricing t WHERE t.model_id OPERATOR(pg_catalog.=) $1", {TEXTOID}};
pg::statement list_exchange_rate{
    "SELECT t.* FROM llm_admin.exchange_rates t WHERE $1 IS NULL OR true ORDER BY t.currency, t.valid_from",
    {TEXTOID}};
pg::statement find_exchange_rate{
    "SELECT t.* FROM llm_admin.exchange_rates t WHERE t.currency OPERATOR(pg_catalog.=) "
    "pg_catalog.split_part($1, '/', 1) "
    "AND t.valid_from OPERATOR(pg_catalog.=) pg_catalog.split_part($1, '/', 2)::pg_catalog.timestamptz",
    {TEXTOID}};
pg::statement list_tier{"SELECT t.* FROM llm_admin.tiers t WHERE $1 IS NULL OR true ORDER BY t.id",
                        {TEXTOID}};
pg::statement find_tier{
    "SELECT t.* FROM llm_admin.tiers t WHERE t.id OPERATOR(pg_catalog.=) $1::pg_catalog.uuid", {TEXTOID}};
pg::statement list_tier_rule{
    "SELECT t.* FROM llm_admin.tier_model_rules t WHERE $1 IS NULL OR true ORDER BY t.id", {TEXTOID}};
pg::statement find_tier_rule{
    "SELECT t.* FROM llm_admin.tier_model_rules t WHERE t.id OPERATOR(pg_catalog.=) $1::pg_catalog.uuid",
    {TEXTOID}};
pg::statement list_permission{
    "SELECT t.* FROM llm_admin.model_permissions t WHERE $1 IS NULL OR true ORDER BY t.id", {TEXTOID}};
pg::statement find_permission{
    "SELECT t.* FROM llm_admin.model_permissions t WHERE t.id OPERATOR(pg_catalog.=) $1::pg_catalog.uuid",
    {TEXTOID}};
pg::statement list_tenant_config{
    "SELECT t.* FROM llm_admin.llm_configs t WHERE $1 IS NULL OR t.tenant_id OPERATOR(pg_catalog.=) ANY "
    "(ARRAY['', $1]) ORDER BY t.id",
    {TEXTOID}};
pg::statement find_tenant_config{
    "SELECT t.* FROM llm_admin.llm_configs t WHERE t.id OPERATOR(pg_catalog.=) $1", {TEXTOID}};
pg::statement list_limit{"SELECT t.* FROM llm_admin.limits t WHERE $1 IS NULL OR true ORDER BY t.id",
                         {TEXTOID}};
pg::statement find_limit{
    "SELECT t.* FROM llm_admin.limits t WHERE t.id OPERATOR(pg_catalog.=) $1::pg_catalog.uuid", {TEXTOID}};
pg::statement list_limit_override{
    "SELECT t.* FROM llm_admin.limit_overrides t WHERE $1 IS NULL OR true ORDER BY t.id", {TEXTOID}};
pg::statement find_limit_override{
    "SELECT t.* FROM llm_admin.limit_overrides t WHERE t.id OPERATOR(pg_catalog.=) $1::pg_catalog.uuid",
    {TEXTOID}};
pg::statement list_access_key{
    "SELECT t.* FROM llm_admin.access_keys t WHERE $1 IS NULL OR t.tenant_id OPERATOR(pg_catalog.=) ANY "
    "(ARRAY['', $1]) "
    "ORDER BY t.id",
    {TEXTOID}};
pg::statement find_access_key{
    "SELECT t.* FROM llm_admin.access_keys t WHERE t.id OPERATOR(pg_catalog.=) $1::pg_catalog.uuid",
    {TEXTOID}};

constexpr config_kind kinds[] = {
    {"provider", "llm_provider_configs", visible::everybody, {"id", nullptr}, &list_provider, &find_provider},
    {"provider_alias",
     "provider_aliases",
     visible::everybody,
     {"alias", nullptr},
     &list_provider_alias,
     &find_provider_alias},
    {"account", "llm_providers", visible::everybody, {"id", nullptr}, &list_account, &find_account},
    {"model_server",
     "model_servers",
     visible::everybody,
     {"id", nullptr},
     &list_model_server,
     &find_model_server},
    {"installed_model",
     "installed_models",
     visible::everybody,
     {"id", nullptr},
     &list_installed_model,
     &find_installed_model},
    {"deployment",
     "model_deployments",
     visible::everybody,
     {"id", nullptr},
     &list_deployment,
     &find_deployment},
    {"model_alias",
     "model_aliases",
     visible::everybody,
     {"provider", "pattern"},
     &list_model_alias,
     &find_model_alias},
    {"price", "model_pricing", visible::everybody, {"model_id", nullptr}, &list_price, &find_price},
    {"exchange_rate",
     "exchange_rates",
     visible::everybody,
     {"currency", "valid_from"},
     &list_exchange_rate,
     &find_exchange_rate},
    {"tier", "tiers", visible::everybody, {"id", nullptr}, &list_tier, &find_tier},
    {"tier_rule", "tier_model_rules", visible::everybody, {"id", nullptr}, &list_tier_rule, &find_tier_rule},
    {"permission",
     "model_permissions",
     visible::overseers,
     {"id", nullptr},
     &list_permission,
     &find_permission},
    {"tenant_config",
     "llm_configs",
     visible::tenant,
     {"id", nullptr},
     &list_tenant_config,
     &find_tenant_config},
    {"access_key", "access_keys", visible::tenant, {"id", nullptr}, &list_access_key, &find_access_key},
    {"limit", "limits", visible::tenant_glob, {"id", nullptr}, &list_limit, &find_limit},
    {"limit_override",
     "limit_overrides",
     visible::overseers,
     {"id", nullptr},
     &list_limit_override,
     &find_limit_override},
};

}  // namespace

std::span<const config_kind> config_kinds() noexcept { return kinds; }

const config_kind* kind_of_table(std::string_view table) noexcept {
  for (const config_kind& one : kinds)
    if (table == one.table) return &one;
  return nullptr;
}

const config_kind* kind_named(std::string_view name) noexcept {
  for (const config_kind& one : kinds)
    if (name == one.name) return &one;
  return nullptr;
}

std::string id_of(const config_kind& kind, const pg::tuple_image& row) {
  char room[512];
  json::tree tree(room);
  std::string id;
  for (const char* column : kind.key) {
    if (column == nullptr) break;
    const json::node value = json::view(audit::column_value(tree, row, row.column(column)));
    if (column != kind.key[0]) id += '/';
    id += value.is_number() ? value.number_text() : value.text();
  }
  return id;
}

std::string_view tenant_of(const config_kind& kind, const pg::tuple_image& row) {
  const bool has_tenant = kind.to == visible::tenant || kind.to == visible::tenant_glob;
  return has_tenant ? row.text("tenant_id") : std::string_view();
}

}  // namespace llm_admin::gateways
