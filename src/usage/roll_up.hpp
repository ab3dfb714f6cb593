// The roll-up, for functions that must not leave anything uncounted.
#pragma once

#include "pg/spi.hpp"

namespace llm_admin::usage_room {

struct rolled_up {
  std::int64_t rows, days, open_gaps;
};
// With the rights of the owner. Holds the frontier until the transaction ends.
rolled_up roll_up(pg::spi& sql);

}  // namespace llm_admin::usage_room
