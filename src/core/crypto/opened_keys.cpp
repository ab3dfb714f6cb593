#include "core/crypto/opened_keys.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace llm_admin::crypto {

opened_keys::slot* opened_keys::set_of(const envelope::key_id& id) noexcept {
  std::uint64_t bits = 0;
  std::memcpy(&bits, id.data(), sizeof bits);  // the fixed bits of a uuid lie in its sixth and eighth byte
  return slots() + (bits & (room() / ways - 1)) * ways;
}

std::optional<opened_keys::opened> opened_keys::find(const envelope::key_id& id) noexcept {
  if (size_ == 0) return std::nullopt;
  slot* const set = set_of(id);
  for (slot* one = set; one != set + ways; ++one)
    if (one->used != 0 && one->id == id) {
      one->used = ++clock_;
      return opened{one->key, &one->uses};
    }
  return std::nullopt;
}

void opened_keys::insert(const envelope::key_id& id, byte_view sealing_key, bool may_grow) {
  if (room() == 0 || (may_grow && size_ >= room() / 2 && room() < most_)) grow();
  slot* const set = set_of(id);
  slot* chosen = std::find_if(set, set + ways, [&](const slot& s) { return s.used != 0 && s.id == id; });
  if (chosen == set + ways)
    chosen = std::min_element(set, set + ways, [](const slot& a, const slot& b) { return a.used < b.used; });
  if (chosen->used == 0) ++size_;
  chosen->id = id;
  std::copy_n(sealing_key.begin(), key_size, chosen->key);
  chosen->uses = {};
  chosen->used = ++clock_;
}

void opened_keys::clear() noexcept {
  memory_ = secret_bytes();
  size_ = 0;
}

void opened_keys::grow() {
  secret_bytes larger(std::max(fewest * sizeof(slot), memory_.size() * 2));
  const secret_bytes smaller = std::exchange(memory_, std::move(larger));
  const auto* const old = reinterpret_cast<const slot*>(smaller.data());
  // A set becomes two, so what was in it has room.
  for (std::size_t n = 0; n < smaller.size() / sizeof(slot); ++n)
    if (old[n].used != 0) {
      slot* const set = set_of(old[n].id);
      *std::find_if(set, set + ways, [](const slot& s) { return s.used == 0; }) = old[n];
    }
}

}  // namespace llm_admin::crypto
