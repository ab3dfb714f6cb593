// The row of a key that is about to be changed.
#pragma once

#include "core/uuid.hpp"
#include "pg/args.hpp"
#include "pg/spi.hpp"

namespace llm_admin::access_keys {

// The argument `id`, the first; 22004 where it is NULL.
uuid_bytes required_id(const pg::args& in);

struct locked_key {
  bool is_revoked, is_blocked;
};
// Locks the row, with the rights of the caller's scope. 42704 where there is none, or it is another tenant's than the
// entered one.
locked_key lock_key(pg::spi& sql, const uuid_bytes& id);

}  // namespace llm_admin::access_keys
