#include "store/own_update.hpp"

namespace llm_admin::store {

namespace {
own_change now = own_change::none;
}

own_update::own_update(own_change what) noexcept : before_(now) { now = what; }
own_update::~own_update() { now = before_; }
own_change own_update::current() noexcept { return now; }

bool only_resealed(const pg::tuple_image& before, const pg::tuple_image& row) {
  if (now != own_change::resealing) return false;
  for (int n = 1; n <= row.columns(); ++n)
    if (!row.is_dropped(n) && row.name_of(n) != "api_key_encrypted" && !before.same(row, n)) return false;
  return true;
}

}  // namespace llm_admin::store
