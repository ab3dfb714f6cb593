// The operations of a provider besides chat, by name; private to this room.
#pragma once

#include <string_view>

#include "core/mapping/program.hpp"
#include "store/provider.hpp"

namespace llm_admin::mapping_room {

// 42704 when the mapping has none of that name; the error names the nearest and all there are.
const mapping::call_shape& require_operation(const mapping::request_program& program, std::string_view name,
                                             std::string_view provider);

// 55000 with the statement that enables it.
void require_enabled(const store::provider& row);

}  // namespace llm_admin::mapping_room
