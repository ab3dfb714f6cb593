#include "core/crypto/random_uuid.hpp"

#include <algorithm>
#include <array>

#include "core/crypto/primitives.hpp"

namespace llm_admin::crypto {

uuid_bytes random_uuid() {
  static std::array<std::uint8_t, 32 * sizeof(uuid_bytes)> pool;
  static std::size_t used = pool.size();
  if (used == pool.size()) {
    random_bytes(pool);
    used = 0;
  }
  uuid_bytes id{};
  std::copy_n(pool.begin() + static_cast<std::ptrdiff_t>(used), id.size(), id.begin());
  used += id.size();
  id[6] = static_cast<std::uint8_t>((id[6] & 0x0F) | 0x40);
  id[8] = static_cast<std::uint8_t>((id[8] & 0x3F) | 0x80);
  return id;
}

}  // namespace llm_admin::crypto
