#include "roles/first_rights.hpp"

namespace llm_admin::roles {

namespace {

struct first {
  std::string_view object;
  int version;
  int columns = 0;  // of those tables whose columns are granted one by one
};

constexpr first objects[] = {
    {"get_active_provider", 1},
    {"get_provider", 1},
    {"list_providers", 1},
    {"provider_history", 1},
    {"record_provider_test", 1},
    {"validate_config", 1},
    {"config_problems", 1},
    {"validate_request_builder_config", 1},
    {"validate_response_extractor_config", 1},
    {"switch_active_provider", 1},
    {"create_provider", 1},
    {"import_admin_settings", 1},
    {"remove_seed_providers", 1},
    {"purge_provider", 1},
    {"seed", 1},
    {"seed_providers", 1},
    {"shipped_providers", 1},
    {"shipped_dialects", 1},
    {"require_primary", 1},
    {"build_request", 1},
    {"extract_response", 1},
    {"mask_key", 1},
    {"decrypt_provider_key", 1},
    {"encrypt_key", 1},
    {"set_provider_key", 1},
    {"key_fingerprint", 1},
    {"import_pgcrypto_key", 1},
    {"adopt_pgcrypto_keys", 1},
    {"key_status", 1},
    {"verify_keys", 1},
    {"llm_admin", 1},
    {"llm_provider_configs", 1, 24},
    {"llm_provider_configs_id_seq", 1},
    {"provider_settings", 1},
    {"provider_tests", 1},
    {"llm_provider_config_history", 1},
    {"root_keys", 1, 4},
    {"schema_migrations", 1},
    {"access_grants", 1},
    {"build_operation", 2},
    {"explain_request", 2},
    {"extract_stream", 2},
    {"extract_operation", 2},
    {"mapping_cache_stats", 2},
    {"seed_provider_aliases", 3},
    {"shipped_provider_aliases", 3},
    {"enter_tenant", 3},
    {"entered_tenant", 3},
    {"get_llm_config", 3},
    {"put_llm_config", 3},
    {"delete_llm_config", 3},
    {"record_llm_test", 3},
    {"resolve_llm", 3},
    {"build_tenant_request", 3},
    {"decrypt_tenant_key", 3},
    {"list_llm_configs", 3},
    {"verify_llm_configs", 3},
    {"rotate_root_key", 3},
    {"rotate_data_key", 3},
    {"reseal_keys", 3},
    {"shred_tenant_keys", 3},
    {"llm_configs", 3},
    {"provider_aliases", 3},
};

}  // namespace

int first_version_of(std::string_view right, int place) noexcept {
  right.remove_prefix(right.find(' ') + 1);
  const std::string_view object = right.substr(0, right.find('.'));
  for (const first& known : objects)
    if (known.object == object) return place <= known.columns || place == 0 ? known.version : 0;
  return 0;
}

}  // namespace llm_admin::roles
