#include "core/access_list.hpp"

namespace llm_admin::roles {

namespace {

constexpr function_right functions[] = {
    // providers
    {"get_active_provider", app | operations | auditor},
    {"get_provider", app | operations | auditor},
    {"list_providers", app | operations | auditor},
    {"provider_history", operations | auditor},
    {"provider_named", app | operations | auditor},
    {"record_provider_test", app | operations},
    {"validate_config", app | operations},
    {"config_problems", app | operations},
    {"validate_request_builder_config", operations},
    {"validate_response_extractor_config", operations},
    {"switch_active_provider", operations},
    {"create_provider", operations},
    {"import_admin_settings", operations},
    {"remove_seed_providers", operations},
    {"purge_provider", operations},
    {"seed", operations},
    {"seed_providers", operations},
    {"seed_provider_aliases", operations},
    {"shipped_providers", operations},  // seed_providers and its like run as their caller
    {"shipped_provider_aliases", operations},
    {"shipped_dialects", operations},
    {"require_primary", operations},
    // mapping; with_key asks for EXECUTE on decrypt_provider_key besides
    {"build_request", app | operations},
    {"build_operation", app | operations},
    {"explain_request", app | operations},
    {"extract_response", app | operations},
    {"extract_stream", app | operations},
    {"extract_operation", app | operations},
    {"build_request_text", app | operations},
    {"read_answer", app | operations},
    {"read_operation", app | operations},
    {"stream_deltas", app | operations},
    {"mapping_cache_stats", every_level},
    // tenants; RLS binds direct statements to the entered tenant
    {"enter_tenant", app | operations},
    {"entered_tenant", every_level},  // the policy asks it with the caller's rights
    {"get_llm_config", app | operations},
    {"put_llm_config", app | operations},
    {"delete_llm_config", app | operations},
    {"record_llm_test", app | operations},
    {"resolve_llm", app | operations},
    {"build_tenant_request", app | operations},
    {"decrypt_tenant_key", app},
    {"list_llm_configs", operations | security | auditor},
    {"verify_llm_configs", operations},
    // keys
    {"mask_key", every_level},
    {"decrypt_provider_key", app},
    {"encrypt_key", operations},
    {"set_provider_key", operations},
    {"key_fingerprint", operations | auditor},
    {"import_pgcrypto_key", operations},
    {"adopt_pgcrypto_keys", operations},
    {"key_status", security | auditor},
    {"verify_keys", security},
    {"rotate_root_key", security},
    {"rotate_data_key", security},
    {"reseal_keys", security},
    {"shred_tenant_keys", security},
    {"new_installation", security},
    // models and access
    {"install_model", operations},
    {"deploy_model", operations},
    {"stop_deployment", operations},
    {"record_server_health", app | operations},
    {"canonical_model", app | operations | auditor},
    {"check_model_access", app | operations | auditor},
    {"grant_model", operations},
    {"revoke_model", operations},
    {"tier_consistency", operations | auditor},
    {"seed_tiers", operations},
    {"shipped_tiers", operations},
    {"shipped_tier_rules", operations},
    {"shipped_model_aliases", operations},
    // access keys
    {"issue_access_key", operations},
    {"rotate_access_key", operations},
    {"revoke_access_key", operations},
    {"block_access_key", operations},
    {"list_access_keys", operations | auditor},
    {"check_access_key", app},  // takes a hash for its token: nobody else may
    // prices
    {"set_model_price", operations},
    {"import_model_prices", operations},
    {"explain_cost", app | operations | auditor},
    {"reprice", operations},
    {"unpriced_models", app | operations | auditor},
    {"seed_prices", operations},
    {"shipped_prices", operations},
    // audit
    {"erase_audit_payload", security},
    {"record_seed", operations},
    // ledger
    {"validate_schema", operations | security | auditor},
    {"migration_status", operations | security | auditor},
    {"schema_stats", operations | security | auditor},
    // usage
    {"record_usage", app | operations},
    {"record_usage_batch", app | operations},
    {"next_usage_id", app},
    {"row_tenant", every_level},  // the policies ask it with the caller's rights
    {"sees_all_tenants", operations | auditor},
    {"maintain_partitions", operations},
    {"maintain_all_partitions", operations},
    {"roll_up_daily_cost", operations},
    {"verify_rollup", operations | auditor},
    {"apply_retention", operations},
    {"book_correction", operations},
    {"reconcile", operations | auditor},
    {"cost_anomalies", operations | auditor},
    {"unmatched_models", operations},
    {"metrics", operations | auditor},
    {"cost_summary", app | operations | auditor},
    {"cost_today", app | operations | auditor},
    // limits
    {"acquire_quota", app | operations},
    {"release_quota", app | operations},
    {"reserve_budget", app | operations},
    {"settle_budget", app | operations},
    {"limit_status", app | operations | auditor},
    {"expire_quota_tickets", operations},
    {"simulate_limits", operations},
    {"limit_denials", operations | auditor},
    {"spend_forecast", app | operations | auditor},
    // calls; with_key asks for EXECUTE on decrypt_provider_key or decrypt_tenant_key besides
    {"begin_call", app},
    {"finish_call", app},
    {"extend_call", app},
    {"expire_calls", operations},
    {"explain_call", app | operations | auditor},
    {"open_sender_ticket", app},
    {"redeem_sender_ticket", sender},
    // gateways
    {"config_since", app | operations | auditor},
    // access
    {"missing_access", operations | security | auditor},
};

constexpr relation_right relations[] = {
    {"llm_provider_configs", "SELECT", "api_key_encrypted", app | auditor},
    {"llm_provider_configs", "SELECT, INSERT, UPDATE, DELETE, TRUNCATE", nullptr, operations},
    {"llm_provider_configs_id_seq", "USAGE", nullptr, operations},
    {"provider_settings", "SELECT", nullptr, app | operations | auditor},
    {"provider_tests", "SELECT", nullptr, operations},
    {"llm_provider_config_history", "SELECT", nullptr, operations | auditor},
    {"llm_configs", "SELECT, INSERT, UPDATE, DELETE", nullptr, app | operations},
    {"provider_aliases", "SELECT", nullptr, app},
    {"provider_aliases", "SELECT, INSERT, UPDATE, DELETE", nullptr, operations},
    // models and access
    {"llm_providers", "SELECT", "api_key_encrypted", app | auditor},
    {"llm_providers", "SELECT, INSERT, UPDATE, DELETE", nullptr, operations},
    {"account_state", "SELECT", nullptr, auditor},
    {"account_state", "SELECT, INSERT, UPDATE, DELETE", nullptr, operations},
    {"provider_health", "SELECT", nullptr, operations | auditor},
    {"deployment_status", "SELECT", nullptr, app | operations | auditor},
    {"model_servers", "SELECT", nullptr, app | auditor},
    {"model_servers", "SELECT, INSERT, UPDATE, DELETE", nullptr, operations},
    {"installed_models", "SELECT", nullptr, app | auditor},
    {"installed_models", "SELECT, INSERT, UPDATE, DELETE", nullptr, operations},
    {"model_deployments", "SELECT", nullptr, app | auditor},
    {"model_deployments", "SELECT, INSERT, UPDATE, DELETE", nullptr, operations},
    {"tiers", "SELECT", nullptr, app | auditor},
    {"tiers", "SELECT, INSERT, UPDATE, DELETE", nullptr, operations},
    {"user_tiers", "SELECT", nullptr, auditor},
    {"user_tiers", "SELECT, INSERT, UPDATE, DELETE", nullptr, operations},
    {"tier_model_rules", "SELECT", nullptr, app | auditor},
    {"tier_model_rules", "SELECT, INSERT, UPDATE, DELETE", nullptr, operations},
    {"model_permissions", "SELECT", nullptr, auditor},
    {"model_permissions", "SELECT, INSERT, UPDATE, DELETE", nullptr, operations},
    {"model_aliases", "SELECT", nullptr, app | auditor},
    {"model_aliases", "SELECT, INSERT, UPDATE, DELETE", nullptr, operations},
    {"access_keys", "SELECT", "key_hash, previous_hash", operations | auditor},
    {"access_keys", "INSERT, DELETE", nullptr, operations},
    {"access_keys", "UPDATE",
     "id, key_hash, previous_hash, previous_until, prefix, revoke_at, created_at, created_by, last_used_day",
     operations},
    {"model_pricing", "SELECT", nullptr, app | auditor},
    {"model_pricing", "SELECT, INSERT, UPDATE, DELETE", nullptr, operations},
    {"model_price_history", "SELECT", nullptr, app | operations | auditor},
    {"exchange_rates", "SELECT", nullptr, app | auditor},
    {"exchange_rates", "SELECT, INSERT, UPDATE, DELETE", nullptr, operations},
    // The check value is of use to nobody but the code that compares it.
    {"root_keys", "SELECT", "check_value", security},
    // The policies stand on the log alone, so its partitions are granted to nobody.
    {"llm_usage_logs", "SELECT", nullptr, app | operations | auditor},
    {"llm_usage_logs", "INSERT", "id, cost_status, price_id", app},
    {"usage_requests", "SELECT", nullptr, operations | auditor},
    {"job_usage", "SELECT", nullptr, operations | auditor},
    {"daily_cost_summary", "SELECT", nullptr, app | operations | auditor},
    {"usage_daily_tags", "SELECT", nullptr, app | operations | auditor},
    {"usage_by_day", "SELECT", nullptr, app | operations | auditor},
    {"cost_by_model", "SELECT", nullptr, app | operations | auditor},
    {"cost_by_user", "SELECT", nullptr, app | operations | auditor},
    {"table_sizes", "SELECT", nullptr, operations | auditor},
    {"frontiers", "SELECT", nullptr, operations | auditor},
    {"frontier_gaps", "SELECT", nullptr, operations | auditor},
    // Counters and tickets are written by the functions alone.
    {"limits", "SELECT", nullptr, auditor},
    {"limits", "SELECT, INSERT, UPDATE, DELETE", nullptr, operations},
    {"limit_overrides", "SELECT", nullptr, auditor},
    {"limit_overrides", "SELECT, INSERT", nullptr, operations},
    {"limit_events", "SELECT", nullptr, operations | auditor},
    {"limit_counters", "SELECT", nullptr, operations | auditor},
    {"quota_tickets", "SELECT", nullptr, operations | auditor},
    {"llm_calls", "SELECT", nullptr, operations | auditor},
    {"budgets", "SELECT", nullptr, operations | auditor},
    {"schema_migrations", "SELECT", nullptr, auditor},
    {"access_grants", "SELECT", nullptr, auditor},
    {"audit_log", "SELECT", nullptr, security | auditor},
    {"audit_payloads", "SELECT", nullptr, auditor},
    {"audit_trail", "SELECT", nullptr, auditor},
    {"provider_history_leaves", "SELECT", nullptr, auditor},
    // gateways
    {"config_changes", "SELECT", nullptr, operations | auditor},
};

}  // namespace

std::optional<levels> level_named(std::string_view name) noexcept {
  if (name == "app") return app;
  if (name == "operator") return operations;
  if (name == "security") return security;
  if (name == "auditor") return auditor;
  if (name == "sender") return sender;
  return std::nullopt;
}

bool relation_right::leaves_out(std::string_view column) const noexcept {
  for (std::string_view rest = except == nullptr ? "" : except; !rest.empty();) {
    const std::size_t comma = rest.find(", ");
    if (rest.substr(0, comma) == column) return true;
    rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 2);
  }
  return false;
}

std::span<const function_right> function_rights() noexcept { return functions; }
std::span<const relation_right> relation_rights() noexcept { return relations; }

}  // namespace llm_admin::roles
