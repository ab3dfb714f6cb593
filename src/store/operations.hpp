// The operations of a provider besides chat, by name.
#pragma once

#include <string_view>

#include "core/mapping/program.hpp"
#include "store/provider.hpp"

namespace llm_admin::store {

// 42704 when the mapping has none of that name; the error names the nearest and all there are.
const mapping::call_shape& require_operation(const mapping::request_program& program, std::string_view name,
                                             std::string_view provider);

// 55000 with the statement that enables it.
void require_enabled(const provider& row);

}  // namespace llm_admin::store
