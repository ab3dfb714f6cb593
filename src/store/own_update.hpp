// What one of our own functions is doing to a row while its triggers run, where the row alone cannot tell.
//
// The note holds for its scope and this backend, and is taken back when an exception passes. A trigger trusts
// it only as far as the row bears it out: whatever a user's own trigger does in the same scope is checked as
// ever.
#pragma once

#include <cstdint>

#include "pg/tuple.hpp"

namespace llm_admin::store {

enum class own_change : std::uint8_t {
  none,
  resealing,   // api_key_encrypted alone changes, the secret in it does not: no books are kept
  keeps_key,   // the provider changes and the key was said to stay
  rewrapping,  // data keys are wrapped anew and stay the same: no session need read them again
  logging,     // a row of history is written, which keeps the table's rules and holds no key
  moving,      // rows of a log move from the default partition into their month, and stay the same
  erasing,     // payloads of the audit log are taken away, and it is written why
  recording    // rows of usage are written whole: checked, priced, with their ids
};

class own_update {
 public:
  explicit own_update(own_change what) noexcept;
  ~own_update();
  own_update(const own_update&) = delete;
  own_update& operator=(const own_update&) = delete;
  static own_change current() noexcept;

 private:
  own_change before_;
};

// For triggers: whether this is an own_change::resealing and the row bears it out. Such a row is stored as it
// is: nothing is checked, dated or logged.
bool only_resealed(const pg::tuple_image& before, const pg::tuple_image& row);

}  // namespace llm_admin::store
