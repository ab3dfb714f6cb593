// The columns of the log of configuration changes, for store/own_tables.cpp.
#pragma once

#include "store/own_tables.hpp"

namespace llm_admin::store {

inline constexpr own_column config_changes[] = {
    {"number", INT8OID, "bigint"},
    {"version", INT8OID, "bigint"},
    {"kind", TEXTOID, "text COLLATE \"C\""},
    {"id", TEXTOID, "text COLLATE \"C\""},
    {"tenant_id", TEXTOID, "text COLLATE \"C\" NOT NULL DEFAULT ''"},
    {"op", TEXTOID, "text COLLATE \"C\""},
    {"at", TIMESTAMPTZOID, "timestamptz NOT NULL DEFAULT now()"},
};

}  // namespace llm_admin::store
