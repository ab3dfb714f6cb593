#include "core/memory_bound.hpp"

#include <string>

namespace llm_admin {

memory_exceeded::memory_exceeded(std::uint64_t most)
    : error(sqlstate::program_limit, "mapping stopped: its values take too much memory",
            "The values of one call may take " + std::to_string(most) + " bytes.",
            "a superuser can raise this: SET llm_admin.max_output_bytes = '<size>'; it is three times that") {
}

}  // namespace llm_admin
