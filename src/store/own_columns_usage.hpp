// The columns of the tables of usage, for store/own_tables.cpp alone.
#pragma once

#include "store/own_tables.hpp"

namespace llm_admin::store::usage_columns {

constexpr own_column usage_log[] = {
    {"id", INT8OID, "bigint"},
    {"timestamp", TIMESTAMPTZOID, "timestamptz NOT NULL DEFAULT clock_timestamp()"},
    {"user_id", TEXTOID, "text COLLATE \"C\" NOT NULL DEFAULT ''"},
    {"model_id", TEXTOID, "text COLLATE \"C\" NOT NULL DEFAULT ''"},
    {"provider", TEXTOID, "text COLLATE \"C\" NOT NULL DEFAULT ''"},
    {"server_id", UUIDOID, "uuid"},
    {"deployment_id", UUIDOID, "uuid"},
    {"source", TEXTOID, "text COLLATE \"C\" NOT NULL DEFAULT ''"},
    {"prompt_tokens", INT4OID, "integer NOT NULL DEFAULT 0"},
    {"completion_tokens", INT4OID, "integer NOT NULL DEFAULT 0"},
    {"total_tokens", INT4OID, "integer"},
    {"cost_usd", NUMERICOID, "numeric"},
    {"latency_ms", INT4OID, "integer"},
    {"status_code", INT4OID, "integer"},
    {"error_message", TEXTOID, "text"},
    {"metadata", JSONBOID, "jsonb NOT NULL DEFAULT '{}'"},
    {"tenant_id", TEXTOID, "text COLLATE \"C\" NOT NULL DEFAULT ''"},
    {"job_id", UUIDOID, "uuid"},
    {"cached_tokens", INT4OID, "integer NOT NULL DEFAULT 0"},
    {"cache_write_tokens", INT4OID, "integer NOT NULL DEFAULT 0"},
    {"cache_write_1h_tokens", INT4OID, "integer NOT NULL DEFAULT 0"},
    {"reasoning_tokens", INT4OID, "integer NOT NULL DEFAULT 0"},
    {"quantities", JSONBOID, "jsonb NOT NULL DEFAULT '{}'"},
    {"service_tier", TEXTOID, "text COLLATE \"C\" NOT NULL DEFAULT ''"},
    {"price_id", INT8OID, "bigint"},
    {"list_cost_usd", NUMERICOID, "numeric"},
    {"account_id", UUIDOID, "uuid"},
    {"requested_model", TEXTOID, "text COLLATE \"C\" NOT NULL DEFAULT ''"},
    {"served_model", TEXTOID, "text COLLATE \"C\" NOT NULL DEFAULT ''"},
    {"operation", TEXTOID, "text COLLATE \"C\" NOT NULL DEFAULT ''"},
    {"kind", TEXTOID, "text COLLATE \"C\" NOT NULL DEFAULT 'call'"},
    {"team_id", TEXTOID, "text COLLATE \"C\" NOT NULL DEFAULT ''"},
    {"key_id", UUIDOID, "uuid"},
    {"call_id", UUIDOID, "uuid"},
    {"parent_call_id", UUIDOID, "uuid"},
    {"limits", JSONBOID, "jsonb"},
    {"attempt", INT4OID, "integer NOT NULL DEFAULT 1"},
    {"estimated", BOOLOID, "boolean NOT NULL DEFAULT false"},
    {"key_source", TEXTOID, "text COLLATE \"C\" NOT NULL DEFAULT 'platform'"},
    {"currency", TEXTOID, "text COLLATE \"C\" NOT NULL DEFAULT 'USD'"},
    {"tags", JSONBOID, "jsonb NOT NULL DEFAULT '{}'"},
    {"cost_status", TEXTOID, "text COLLATE \"C\" NOT NULL DEFAULT 'unpriced'"},
    {"request_id", TEXTOID, "text COLLATE \"C\""},
};

constexpr own_column usage_requests[] = {
    {"tenant_id", TEXTOID, "text COLLATE \"C\" NOT NULL DEFAULT ''"},
    {"request_id", TEXTOID, "text COLLATE \"C\""},
    {"call_id", UUIDOID, "uuid"},
    {"usage_id", INT8OID, "bigint"},
    {"usage_time", TIMESTAMPTZOID, "timestamptz"},
    {"cost_usd", NUMERICOID, "numeric"},
    {"cost_status", TEXTOID, "text COLLATE \"C\""},
    {"fingerprint", TEXTOID, "text"},
    {"created_at", TIMESTAMPTZOID, "timestamptz NOT NULL DEFAULT now()"},
};

constexpr own_column job_usage[] = {
    {"job_id", UUIDOID, "uuid"},
    {"usage_id", INT8OID, "bigint"},
    {"usage_time", TIMESTAMPTZOID, "timestamptz"},
};

constexpr own_column daily_cost[] = {
    {"date", DATEOID, "date"},
    {"tenant_id", TEXTOID, "text COLLATE \"C\" NOT NULL DEFAULT ''"},
    {"user_id", TEXTOID, "text COLLATE \"C\" NOT NULL DEFAULT ''"},
    {"provider", TEXTOID, "text COLLATE \"C\" NOT NULL DEFAULT ''"},
    {"model_id", TEXTOID, "text COLLATE \"C\" NOT NULL DEFAULT ''"},
    {"total_cost_usd", NUMERICOID, "numeric NOT NULL DEFAULT 0"},
    {"total_requests", INT8OID, "bigint NOT NULL DEFAULT 0"},
    {"total_tokens", INT8OID, "bigint NOT NULL DEFAULT 0"},
    {"unpriced_requests", INT8OID, "bigint NOT NULL DEFAULT 0"},
    {"input_tokens", INT8OID, "bigint NOT NULL DEFAULT 0"},
    {"cached_tokens", INT8OID, "bigint NOT NULL DEFAULT 0"},
    {"cache_write_tokens", INT8OID, "bigint NOT NULL DEFAULT 0"},
    {"cache_write_1h_tokens", INT8OID, "bigint NOT NULL DEFAULT 0"},
    {"output_tokens", INT8OID, "bigint NOT NULL DEFAULT 0"},
    {"reasoning_tokens", INT8OID, "bigint NOT NULL DEFAULT 0"},
    {"list_cost_usd", NUMERICOID, "numeric NOT NULL DEFAULT 0"},
    {"failed_requests", INT8OID, "bigint NOT NULL DEFAULT 0"},
    {"estimated_requests", INT8OID, "bigint NOT NULL DEFAULT 0"},
    {"cached_requests", INT8OID, "bigint NOT NULL DEFAULT 0"},
    {"byollm_requests", INT8OID, "bigint NOT NULL DEFAULT 0"},
};

constexpr own_column daily_tags[] = {
    {"date", DATEOID, "date"},
    {"tenant_id", TEXTOID, "text COLLATE \"C\" NOT NULL DEFAULT ''"},
    {"tag", TEXTOID, "text COLLATE \"C\""},
    {"value", TEXTOID, "text COLLATE \"C\""},
    {"total_cost_usd", NUMERICOID, "numeric NOT NULL DEFAULT 0"},
    {"total_requests", INT8OID, "bigint NOT NULL DEFAULT 0"},
    {"total_tokens", INT8OID, "bigint NOT NULL DEFAULT 0"},
    {"unpriced_requests", INT8OID, "bigint NOT NULL DEFAULT 0"},
};

constexpr own_column frontiers[] = {
    {"name", TEXTOID, "text COLLATE \"C\""},
    {"last_id", INT8OID, "bigint NOT NULL DEFAULT 0"},
    {"kept_since", TIMESTAMPTZOID, "timestamptz"},
    {"updated_at", TIMESTAMPTZOID, "timestamptz NOT NULL DEFAULT now()"},
};

constexpr own_column frontier_gaps[] = {
    {"name", TEXTOID, "text COLLATE \"C\""},
    {"ids", INT8RANGEOID, "int8range"},
    {"closes_at", XID8OID, "xid8"},
    {"opened_at", TIMESTAMPTZOID, "timestamptz NOT NULL DEFAULT now()"},
};

}  // namespace llm_admin::store::usage_columns
