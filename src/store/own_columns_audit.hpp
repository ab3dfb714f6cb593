// The columns of the audit log's tables, for store/own_tables.cpp.
#pragma once

#include "store/own_tables.hpp"

namespace llm_admin::store {

inline constexpr own_column audit_log[] = {
    {"id", INT8OID, "bigint"},
    {"timestamp", TIMESTAMPTZOID, "timestamptz"},
    {"user_id", TEXTOID, "text COLLATE \"C\""},
    {"action_type", TEXTOID, "text COLLATE \"C\""},
    {"resource_type", TEXTOID, "text COLLATE \"C\""},
    {"resource_id", TEXTOID, "text COLLATE \"C\" NOT NULL DEFAULT ''"},
    {"details", JSONBOID, "jsonb NOT NULL DEFAULT '{}'"},
    {"ip_address", INETOID, "inet"},
    {"user_agent", TEXTOID, "text"},
    {"tenant_id", TEXTOID, "text COLLATE \"C\" NOT NULL DEFAULT ''"},
    {"session_user_name", TEXTOID, "text COLLATE \"C\""},
    {"xid", XID8OID, "xid8"},
    {"commitment", BYTEAOID, "bytea"},
    {"leaf", BYTEAOID, "bytea"},
};

inline constexpr own_column audit_payloads[] = {
    {"audit_id", INT8OID, "bigint"}, {"audit_time", TIMESTAMPTZOID, "timestamptz"},
    {"salt", BYTEAOID, "bytea"},     {"old", JSONBOID, "jsonb"},
    {"new", JSONBOID, "jsonb"},
};

inline constexpr own_column history_leaves[] = {
    {"history_id", UUIDOID, "uuid"},
    {"audit_id", INT8OID, "bigint"},
    {"leaf", BYTEAOID, "bytea"},
};

}  // namespace llm_admin::store
