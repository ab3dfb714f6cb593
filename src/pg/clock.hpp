// The clock that limits go by, in microseconds of the server's epoch. A test can put another one in its place,
// as in pg/stop_point.hpp, by the rendezvous variable "llm_admin.clock".
#pragma once

#include <cstdint>

namespace llm_admin::pg {

// The time now, not when the transaction or statement began.
std::int64_t clock_now();

}  // namespace llm_admin::pg
