#include "core/tenant_config.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "core/error.hpp"
#include "unit/json_text.hpp"

namespace llm_admin {
namespace {

using test::document;

// The DETAIL of what is refused; "" when nothing is.
std::string refused(const std::string& text) {
  const document config(text);
  try {
    (void)decode_tenant_config(config);
  } catch (const error& e) {
    EXPECT_STREQ(e.sqlstate(), sqlstate::config_invalid);
    return e.detail().empty() ? e.message() : e.detail();
  }
  return "";
}

TEST(tenant_config, members) {
  const document config(
      R"({"provider": "groq", "apiKey": "sk-0123456789", "baseUrl": null, "defaultModel": "m", "policy": "choice"})");
  const given_config given = decode_tenant_config(config);
  EXPECT_EQ(given.provider, "groq");
  EXPECT_EQ(given.api_key, "sk-0123456789");
  EXPECT_FALSE(given.base_url.has_value());
  EXPECT_TRUE(given.clears_base_url);
  EXPECT_EQ(given.default_model, "m");
  EXPECT_FALSE(given.clears_default_model);
  EXPECT_EQ(given.policy, "choice");
  EXPECT_FALSE(given.keeps_key);
}

TEST(tenant_config, what_is_not_given_is_not_changed) {
  const document config("{}");
  const given_config given = decode_tenant_config(config);
  EXPECT_FALSE(given.provider || given.api_key || given.base_url || given.default_model || given.policy);
  EXPECT_FALSE(given.clears_base_url || given.clears_default_model || given.keeps_key);
}

TEST(tenant_config, all_problems_at_once) {
  EXPECT_EQ(refused(R"({"provider": 1, "policy": "mine", "keepKey": "yes"})"),
            "provider must be a text, not number\npolicy must be one of choice, byollm_only, aegis_only\n"
            "keepKey must be a boolean, not text");
  EXPECT_EQ(refused(R"({"keepKey": true, "apiKey": "sk-0123456789"})"),
            "keepKey and apiKey exclude each other");
  EXPECT_EQ(refused("[]"), "the tenant's configuration must be a JSON object");
}

TEST(tenant_config, names) {
  EXPECT_EQ(refused(R"({"maskedKey": "x"})"), "maskedKey is what get_llm_config tells and cannot be set");
  EXPECT_NE(refused(R"({"apikey": "sk-0123456789"})").find("did you mean apiKey?"), std::string::npos);
  EXPECT_EQ(refused(R"({"sk-or-0123456789abcdef": 1})").find("0123456789"), std::string::npos);
}

TEST(tenant_config, lengths) {
  EXPECT_EQ(refused(R"({"defaultModel": ")" + std::string(255, 'm') + "\"}"), "");
  EXPECT_EQ(refused(R"({"defaultModel": ")" + std::string(256, 'm') + "\"}"),
            "defaultModel must have at most 255 characters");
  EXPECT_EQ(refused(R"({"defaultModel": ""})"), "defaultModel must not be empty; null clears it");
  EXPECT_EQ(refused(R"({"apiKey": ")" + std::string(8193, 'k') + "\"}"),
            "apiKey is longer than 8192 bytes, which no header can carry");
}

TEST(tenant_config, a_wrong_key_is_never_quoted) {
  const std::string said = refused(R"({"apiKey": "sk-0123456789\nHost: evil"})");
  EXPECT_EQ(said.substr(0, 7), "apiKey ");
  EXPECT_EQ(said.find("0123456789"), std::string::npos);
}

TEST(tenant_config, problems_are_bounded) {
  std::string members;
  for (int n = 0; n < 300; ++n) members += (n == 0 ? "\"m" : ",\"m") + std::to_string(n) + "\":1";
  const std::string said = refused("{" + members + "}");
  EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 100);
  EXPECT_TRUE(said.ends_with("there may be more problems; the first 100 are listed"));
}

}  // namespace
}  // namespace llm_admin
