// The columns of the tables of models and access, for store/own_tables.cpp.
#pragma once

#include "store/own_tables.hpp"

namespace llm_admin::store {

inline constexpr own_column accounts[] = {
    {"id", UUIDOID, "uuid NOT NULL DEFAULT gen_random_uuid()"},
    {"name", VARCHAROID, "varchar(255) COLLATE \"C\""},
    {"type", VARCHAROID, "varchar(50) COLLATE \"C\""},
    {"base_url", VARCHAROID, "varchar(512)"},
    {"api_key_encrypted", TEXTOID, "text"},
    {"enabled", BOOLOID, "boolean NOT NULL DEFAULT true"},
    {"created_at", TIMESTAMPTZOID, "timestamptz NOT NULL DEFAULT now()"},
    {"updated_at", TIMESTAMPTZOID, "timestamptz NOT NULL DEFAULT now()"},
    {"created_by", VARCHAROID, "varchar(255)"},
    {"metadata", JSONBOID, "jsonb NOT NULL DEFAULT '{}'"},
};

inline constexpr own_column account_states[] = {
    {"subject", TEXTOID, "text COLLATE \"C\""},
    {"tenant_id", TEXTOID, "text COLLATE \"C\" NOT NULL DEFAULT ''"},
    {"model", TEXTOID, "text COLLATE \"C\" NOT NULL DEFAULT ''"},
    {"state", TEXTOID, "text NOT NULL DEFAULT 'closed'"},
    {"until", TIMESTAMPTZOID, "timestamptz"},
    {"reason", TEXTOID, "text"},
    {"consecutive_failures", INT4OID, "integer NOT NULL DEFAULT 0"},
    {"remaining_requests", INT8OID, "bigint"},
    {"remaining_tokens", INT8OID, "bigint"},
    {"resets_at", TIMESTAMPTZOID, "timestamptz"},
};

inline constexpr own_column servers[] = {
    {"id", UUIDOID, "uuid NOT NULL DEFAULT gen_random_uuid()"},
    {"name", VARCHAROID, "varchar(255) COLLATE \"C\""},
    {"type", VARCHAROID, "varchar(50)"},
    {"location", VARCHAROID, "varchar(50) NOT NULL DEFAULT 'local'"},
    {"host", VARCHAROID, "varchar(255) COLLATE \"C\""},
    {"port", INT4OID, "integer"},
    {"gpu_id", INT4OID, "integer"},
    {"auto_start", BOOLOID, "boolean NOT NULL DEFAULT false"},
    {"enabled", BOOLOID, "boolean NOT NULL DEFAULT true"},
    {"health_status", VARCHAROID, "varchar(50) NOT NULL DEFAULT 'unknown'"},
    {"last_health_check", TIMESTAMPTZOID, "timestamptz"},
    {"created_at", TIMESTAMPTZOID, "timestamptz NOT NULL DEFAULT now()"},
    {"metadata", JSONBOID, "jsonb NOT NULL DEFAULT '{}'"},
};

inline constexpr own_column installed_models[] = {
    {"id", UUIDOID, "uuid NOT NULL DEFAULT gen_random_uuid()"},
    {"server_id", UUIDOID, "uuid"},
    {"model_name", VARCHAROID, "varchar(255) COLLATE \"C\""},
    {"file_path", TEXTOID, "text"},
    {"size_bytes", INT8OID, "bigint"},
    {"quantization", VARCHAROID, "varchar(50)"},
    {"version", VARCHAROID, "varchar(100) COLLATE \"C\""},
    {"installed_at", TIMESTAMPTZOID, "timestamptz NOT NULL DEFAULT now()"},
    {"last_used", TIMESTAMPTZOID, "timestamptz"},
    {"metadata", JSONBOID, "jsonb NOT NULL DEFAULT '{}'"},
};

inline constexpr own_column deployments[] = {
    {"id", UUIDOID, "uuid NOT NULL DEFAULT gen_random_uuid()"},
    {"server_id", UUIDOID, "uuid"},
    {"model_id", UUIDOID, "uuid"},
    {"alias", VARCHAROID, "varchar(255) COLLATE \"C\""},
    {"status", VARCHAROID, "varchar(50) NOT NULL DEFAULT 'loading'"},
    {"context_length", INT4OID, "integer NOT NULL DEFAULT 2048"},
    {"gpu_layers", INT4OID, "integer"},
    {"batch_size", INT4OID, "integer"},
    {"vram_usage_mb", INT4OID, "integer"},
    {"tokens_per_sec", NUMERICOID, "numeric(10,2)"},
    {"started_at", TIMESTAMPTZOID, "timestamptz"},
    {"stopped_at", TIMESTAMPTZOID, "timestamptz"},
    {"metadata", JSONBOID, "jsonb NOT NULL DEFAULT '{}'"},
};

inline constexpr own_column cache_versions[] = {
    {"subject", TEXTOID, "text COLLATE \"C\""},
    {"version", INT8OID, "bigint"},
};

inline constexpr own_column tiers[] = {
    {"id", UUIDOID, "uuid NOT NULL DEFAULT gen_random_uuid()"},
    {"tier_code", VARCHAROID, "varchar(50) COLLATE \"C\""},
    {"display_name", VARCHAROID, "varchar(255)"},
    {"price_usd", NUMERICOID, "numeric"},
    {"billing_period", TEXTOID, "text"},
    {"quota_requests", INT8OID, "bigint"},
    {"quota_period", TEXTOID, "text"},
    {"quota_scope", TEXTOID, "text NOT NULL DEFAULT 'user'"},
    {"sort_order", INT4OID, "integer NOT NULL DEFAULT 0"},
};

inline constexpr own_column user_tiers[] = {
    {"tenant_id", TEXTOID, "text COLLATE \"C\" NOT NULL DEFAULT ''"},
    {"user_id", TEXTOID, "text COLLATE \"C\" NOT NULL DEFAULT ''"},
    {"tier_code", VARCHAROID, "varchar(50) COLLATE \"C\""},
    {"valid_from", TIMESTAMPTZOID, "timestamptz NOT NULL DEFAULT now()"},
    {"valid_until", TIMESTAMPTZOID, "timestamptz"},
};

inline constexpr own_column tier_rules[] = {
    {"id", UUIDOID, "uuid NOT NULL DEFAULT gen_random_uuid()"},
    {"tier_code", VARCHAROID, "varchar(50) COLLATE \"C\""},
    {"model_pattern", VARCHAROID, "varchar(255) COLLATE \"C\""},
    {"allowed", BOOLOID, "boolean NOT NULL DEFAULT true"},
    {"max_requests_per_day", INT4OID, "integer"},
    {"max_context_length", INT4OID, "integer"},
    {"priority", INT4OID, "integer NOT NULL DEFAULT 0"},
};

inline constexpr own_column permissions[] = {
    {"id", UUIDOID, "uuid NOT NULL DEFAULT gen_random_uuid()"},
    {"model_id", VARCHAROID, "varchar(255) COLLATE \"C\""},
    {"access_type", VARCHAROID, "varchar(50) COLLATE \"C\""},
    {"access_value", VARCHAROID, "varchar(255) COLLATE \"C\""},
    {"allowed", BOOLOID, "boolean NOT NULL DEFAULT true"},
    {"created_at", TIMESTAMPTZOID, "timestamptz NOT NULL DEFAULT now()"},
    {"created_by", VARCHAROID, "varchar(255)"},
};

inline constexpr own_column model_aliases[] = {
    {"provider", TEXTOID, "text COLLATE \"C\" NOT NULL DEFAULT '*'"},
    {"pattern", TEXTOID, "text COLLATE \"C\""},
    {"canonical", TEXTOID, "text COLLATE \"C\""},
    {"priority", INT4OID, "integer NOT NULL DEFAULT 0"},
    {"source", TEXTOID, "text NOT NULL DEFAULT 'manual'"},
};

}  // namespace llm_admin::store
