#include <gtest/gtest.h>

#include <string>

#include "core/audit/concealed.hpp"
#include "core/json/text.hpp"
#include "unit/json_text.hpp"

namespace llm_admin::audit {
namespace {

std::string shown(const char* text) {
  const test::document document(text);
  json::tree tree;
  return json::write_text(json::view(without_secrets(tree, document)), 1U << 20).value_or("");
}

TEST(AuditConcealed, Names) {
  for (const char* name : {"api_key", "apiKey", "APIKEY", "X-Api-Key", "x.api.key", "openai_api_key",
                           "client_secret", "password", "db-passwd", "Authorization", "Proxy-Authorization",
                           "token", "access_token", "aws_secret_access_key"})
    EXPECT_TRUE(is_name_of_secret(name)) << name;
  for (const char* name : {"", "key", "keys", "max_tokens", "tokens", "api_key_name", "secretary", "author",
                           "token_count", "priority"})
    EXPECT_FALSE(is_name_of_secret(name)) << name;
  EXPECT_TRUE(is_name_of_secret(std::string(10000, 'x') + "_api_key"));
}

TEST(AuditConcealed, Texts) {
  for (const char* text : {"sk-0123456789abcdefg", "sk-or-v1-0123456789abcdef", "AIzaSyA-0123456789abcdef",
                           "gsk_0123456789abcdefgh", "Bearer 0123456789abcd", "lma1.AAAAAAAAAAAAAAAAAAAA"})
    EXPECT_TRUE(looks_secret(text)) << text;
  for (const char* beginning : {"la_", "lt_"}) {
    const std::string token = beginning + std::string(43, 'A');
    EXPECT_TRUE(looks_secret(token)) << token;
    EXPECT_FALSE(looks_secret(token + "A")) << "no token of ours";
    EXPECT_FALSE(looks_secret(token.substr(0, 45)));
  }
  for (const char* text :
       {"", "sk-", "sk-0123456789abcdef", "sk-learn is what the models of this server are made with",
        "claude-3-5-sonnet-20241022", "0123456789abcdef0123456789abcdef", "Bearer of news, all of it good"})
    EXPECT_FALSE(looks_secret(text)) << text;
}

TEST(AuditConcealed, Values) {
  EXPECT_EQ(shown("1.50"), "1.50");
  EXPECT_EQ(shown("\"sk-0123456789abcdefg\""), "\"***\"");
  EXPECT_EQ(shown("{\"a\":[1,{\"b\":null}],\"token\":null,\"password\":\"\",\"secret\":false}"),
            "{\"a\":[1,{\"b\":null}],\"token\":null,\"password\":\"\",\"secret\":false}");
  EXPECT_EQ(shown("{\"a\":[\"sk-0123456789abcdefg\",{\"token\":[1,2],\"n\":1}],\"api_key\":\"x\"}"),
            "{\"a\":[\"***\",{\"token\":\"***\",\"n\":1}],\"api_key\":\"***\"}");
  const std::string deep(20000, '['), end(20000, ']');
  EXPECT_EQ(shown((deep + "\"gsk_0123456789abcdefgh\"" + end).c_str()), deep + "\"***\"" + end);
}

}  // namespace
}  // namespace llm_admin::audit
