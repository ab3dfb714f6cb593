#include "store/own_update.hpp"

namespace llm_admin::store {

namespace {
own_change change_in_hand = own_change::none;
}

own_update::own_update(own_change what) noexcept : before_(change_in_hand) { change_in_hand = what; }
own_update::~own_update() { change_in_hand = before_; }
own_change own_update::current() noexcept { return change_in_hand; }

bool only_resealed(const pg::tuple_image& before, const pg::tuple_image& row) {
  if (change_in_hand != own_change::resealing) return false;
  for (int n = 1; n <= row.columns(); ++n)
    if (!row.is_dropped(n) && row.name_of(n) != "api_key_encrypted" && !before.same(row, n)) return false;
  return true;
}

}  // namespace llm_admin::store
