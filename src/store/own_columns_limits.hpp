// The columns of the tables of limits, for store/own_tables.cpp.
#pragma once

#include "store/own_tables.hpp"

namespace llm_admin::store::limit_columns {

inline constexpr own_column limits[] = {
    {"id", UUIDOID, "uuid NOT NULL DEFAULT gen_random_uuid()"},
    {"scope", TEXTOID, "text COLLATE \"C\""},
    {"subject", TEXTOID, "text COLLATE \"C\" NOT NULL DEFAULT '*'"},
    {"model", TEXTOID, "text COLLATE \"C\" NOT NULL DEFAULT '*'"},
    {"what", TEXTOID, "text COLLATE \"C\""},
    {"tenant_id", TEXTOID, "text COLLATE \"C\" NOT NULL DEFAULT '*'"},
    {"amount", NUMERICOID, "numeric"},
    {"period", TEXTOID, "text COLLATE \"C\""},
    {"on_exceed", TEXTOID, "text COLLATE \"C\" NOT NULL DEFAULT 'deny'"},
    {"downgrade_to", TEXTOID, "text COLLATE \"C\""},
    {"alert_shares", NUMERICARRAYOID, "numeric[] NOT NULL DEFAULT '{}'"},
    {"unpriced", TEXTOID, "text COLLATE \"C\" NOT NULL DEFAULT 'deny'"},
    {"enabled", BOOLOID, "boolean NOT NULL DEFAULT true"},
    {"metadata", JSONBOID, "jsonb NOT NULL DEFAULT '{}'"},
};

inline constexpr own_column overrides[] = {
    {"id", UUIDOID, "uuid NOT NULL DEFAULT gen_random_uuid()"},
    {"limit_id", UUIDOID, "uuid"},
    {"extra", NUMERICOID, "numeric"},
    {"valid_from", TIMESTAMPTZOID, "timestamptz NOT NULL DEFAULT now()"},
    {"valid_until", TIMESTAMPTZOID, "timestamptz"},
    {"reason", TEXTOID, "text NOT NULL DEFAULT ''"},
    {"granted_by", TEXTOID, "text NOT NULL DEFAULT CURRENT_USER"},
};

inline constexpr own_column events[] = {
    {"limit_id", UUIDOID, "uuid"},
    {"tenant_id", TEXTOID, "text COLLATE \"C\" NOT NULL DEFAULT ''"},
    {"subject", TEXTOID, "text COLLATE \"C\""},
    {"window_start", TIMESTAMPTZOID, "timestamptz"},
    {"share", NUMERICOID, "numeric"},
    {"at", TIMESTAMPTZOID, "timestamptz"},
    {"used", NUMERICOID, "numeric"},
};

inline constexpr own_column counters[] = {
    {"limit_id", UUIDOID, "uuid"},
    {"tenant_id", TEXTOID, "text COLLATE \"C\" NOT NULL DEFAULT ''"},
    {"subject", TEXTOID, "text COLLATE \"C\""},
    {"slot", INT2OID, "smallint"},
    {"window_start", TIMESTAMPTZOID, "timestamptz"},
    {"used", NUMERICOID, "numeric NOT NULL DEFAULT 0"},
    {"reserved", NUMERICOID, "numeric NOT NULL DEFAULT 0"},
    {"previous", NUMERICOID, "numeric NOT NULL DEFAULT 0"},
    {"share", NUMERICOID, "numeric NOT NULL DEFAULT 0"},
};

inline constexpr own_column tickets[] = {
    {"ticket", UUIDOID, "uuid"},
    {"tenant_id", TEXTOID, "text COLLATE \"C\" NOT NULL DEFAULT ''"},
    {"kind", TEXTOID, "text COLLATE \"C\""},
    {"taken_at", TIMESTAMPTZOID, "timestamptz"},
    {"expires_at", TIMESTAMPTZOID, "timestamptz"},
    {"reservations", JSONBOID, "jsonb"},
};

}  // namespace llm_admin::store::limit_columns
