// The vector is the one in the tests of the libraries of Standard Webhooks (javascript, python, rust and others).
#include "core/webhooks/signature.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>

#include "core/crypto/primitives.hpp"
#include "core/error.hpp"
#include "core/webhooks/secret.hpp"

namespace llm_admin::webhooks {
namespace {

constexpr std::string_view secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const uuid_bytes id = *read_uuid("8C1F3A52-6E0B-4D7C-9A55-0F1E2D3C4B5A");

std::map<std::string, std::string> by_name(const std::vector<header>& headers) {
  std::map<std::string, std::string> named;
  for (const header& one : headers) named[one.name] = one.value;
  EXPECT_EQ(named.size(), headers.size());
  return named;
}

TEST(WebhookSignature, PublishedVector) {
  EXPECT_EQ(signature_v1(signing_key(secret).span(), "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330,
                         R"({"test": 2432232314})"),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST(WebhookSignature, IsOverIdTimeAndBody) {
  const auto key = as_bytes("any key");
  const std::string whole = "an-id.17.{}";
  EXPECT_EQ(signature_v1(key, "an-id", 17, "{}"),
            "v1," + base64_encode(crypto::hmac_sha256(key, as_bytes(whole))));
  EXPECT_NE(signature_v1(key, "an-id", 17, "{}"), signature_v1(key, "an-id", 18, "{}"));
  EXPECT_NE(signature_v1(key, "an-id", 17, "{}"), signature_v1(key, "an-ie", 17, "{}"));
  EXPECT_NE(signature_v1(key, "an-id", 17, "{}"), signature_v1(key, "an-id", 17, "{ }"));
}

TEST(WebhookSignature, IdsWithoutFullStopOnly) {
  const auto key = as_bytes("any key");
  EXPECT_THROW((void)signature_v1(key, "a.17", 17, "{}"), error);
  EXPECT_THROW((void)signature_v1(key, "", 17, "{}"), error);
}

TEST(WebhookSignature, Headers) {
  const secret_bytes key = signing_key(secret);
  const signed_event event{id, "workflow.completed", "{\"data\":{}}"};
  const auto headers = by_name(signed_headers(event, 1700000000, key.span()));
  EXPECT_EQ(headers.size(), 6U);
  EXPECT_EQ(headers.at("Content-Type"), "application/json");
  EXPECT_EQ(headers.at("webhook-id"), "8c1f3a52-6e0b-4d7c-9a55-0f1e2d3c4b5a");
  EXPECT_EQ(headers.at("webhook-timestamp"), "1700000000");
  EXPECT_EQ(headers.at("webhook-signature"),
            signature_v1(key.span(), headers.at("webhook-id"), 1700000000, event.body));
  EXPECT_EQ(headers.at("X-Webhook-Signature"),
            "sha256=" + hex_encode(crypto::hmac_sha256(key.span(), as_bytes(event.body))));
  EXPECT_EQ(headers.at("X-Webhook-Event"), "workflow.completed");
}

TEST(WebhookSignature, TwoWhileASecretRotates) {
  const secret_bytes now = signing_key("the new secret"), before = signing_key(secret);
  const signed_event event{id, "limit.alert", "{}"};
  const auto headers = by_name(signed_headers(event, 5, now.span(), before.span()));
  EXPECT_EQ(headers.at("webhook-signature"),
            signature_v1(now.span(), headers.at("webhook-id"), 5, "{}") + " " +
                signature_v1(before.span(), headers.at("webhook-id"), 5, "{}"));
  // The older header has room for one.
  EXPECT_EQ(headers.at("X-Webhook-Signature"),
            by_name(signed_headers(event, 5, now.span())).at("X-Webhook-Signature"));
}

TEST(WebhookSignature, OfLargeAndEmptyBodies) {
  const auto key = as_bytes("any key");
  const std::string large(5 * 1024 * 1024, 'x');
  EXPECT_EQ(signature_v1(key, "i", 0, large),
            "v1," + base64_encode(crypto::hmac_sha256(key, as_bytes("i.0." + large))));
  EXPECT_EQ(signature_v1(key, "i", 0, ""), "v1," + base64_encode(crypto::hmac_sha256(key, as_bytes("i.0."))));
}

}  // namespace
}  // namespace llm_admin::webhooks
