// The kinds of configuration that gateways are told of, each the rows of one table.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "pg/spi.hpp"
#include "pg/tuple.hpp"

namespace llm_admin::gateways {

// Whose rows a caller sees who may see one tenant's only: tenant_id is a name, or a glob; or of such rows no
// more than that they changed, as their ids tell nothing.
enum class visible : std::uint8_t { everybody, tenant, tenant_glob, overseers };

struct config_kind {
  const char* name;
  const char* table;
  visible to;
  const char* key[2];   // columns of its primary key, which joined by '/' are its id
  pg::statement* list;  // $1: the tenant whose rows are wanted beside the platform's; NULL: all
  pg::statement* find;  // $1: the id
};

// In the order in which a gateway can build on them.
std::span<const config_kind> config_kinds() noexcept;
const config_kind* kind_of_table(std::string_view table) noexcept;
const config_kind* kind_named(std::string_view name) noexcept;

std::string id_of(const config_kind& kind, const pg::tuple_image& row);
// '' of a table without tenants.
std::string_view tenant_of(const config_kind& kind, const pg::tuple_image& row);

}  // namespace llm_admin::gateways
