#include "core/crypto/binding.hpp"

#include <cstdint>

#include "core/error.hpp"

namespace llm_admin::crypto {

binding& binding::add(std::string_view field) {
  if (field.size() > UINT32_MAX) {
    throw error(sqlstate::internal_error, "binding failed",
                "a field is longer than its length prefix can say");
  }
  const auto size = static_cast<std::uint32_t>(field.size());
  for (int shift = 24; shift >= 0; shift -= 8) bytes_.push_back(static_cast<std::uint8_t>(size >> shift));
  const byte_view data = as_bytes(field);
  bytes_.insert(bytes_.end(), data.begin(), data.end());
  return *this;
}

}  // namespace llm_admin::crypto
