// The columns of the tables of calls, for store/own_tables.cpp alone.
#pragma once

#include "store/own_tables.hpp"

namespace llm_admin::store::call_columns {

constexpr own_column calls[] = {
    {"call_id", UUIDOID, "uuid"},
    {"tenant_id", TEXTOID, "text COLLATE \"C\" NOT NULL DEFAULT ''"},
    {"user_id", TEXTOID, "text COLLATE \"C\" NOT NULL DEFAULT ''"},
    {"team_id", TEXTOID, "text COLLATE \"C\" NOT NULL DEFAULT ''"},
    {"key_id", UUIDOID, "uuid"},
    {"job_id", UUIDOID, "uuid"},
    {"request_id", TEXTOID, "text COLLATE \"C\""},
    {"fingerprint", TEXTOID, "text COLLATE \"C\""},
    {"attempt", INT4OID, "integer NOT NULL DEFAULT 1"},
    {"parent_call_id", UUIDOID, "uuid"},
    {"provider", TEXTOID, "text COLLATE \"C\""},
    {"account_id", UUIDOID, "uuid"},
    {"key_source", TEXTOID, "text COLLATE \"C\" NOT NULL DEFAULT 'platform'"},
    {"requested_model", TEXTOID, "text COLLATE \"C\" NOT NULL DEFAULT ''"},
    {"model_id", TEXTOID, "text COLLATE \"C\" NOT NULL DEFAULT ''"},
    {"operation", TEXTOID, "text COLLATE \"C\" NOT NULL DEFAULT ''"},
    {"service_tier", TEXTOID, "text COLLATE \"C\" NOT NULL DEFAULT ''"},
    {"price_id", INT8OID, "bigint"},
    {"config_version", INT4OID, "integer NOT NULL DEFAULT 0"},
    {"started_at", TIMESTAMPTZOID, "timestamptz"},
    {"expires_at", TIMESTAMPTZOID, "timestamptz"},
    {"input_estimate", INT4OID, "integer NOT NULL DEFAULT 0"},
    {"estimate_usd", NUMERICOID, "numeric"},
    {"reservations", JSONBOID, "jsonb NOT NULL DEFAULT '[]'"},
    {"access", JSONBOID, "jsonb NOT NULL DEFAULT '{}'"},
    {"cache_key", BYTEAOID, "bytea"},
    {"tags", JSONBOID, "jsonb NOT NULL DEFAULT '{}'"},
    {"models", JSONBOID, "jsonb NOT NULL DEFAULT '[]'"},
};

constexpr own_column tickets[] = {
    {"ticket_hash", BYTEAOID, "bytea"},
    {"call_id", UUIDOID, "uuid"},
    {"expires_at", TIMESTAMPTZOID, "timestamptz"},
};

}  // namespace llm_admin::store::call_columns
