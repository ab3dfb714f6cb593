// What a row of the audit log is vouched for by: its leaf in a Merkle tree as of RFC 6962, and the commitment that ties
// the payload to it.
//
//   commitment = SHA-256(0x03 || salt || old || new)
//   leaf       = version || SHA-256(0x00 || version || id || timestamp || tenant_id || user_id || session_user_name ||
//                                   action_type || resource_type || resource_id || details || ip_address ||
//                                   user_agent || commitment)
//
// with the version 0x01 and each field as core/audit/canonical.hpp writes it. Times are microseconds since
// 1970-01-01T00:00:00Z.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/audit/canonical.hpp"
#include "core/crypto/primitives.hpp"

namespace llm_admin::audit {

inline constexpr std::uint8_t leaf_version = 1;
inline constexpr std::size_t salt_size = 16;
using salt = std::array<std::uint8_t, salt_size>;
using leaf = std::array<std::uint8_t, 1 + crypto::digest_size>;

struct entry {
  std::int64_t id = 0;
  std::int64_t unix_microseconds = 0;
  std::string_view tenant_id;
  std::string_view user_id;
  std::string_view session_user_name;
  std::string_view action_type;
  std::string_view resource_type;
  std::string_view resource_id;
  json::node details;
  std::optional<address> ip_address;
  std::optional<std::string_view> user_agent;
  std::optional<crypto::digest> commitment;  // nothing: the row has no payload
};

// `before` and `after` may be absent.
crypto::digest commitment_of(const salt& with, const json::node& before, const json::node& after);
leaf leaf_of(const entry& row);

}  // namespace llm_admin::audit
