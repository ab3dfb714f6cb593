#include <gtest/gtest.h>

#include "core/http/url.hpp"
#include "core/tenant_policy.hpp"
#include "core/time_text.hpp"

namespace llm_admin {
namespace {

std::string decided(tenant_policy policy, requested_key requested, tenant_key key) {
  const tenant_decision d = decide(policy, requested, key);
  return std::string(d.refused     ? "refused"
                     : d.by_tenant ? "tenant"
                                   : "platform") +
         (d.fallback_allowed ? "+" : "") + " " + d.reason;
}

TEST(tenant_policy, every_case) {
  using p = tenant_policy;
  using r = requested_key;
  using k = tenant_key;
  for (const k key : {k::no_config, k::missing, k::unreadable, k::usable}) {
    EXPECT_EQ(decided(p::choice, r::none, key), "platform not_requested");
    EXPECT_EQ(decided(p::choice, r::platform, key), "platform requested");
    for (const r requested : {r::none, r::byollm, r::platform})
      EXPECT_EQ(decided(p::aegis_only, requested, key), "platform policy_aegis_only");
  }
  EXPECT_EQ(decided(p::choice, r::byollm, k::usable), "tenant+ requested");
  EXPECT_EQ(decided(p::choice, r::byollm, k::no_config), "platform no_config");
  EXPECT_EQ(decided(p::choice, r::byollm, k::missing), "platform no_key");
  EXPECT_EQ(decided(p::choice, r::byollm, k::unreadable), "platform key_unreadable");
  for (const r requested : {r::none, r::byollm, r::platform}) {
    EXPECT_EQ(decided(p::byollm_only, requested, k::usable), "tenant policy_byollm_only");
    EXPECT_EQ(decided(p::byollm_only, requested, k::missing), "refused no_key");
    EXPECT_EQ(decided(p::byollm_only, requested, k::unreadable), "refused key_unreadable");
  }
}

TEST(tenant_policy, names) {
  EXPECT_EQ(tenant_policy_named("choice"), tenant_policy::choice);
  EXPECT_EQ(tenant_policy_named("Choice"), std::nullopt);
  EXPECT_EQ(requested_key_named("aegis"), requested_key::platform);
  EXPECT_EQ(requested_key_named("platform"), std::nullopt);
}

TEST(tenant_url, base_of_what_people_paste) {
  EXPECT_EQ(base_of("https://h/v1", "/chat/completions"), "https://h/v1");
  EXPECT_EQ(base_of("https://h/v1/", "/chat/completions"), "https://h/v1");
  EXPECT_EQ(base_of("https://h/v1/chat/completions", "/chat/completions"), "https://h/v1");
  EXPECT_EQ(base_of("https://h/v1/chat/completions/", "/chat/completions"), "https://h/v1");
  EXPECT_EQ(base_of("https://h/chat/completions", "/chat/completions"), "https://h");
  EXPECT_EQ(base_of("https://h/completions", "/chat/completions"), "https://h/completions");
  EXPECT_EQ(base_of("https://h/xchat/completions", "/chat/completions"), "https://h/xchat/completions");
  EXPECT_EQ(base_of("https://h", "/chat/completions"), "https://h");
  EXPECT_EQ(base_of("https://h//", "/"), "https://h");
  EXPECT_EQ(base_of("https://chat/completions", "/chat/completions"), "https://chat/completions");
  EXPECT_EQ(base_of("https://h/v1beta/models/gemini-2:generateContent", "/models/{model}:generateContent"),
            "https://h/v1beta");
  EXPECT_EQ(base_of("https://h/v1beta/models/:generateContent", "/models/{model}:generateContent"),
            "https://h/v1beta/models/:generateContent");
  EXPECT_EQ(base_of("https://h/d/x/chat?api-version=1", "/d/{model}/chat?api-version=1"),
            "https://h/d/x/chat?api-version=1");
  EXPECT_EQ(base_of("https://h/o/d/x/chat", "/d/{model}/chat?api-version=1"), "https://h/o");
  EXPECT_EQ(base_of("", "/x"), "");
  EXPECT_EQ(base_of("no url", "/x"), "no url");
}

TEST(time_text, iso_utc) {
  EXPECT_EQ(iso_utc(0), "2000-01-01T00:00:00.000Z");
  EXPECT_EQ(iso_utc(-1), "1999-12-31T23:59:59.999Z");
  EXPECT_EQ(iso_utc(-946'684'800'000'000), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(iso_utc(5'097'600'000'000), "2000-02-29T00:00:00.000Z");
  EXPECT_EQ(iso_utc(3'155'803'200'000'000), "2100-01-01T12:00:00.000Z");
  EXPECT_EQ(iso_utc(824'803'200'123'999), "2026-02-19T08:00:00.123Z");
  EXPECT_EQ(iso_utc(252'455'615'999'999'000), "9999-12-31T23:59:59.999Z");
}

}  // namespace
}  // namespace llm_admin
