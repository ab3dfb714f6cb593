// Servers as callers name them; private to this room.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/json/view.hpp"
#include "pg/spi.hpp"

namespace llm_admin::models {

// 42704 with the nearest names; read with the owner's rights.
[[noreturn]] void unknown_server(std::string_view name);
void require_server(std::string_view name);
// The options' object of that name as jsonb; NULL where it is not given.
pg::parameter jsonb_of(const json::node& object);
// 22023 beyond the bounds of int4.
pg::parameter integer_of(std::string_view option, const std::optional<std::int64_t>& number);

}  // namespace llm_admin::models
