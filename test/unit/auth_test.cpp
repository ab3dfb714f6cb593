#include "core/auth.hpp"

#include <gtest/gtest.h>

#include <string>

namespace llm_admin::auth {
namespace {

TEST(Headers, NamesOfHostsAndHopsSteer) {
  for (const char* name : {"Host",
                           "hOsT",
                           "X-Host",
                           "X-HTTP-Host-Override",
                           "X-Original-Host",
                           "X_Host",
                           "X-Forwarded-Host",
                           "X-Forwarded-Server",
                           "X-Forwarded-For",
                           "X_FORWARDED_PROTO",
                           "Forwarded",
                           "X-Forwarded",
                           "Proxy",
                           "Proxy-Connection",
                           "Via-Proxy",
                           "Content-Length",
                           "content_length",
                           "Transfer-Encoding",
                           "Connection",
                           "Keep-Alive",
                           "TE",
                           "Trailer",
                           "Upgrade",
                           "Expect",
                           "HTTP2-Settings",
                           "X-Method-Override",
                           "X-HTTP-Method",
                           "X-Original-URL",
                           "X-Rewrite-URL",
                           "X-Envoy-Original-Path-Rewrite",
                           "Alt-Used",
                           "X-Authority"})
    EXPECT_TRUE(steers_delivery(name)) << name;
  EXPECT_TRUE(steers_delivery(std::string(300, 'a') + "-host"));
}

TEST(Headers, NamesOfSecretsCarryCredentials) {
  for (const char* name : {"Authorization",
                           "X-Authorization",
                           "cf-aig-authorization",
                           "Proxy-Authorization",
                           "apikey",
                           "ApiKey",
                           "api-key",
                           "api_key",
                           "X.Api..Key",
                           "X-API-Key",
                           "x-goog-api-key",
                           "X-Auth-Token",
                           "x-amz-security-token",
                           "Token",
                           "X-Access-Token",
                           "Cookie",
                           "Set-Cookie",
                           "X-Client-Secret",
                           "X-Password",
                           "X-Passwd",
                           "X-Amz-Credential",
                           "Ocp-Apim-Subscription-Key",
                           "X-Auth-Key",
                           "X-Auth-Email",
                           "Helicone-Auth",
                           "X-Access-Key",
                           "accesskey",
                           "x-portkey-virtual-key",
                           "X-Bearer",
                           "X-JWT-Assertion",
                           "X-Vault-Token",
                           "WWW-Authenticate"})
    EXPECT_TRUE(carries_credentials(name)) << name;
}

// What vendors document, and what clients send besides.
TEST(Headers, OthersPass) {
  for (const char* name : {"anthropic-version",
                           "anthropic-beta",
                           "anthropic-dangerous-direct-browser-access",
                           "OpenAI-Organization",
                           "OpenAI-Project",
                           "OpenAI-Beta",
                           "HTTP-Referer",
                           "Referer",
                           "X-Title",
                           "api-version",
                           "x-goog-user-project",
                           "x-goog-api-client",
                           "Content-Type",
                           "Accept",
                           "User-Agent",
                           "Idempotency-Key",
                           "X-Idempotency-Key",
                           "X-Key",
                           "X-Cache-Key",
                           "X-Request-Id",
                           "X-DashScope-SSE",
                           "x-ms-client-request-id",
                           "X-Session-Id",
                           "Cache-Control",
                           "Prefer",
                           "x-portkey-provider",
                           "X-Author",
                           "Accept-Language",
                           "X-Title-Hint",
                           "Origin"})
    EXPECT_FALSE(is_reserved_header(name)) << name;
}

TEST(Headers, WhatWasRefusedIsStill) {
  for (const char* name : {"Authorization", "HOST", "x-api-key", "cookie", "x-rewrite-url"}) {
    EXPECT_TRUE(was_always_reserved(name)) << name;
    EXPECT_TRUE(is_reserved_header(name)) << name;
  }
  EXPECT_FALSE(was_always_reserved("X-Host"));
}

}  // namespace
}  // namespace llm_admin::auth
