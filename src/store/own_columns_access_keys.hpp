// The columns of access_keys, for store/own_tables.cpp.
#pragma once

#include "store/own_tables.hpp"

namespace llm_admin::store {

inline constexpr own_column access_keys[] = {
    {"id", UUIDOID, "uuid NOT NULL DEFAULT gen_random_uuid()"},
    {"key_hash", BYTEAOID, "bytea"},
    {"previous_hash", BYTEAOID, "bytea"},
    {"previous_until", TIMESTAMPTZOID, "timestamptz"},
    {"prefix", TEXTOID, "text COLLATE \"C\" NOT NULL DEFAULT ''"},
    {"name", TEXTOID, "text COLLATE \"C\""},
    {"tenant_id", TEXTOID, "text COLLATE \"C\" NOT NULL DEFAULT ''"},
    {"team_id", TEXTOID, "text COLLATE \"C\" NOT NULL DEFAULT ''"},
    {"user_id", TEXTOID, "text COLLATE \"C\" NOT NULL DEFAULT ''"},
    {"tier_code", VARCHAROID, "varchar(50) COLLATE \"C\""},
    {"allow", TEXTARRAYOID, "text[] NOT NULL DEFAULT '{}'"},
    {"deny", TEXTARRAYOID, "text[] NOT NULL DEFAULT '{}'"},
    {"tags", JSONBOID, "jsonb NOT NULL DEFAULT '{}'"},
    {"expires_at", TIMESTAMPTZOID, "timestamptz"},
    {"revoke_at", TIMESTAMPTZOID, "timestamptz"},
    {"blocked", BOOLOID, "boolean NOT NULL DEFAULT false"},
    {"created_at", TIMESTAMPTZOID, "timestamptz NOT NULL DEFAULT now()"},
    {"created_by", TEXTOID, "text"},
    {"last_used_day", DATEOID, "date"},
};

}  // namespace llm_admin::store
