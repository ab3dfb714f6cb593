#include "core/settings_file.hpp"

#include <gtest/gtest.h>

#include "core/error.hpp"
#include "unit/json_text.hpp"

namespace llm_admin {
namespace {

using test::document;

// "provider: key, base URL, endpoint, model" for each, or what is refused.
std::string parsed(const char* text) {
  const document settings(text);
  std::string lines;
  try {
    for (const provider_settings& one : parse_settings(settings))
      lines += one.provider.value_or("(active)") + ": " + std::string(one.api_key) + "," +
               std::string(one.base_url) + "," + std::string(one.endpoint) + "," + std::string(one.model) +
               "\n";
  } catch (const error& e) {
    EXPECT_STREQ(e.sqlstate(), sqlstate::invalid_parameter);
    EXPECT_NE(e.hint(), "");
    return e.message() + "|" + e.detail();
  }
  return lines;
}

TEST(settings_file, members_by_any_of_their_names) {
  EXPECT_EQ(parsed(R"({"provider": "groq", "api_key": "k", "baseUrl": "https://h", "endpointPath": "/e",
                       "defaultModel": "m"})"),
            "groq: k,https://h,/e,m\n");
  EXPECT_EQ(
      parsed(R"({"provider_name": "groq", "key": "k", "base_url": "b", "endpoint": "e", "model": "m"})"),
      "groq: k,b,e,m\n");
}

TEST(settings_file, sections) {
  EXPECT_EQ(parsed(R"({"llm": {"apiKey": "k"}})"), "(active): k,,,\n");
  EXPECT_EQ(parsed(R"({"groq": {"key": "k"}})"), "groq: k,,,\n");
  EXPECT_EQ(parsed(R"({"providers": {"xai": {"key": "x"}, "groq": {"key": "g"}}})"),
            "groq: g,,,\nxai: x,,,\n");
}

TEST(settings_file, null_and_empty_are_not_given) {
  EXPECT_EQ(parsed(R"({"provider": "groq", "key": null, "model": "m", "baseUrl": ""})"), "groq: ,,,m\n");
  EXPECT_EQ(parsed(R"({"provider": "groq", "key": ""})"), "settings hold nothing to import|at the top");
  EXPECT_EQ(parsed("{}"), "settings hold nothing to import|");
}

TEST(settings_file, a_thing_is_said_once) {
  EXPECT_EQ(parsed(R"({"key": "a", "apiKey": "b"})").substr(0, 27), "settings say one thing twic");
  EXPECT_EQ(parsed(R"({"key": "a", "groq": {"key": "b"}})"),
            "settings stand both at the top and in sections|a section is groq");
  EXPECT_EQ(parsed(R"({"groq": {"key": "a"}, "providers": {"groq": {"key": "b"}}})").substr(0, 27),
            "settings say one thing twic");
}

TEST(settings_file, wrong_shapes) {
  EXPECT_EQ(parsed("[]"), "settings must be a JSON object|");
  EXPECT_EQ(parsed(R"({"key": 1})"), "member \"key\" in settings must be a string|it stands at the top");
  EXPECT_EQ(parsed(R"({"providers": {"groq": "k"}})").substr(0, 40),
            "settings of a provider must be an object");
}

TEST(settings_file, what_is_unknown_is_not_quoted) {
  const std::string said = parsed(R"({"sk-or-v1-0123456789abcdef": "x"})");
  EXPECT_EQ(said.substr(0, 14), "unknown member");
  EXPECT_EQ(said.find("0123456789"), std::string::npos);
}

}  // namespace
}  // namespace llm_admin
