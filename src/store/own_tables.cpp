#include "store/own_tables.hpp"

#include <iterator>

#include "store/own_columns_access_keys.hpp"
#include "store/own_columns_audit.hpp"
#include "store/own_columns_calls.hpp"
#include "store/own_columns_config.hpp"
#include "store/own_columns_limits.hpp"
#include "store/own_columns_models.hpp"
#include "store/own_columns_prices.hpp"
#include "store/own_columns_usage.hpp"

namespace llm_admin::store {

namespace {

constexpr own_column providers[] = {
    {"id", INT4OID, "integer"},
    {"provider_name", VARCHAROID, "varchar(100) COLLATE \"C\""},
    {"display_name", VARCHAROID, "varchar(255)"},
    {"description", TEXTOID, "text"},
    {"api_key_encrypted", TEXTOID, "text"},
    {"auth_scheme", VARCHAROID, "varchar(50) NOT NULL DEFAULT 'bearer'"},
    {"auth_header_template", TEXTOID, "text"},
    {"base_url", TEXTOID, "text"},
    {"endpoint_path_template", TEXTOID, "text"},
    {"http_method", VARCHAROID, "varchar(10) NOT NULL DEFAULT 'POST'"},
    {"additional_headers", JSONBOID, "jsonb"},
    {"request_builder_config", JSONBOID, "jsonb"},
    {"response_extractor_config", JSONBOID, "jsonb"},
    {"default_model", VARCHAROID, "varchar(255)"},
    {"supported_models", JSONBOID, "jsonb"},
    {"model_capabilities", JSONBOID, "jsonb"},
    {"context_window_tokens", INT4OID, "integer"},
    {"max_output_tokens_limit", INT4OID, "integer"},
    {"is_active", BOOLOID, "boolean NOT NULL DEFAULT false"},
    {"is_enabled", BOOLOID, "boolean NOT NULL DEFAULT true"},
    {"config_version", INT4OID, "integer NOT NULL DEFAULT 1"},
    {"created_at", TIMESTAMPTZOID, "timestamptz DEFAULT now()"},
    {"updated_at", TIMESTAMPTZOID, "timestamptz DEFAULT now()"},
    {"updated_by", VARCHAROID, "varchar(255)"},
};

constexpr own_column history[] = {
    {"id", UUIDOID, "uuid NOT NULL DEFAULT gen_random_uuid()"},
    {"provider_id", INT4OID, "integer"},
    {"provider_name", VARCHAROID, "varchar(100) COLLATE \"C\""},
    {"action", VARCHAROID, "varchar(50)"},
    {"config_snapshot", JSONBOID, "jsonb"},
    {"changed_by", VARCHAROID, "varchar(255)"},
    {"changed_at", TIMESTAMPTZOID, "timestamptz NOT NULL DEFAULT clock_timestamp()"},
    {"config_version", INT4OID, "integer"},
    {"session_user_name", TEXTOID, "text"},
    {"current_user_name", TEXTOID, "text"},
};

constexpr own_column tests[] = {
    {"provider_name", VARCHAROID, "varchar(100) COLLATE \"C\""},
    {"tested_at", TIMESTAMPTZOID, "timestamptz"},
    {"result", TEXTOID, "text"},
    {"latency_ms", INT4OID, "integer"},
};

constexpr own_column root_keys[] = {
    {"root_id", INT4OID, "integer"},
    {"check_value", TEXTOID, "text"},
    {"is_active", BOOLOID, "boolean NOT NULL DEFAULT false"},
    {"first_used_at", TIMESTAMPTZOID, "timestamptz NOT NULL DEFAULT now()"},
};

constexpr own_column data_keys[] = {
    {"key_id", UUIDOID, "uuid"},
    {"tenant_id", TEXTOID, "text"},
    {"version", INT4OID, "integer"},
    {"root_id", INT4OID, "integer"},
    {"wrapped_key", BYTEAOID, "bytea"},
    {"check_value", TEXTOID, "text"},
    {"first_use_block", INT8OID, "bigint"},
    {"created_at", TIMESTAMPTZOID, "timestamptz NOT NULL DEFAULT now()"},
    {"uses", INT8OID, "bigint NOT NULL DEFAULT 0", "0.4"},
};

constexpr own_column tenants[] = {
    {"id", TEXTOID, "text COLLATE \"C\" NOT NULL DEFAULT gen_random_uuid()::text"},
    {"tenant_id", TEXTOID, "text COLLATE \"C\""},
    {"provider", TEXTOID, "text NOT NULL DEFAULT 'openrouter'"},
    {"api_key_encrypted", TEXTOID, "text NOT NULL DEFAULT ''"},
    {"base_url", TEXTOID, "text"},
    {"default_model", TEXTOID, "text"},
    {"policy", TEXTOID, "text NOT NULL DEFAULT 'choice'"},
    {"last_tested_at", TIMESTAMPTZOID, "timestamptz(3)"},
    {"last_test_result", TEXTOID, "text"},
    {"last_test_latency", INT4OID, "integer"},
    {"created_at", TIMESTAMPTZOID, "timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP"},
    {"updated_at", TIMESTAMPTZOID, "timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP"},
};

constexpr own_column aliases[] = {
    {"alias", TEXTOID, "text COLLATE \"C\""},
    {"provider_name", VARCHAROID, "varchar(100) COLLATE \"C\""},
    {"public", BOOLOID, "boolean", "0.6"},
};

constexpr own_column grants[] = {
    {"role_name", TEXTOID, "text"},
    {"level", TEXTOID, "text"},
    {"granted_at", TIMESTAMPTZOID, "timestamptz NOT NULL DEFAULT now()"},
    {"granted_by", TEXTOID, "text"},
    {"rights", TEXTARRAYOID, "text[]", "0.4"},
    {"role_oid", OIDOID, "oid", "0.4"},
};

constexpr own_column ledger[] = {
    {"id", UUIDOID, "uuid NOT NULL DEFAULT gen_random_uuid()"},
    {"version", TEXTOID, "text"},
    {"name", TEXTOID, "text"},
    {"direction", TEXTOID, "text"},
    {"applied_at", TIMESTAMPTZOID, "timestamptz NOT NULL DEFAULT now()"},
    {"checksum", TEXTOID, "text"},
    {"execution_time_ms", INT8OID, "bigint"},
    {"applied_by", TEXTOID, "text"},
    {"fingerprint", TEXTOID, "text"},
};

template <int N>
constexpr own_table made(const char* name, const char* since, const char* telling, const own_column (&of)[N],
                         char kind = RELKIND_RELATION) {
  return {name, since, telling, of, N, kind};
}

constexpr own_table own_tables[] = {
    made("llm_provider_configs", "0.1", "request_builder_config", providers),
    made("llm_provider_config_history", "0.1", "config_snapshot", history),
    made("provider_tests", "0.1", "latency_ms", tests),
    made("root_keys", "0.1", "first_used_at", root_keys),
    made("data_keys", "0.1", "wrapped_key", data_keys),
    made("llm_configs", "0.3", "last_test_latency", tenants),
    made("provider_aliases", "0.3", "alias", aliases),
    made("llm_providers", "0.6", "created_by", accounts),
    made("account_state", "0.6", "consecutive_failures", account_states),
    made("model_servers", "0.6", "last_health_check", servers),
    made("installed_models", "0.6", "quantization", installed_models),
    made("model_deployments", "0.6", "vram_usage_mb", deployments),
    made("cache_versions", "0.6", "subject", cache_versions),
    made("tiers", "0.6", "quota_scope", tiers),
    made("user_tiers", "0.6", "valid_until", user_tiers),
    made("tier_model_rules", "0.6", "model_pattern", tier_rules),
    made("model_permissions", "0.6", "access_type", permissions),
    made("model_aliases", "0.6", "canonical", model_aliases),
    made("model_pricing", "0.6", "input_price_per_1k", model_pricing),
    made("model_price_history", "0.6", "valid_from", price_history),
    made("exchange_rates", "0.6", "usd", exchange_rates),
    made("audit_log", "0.6", "leaf", audit_log, RELKIND_PARTITIONED_TABLE),
    made("audit_payloads", "0.6", "salt", audit_payloads, RELKIND_PARTITIONED_TABLE),
    made("provider_history_leaves", "0.6", "history_id", history_leaves),
    made("access_grants", "0.1", "granted_by", grants),
    made("schema_migrations", "0.1", "fingerprint", ledger),
    made("llm_usage_logs", "0.6", "parent_call_id", usage_columns::usage_log, RELKIND_PARTITIONED_TABLE),
    made("usage_requests", "0.6", "fingerprint", usage_columns::usage_requests),
    made("job_usage", "0.6", "job_id", usage_columns::job_usage),
    made("daily_cost_summary", "0.6", "byollm_requests", usage_columns::daily_cost),
    made("usage_daily_tags", "0.6", "tag", usage_columns::daily_tags),
    made("frontiers", "0.6", "kept_since", usage_columns::frontiers),
    made("frontier_gaps", "0.6", "closes_at", usage_columns::frontier_gaps),
    made("access_keys", "0.7", "previous_until", access_keys),
    made("limits", "0.7", "alert_shares", limit_columns::limits),
    made("limit_overrides", "0.7", "extra", limit_columns::overrides),
    made("limit_events", "0.7", "at", limit_columns::events),
    made("limit_counters", "0.7", "slot", limit_columns::counters),
    made("quota_tickets", "0.7", "reservations", limit_columns::tickets),
    made("llm_calls", "0.7", "input_estimate", call_columns::calls),
    made("sender_tickets", "0.7", "ticket_hash", call_columns::tickets),
    made("config_changes", "0.7", "number", config_changes),
};

constexpr own_index own_indexes[] = {
    {"llm_provider_configs_provider_name_key", "llm_provider_configs", "provider_name", VARCHAROID, 1, false,
     "ALTER TABLE llm_admin.llm_provider_configs ADD CONSTRAINT llm_provider_configs_provider_name_key "
     "UNIQUE (provider_name)"},
    {"llm_provider_configs_one_active", "llm_provider_configs", "is_active", BOOLOID, 1, true,
     "CREATE UNIQUE INDEX llm_provider_configs_one_active ON llm_admin.llm_provider_configs (is_active) "
     "WHERE is_active"},
    {"data_keys_pkey", "data_keys", "key_id", UUIDOID, 1, false,
     "ALTER TABLE llm_admin.data_keys ADD CONSTRAINT data_keys_pkey PRIMARY KEY (key_id)"},
    {"llm_configs_tenant_id_key", "llm_configs", "tenant_id", TEXTOID, 1, false,
     "ALTER TABLE llm_admin.llm_configs ADD CONSTRAINT llm_configs_tenant_id_key UNIQUE (tenant_id)"},
    {"provider_aliases_pkey", "provider_aliases", "alias", TEXTOID, 1, false,
     "ALTER TABLE llm_admin.provider_aliases ADD CONSTRAINT provider_aliases_pkey PRIMARY KEY (alias)"},
    {"provider_tests_pkey", "provider_tests", "provider_name", VARCHAROID, 1, false,
     "ALTER TABLE llm_admin.provider_tests ADD CONSTRAINT provider_tests_pkey PRIMARY KEY (provider_name)"},
    {"cache_versions_pkey", "cache_versions", "subject", TEXTOID, 1, false,
     "ALTER TABLE llm_admin.cache_versions ADD CONSTRAINT cache_versions_pkey PRIMARY KEY (subject)"},
    {"access_grants_pkey", "access_grants", "role_name", TEXTOID, 2, false,
     "ALTER TABLE llm_admin.access_grants ADD CONSTRAINT access_grants_pkey PRIMARY KEY (role_name, level)"},
    {"daily_cost_summary_pkey", "daily_cost_summary", "date", DATEOID, 5, false,
     "ALTER TABLE llm_admin.daily_cost_summary ADD CONSTRAINT daily_cost_summary_pkey "
     "PRIMARY KEY (date, tenant_id, user_id, provider, model_id)"},
    {"usage_daily_tags_pkey", "usage_daily_tags", "date", DATEOID, 4, false,
     "ALTER TABLE llm_admin.usage_daily_tags ADD CONSTRAINT usage_daily_tags_pkey "
     "PRIMARY KEY (date, tenant_id, tag, value)"},
    {"usage_requests_pkey", "usage_requests", "tenant_id", TEXTOID, 2, false,
     "ALTER TABLE llm_admin.usage_requests ADD CONSTRAINT usage_requests_pkey "
     "PRIMARY KEY (tenant_id, request_id)"},
    {"frontiers_pkey", "frontiers", "name", TEXTOID, 1, false,
     "ALTER TABLE llm_admin.frontiers ADD CONSTRAINT frontiers_pkey "
     "PRIMARY KEY (name)"},
    {"model_permissions_model_id_access_type_access_value_key", "model_permissions", "model_id", VARCHAROID,
     3, false,
     "ALTER TABLE llm_admin.model_permissions ADD CONSTRAINT "
     "model_permissions_model_id_access_type_access_value_key "
     "UNIQUE (model_id, access_type, access_value)"},
    {"installed_models_server_id_model_name_version_key", "installed_models", "server_id", UUIDOID, 3, false,
     "ALTER TABLE llm_admin.installed_models ADD CONSTRAINT "
     "installed_models_server_id_model_name_version_key "
     "UNIQUE NULLS NOT DISTINCT (server_id, model_name, version)"},
    {"model_deployments_server_id_alias_key", "model_deployments", "server_id", UUIDOID, 2, false,
     "ALTER TABLE llm_admin.model_deployments ADD CONSTRAINT model_deployments_server_id_alias_key "
     "UNIQUE (server_id, alias)"},
    {"model_pricing_pkey", "model_pricing", "model_id", VARCHAROID, 1, false,
     "ALTER TABLE llm_admin.model_pricing ADD CONSTRAINT model_pricing_pkey "
     "PRIMARY KEY (model_id)"},
    {"model_price_history_pkey", "model_price_history", "model_id", VARCHAROID, 2, false,
     "ALTER TABLE llm_admin.model_price_history ADD CONSTRAINT model_price_history_pkey "
     "PRIMARY KEY (model_id, valid_from)"},
    {"access_keys_pkey", "access_keys", "id", UUIDOID, 1, false,
     "ALTER TABLE llm_admin.access_keys ADD CONSTRAINT access_keys_pkey PRIMARY KEY (id)"},
    {"access_keys_key_hash_key", "access_keys", "key_hash", BYTEAOID, 1, false,
     "ALTER TABLE llm_admin.access_keys ADD CONSTRAINT access_keys_key_hash_key UNIQUE (key_hash)"},
    {"access_keys_previous_hash_key", "access_keys", "previous_hash", BYTEAOID, 1, false,
     "ALTER TABLE llm_admin.access_keys ADD CONSTRAINT access_keys_previous_hash_key UNIQUE (previous_hash)"},
    {"account_state_pkey", "account_state", "subject", TEXTOID, 3, false,
     "ALTER TABLE llm_admin.account_state ADD CONSTRAINT account_state_pkey PRIMARY KEY (subject, tenant_id, "
     "model)"},
    {"llm_calls_pkey", "llm_calls", "call_id", UUIDOID, 1, false,
     "ALTER TABLE llm_admin.llm_calls ADD CONSTRAINT llm_calls_pkey PRIMARY KEY (call_id)"},
    {"limit_counters_pkey", "limit_counters", "limit_id", UUIDOID, 4, false,
     "ALTER TABLE llm_admin.limit_counters ADD CONSTRAINT limit_counters_pkey "
     "PRIMARY KEY (limit_id, tenant_id, subject, slot)"},
    {"limit_events_pkey", "limit_events", "limit_id", UUIDOID, 5, false,
     "ALTER TABLE llm_admin.limit_events ADD CONSTRAINT limit_events_pkey "
     "PRIMARY KEY (limit_id, tenant_id, subject, window_start, share)"},
};

template <class T, std::size_t N>
const T* find(const T (&all)[N], std::string_view name) {
  for (const T& one : all)
    if (one.name == name) return &one;
  return nullptr;
}

}  // namespace

const own_table* find_own_table(std::string_view name) { return find(own_tables, name); }
const own_index* find_own_index(std::string_view name) { return find(own_indexes, name); }

const own_table* first_own_table() noexcept { return std::begin(own_tables); }
const own_table* next_own_table(const own_table* after) noexcept {
  return after + 1 == std::end(own_tables) ? nullptr : after + 1;
}
const own_index* first_own_index() noexcept { return std::begin(own_indexes); }
const own_index* next_own_index(const own_index* after) noexcept {
  return after + 1 == std::end(own_indexes) ? nullptr : after + 1;
}

char find_own_relation(std::string_view name) {
  for (const char* sequence :
       {"key_use_blocks", "llm_provider_configs_id_seq", "model_price_history_price_id_seq",
        "audit_log_id_seq", "llm_usage_logs_id_seq"})
    if (name == sequence) return RELKIND_SEQUENCE;
  for (const char* view : {"provider_settings", "provider_health", "deployment_status", "audit_trail",
                           "usage_by_day", "cost_by_model", "cost_by_user", "table_sizes", "budgets"})
    if (name == view) return RELKIND_VIEW;
  return '\0';
}

const own_column* find_own_column(const own_table& table, std::string_view name) {
  for (int i = 0; i < table.count; ++i)
    if (table.columns[i].name == name) return &table.columns[i];
  return nullptr;
}

}  // namespace llm_admin::store
