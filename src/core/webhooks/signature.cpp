#include "core/webhooks/signature.hpp"

#include <array>

#include "core/crypto/primitives.hpp"
#include "core/error.hpp"

namespace llm_admin::webhooks {

std::string signature_v1(byte_view key, std::string_view id, std::int64_t unix_seconds,
                         std::string_view body) {
  if (id.empty() || id.find('.') != std::string_view::npos)
    throw error(sqlstate::internal_error, "the id of a webhook is empty or holds a full stop");
  std::string beginning(id);
  beginning.append(".").append(std::to_string(unix_seconds)).append(".");
  const std::array<byte_view, 2> parts = {as_bytes(beginning), as_bytes(body)};
  return "v1," + base64_encode(crypto::hmac_sha256_parts(key, parts));
}

std::vector<header> signed_headers(const signed_event& event, std::int64_t unix_seconds, byte_view key,
                                   std::optional<byte_view> previous_key) {
  const std::string id = uuid_string(event.id);
  std::string signatures = signature_v1(key, id, unix_seconds, event.body);
  if (previous_key) signatures += ' ' + signature_v1(*previous_key, id, unix_seconds, event.body);
  return {{"Content-Type", "application/json"},
          {"webhook-id", id},
          {"webhook-timestamp", std::to_string(unix_seconds)},
          {"webhook-signature", std::move(signatures)},
          {"X-Webhook-Signature", "sha256=" + hex_encode(crypto::hmac_sha256(key, as_bytes(event.body)))},
          {"X-Webhook-Event", std::string(event.type)}};
}

}  // namespace llm_admin::webhooks
