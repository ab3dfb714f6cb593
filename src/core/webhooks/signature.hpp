// The headers of a webhook: Standard Webhooks 1.0.0 ("Signature scheme", "Webhook headers"), and the older ones.
//
//   Content-Type         application/json
//   webhook-id           the event's uuid, the same for every attempt
//   webhook-timestamp    of the attempt, seconds since 1970-01-01T00:00:00Z
//   webhook-signature    "v1," and the base64 of HMAC-SHA256 over "<id>.<timestamp>.<body>"; while a secret rotates a
//                        second one of the previous key, behind a blank
//   X-Webhook-Signature  "sha256=" and the hex of HMAC-SHA256 over the body, by the current key alone
//   X-Webhook-Event      the event's type
//
// The body is read where it is and never copied, whatever its size; keys are those of signing_key()
// (core/webhooks/secret.hpp). Throws what crypto::hmac_sha256_parts() does, and std::bad_alloc.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/encoding.hpp"
#include "core/uuid.hpp"

namespace llm_admin::webhooks {

// "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=". Neither id nor time may hold a full stop, or one message could
// be taken for another: for an id that does, or is empty, error{internal_error}.
std::string signature_v1(byte_view key, std::string_view id, std::int64_t unix_seconds,
                         std::string_view body);

struct signed_event {
  uuid_bytes id{};
  std::string_view type;
  std::string_view body;
};
struct header {
  std::string name, value;
};
// In the order above. Without a previous key where none is to sign.
std::vector<header> signed_headers(const signed_event& event, std::int64_t unix_seconds, byte_view key,
                                   std::optional<byte_view> previous_key = std::nullopt);

}  // namespace llm_admin::webhooks
