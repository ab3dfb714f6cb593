// A uuid as its 16 bytes, and as text (RFC 9562): "8c1f3a52-6e0b-4d7c-9a55-0f1e2d3c4b5a". Throws std::bad_alloc
// only.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace llm_admin {

using uuid_bytes = std::array<std::uint8_t, 16>;

// Of that form alone, in letters of both cases; nothing for any other text.
std::optional<uuid_bytes> read_uuid(std::string_view text) noexcept;
std::string uuid_string(const uuid_bytes& id);  // in small letters

}  // namespace llm_admin
