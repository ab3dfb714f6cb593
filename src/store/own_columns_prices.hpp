// The columns of the tables of prices, for store/own_tables.cpp.
#pragma once

#include "store/own_tables.hpp"

namespace llm_admin::store {

inline constexpr own_column model_pricing[] = {
    {"model_id", VARCHAROID, "varchar(255) COLLATE \"C\""},
    {"provider", VARCHAROID, "varchar(100) COLLATE \"C\" NOT NULL DEFAULT ''"},
    {"input_price_per_1k", NUMERICOID, "numeric"},
    {"output_price_per_1k", NUMERICOID, "numeric"},
    {"currency", VARCHAROID, "varchar(3) COLLATE \"C\" NOT NULL DEFAULT 'USD'"},
    {"last_updated", TIMESTAMPTZOID, "timestamptz NOT NULL DEFAULT clock_timestamp()"},
    {"source", VARCHAROID, "varchar(50) COLLATE \"C\" NOT NULL DEFAULT 'manual'"},
    {"rates", JSONBOID, "jsonb NOT NULL DEFAULT '{}'"},
    {"max_input_tokens", INT4OID, "integer"},
    {"max_output_tokens", INT4OID, "integer"},
    {"deprecated_at", TIMESTAMPTZOID, "timestamptz"},
    {"price_id", INT8OID, "bigint"},
};

inline constexpr own_column price_history[] = {
    {"model_id", VARCHAROID, "varchar(255) COLLATE \"C\""},
    {"valid_from", TIMESTAMPTZOID, "timestamptz"},
    {"price_id", INT8OID,
     "bigint NOT NULL DEFAULT nextval('llm_admin.model_price_history_price_id_seq'::regclass)"},
    {"rates", JSONBOID, "jsonb"},
    {"currency", VARCHAROID, "varchar(3) COLLATE \"C\" NOT NULL DEFAULT 'USD'"},
    {"source", VARCHAROID, "varchar(50) COLLATE \"C\""},
    {"changed_by", VARCHAROID, "varchar(255)"},
    {"recorded_at", TIMESTAMPTZOID, "timestamptz NOT NULL DEFAULT clock_timestamp()"},
};

inline constexpr own_column exchange_rates[] = {
    {"currency", VARCHAROID, "varchar(3) COLLATE \"C\""},
    {"valid_from", TIMESTAMPTZOID, "timestamptz"},
    {"usd", NUMERICOID, "numeric"},
};

}  // namespace llm_admin::store
