#include "core/http/connection.hpp"

#include <gtest/gtest.h>

#include "unit/json_text.hpp"

namespace llm_admin {
namespace {

using test::document;

// The problems of a connection that has none but what `change` does to it, a line each.
template <class Change>
std::string problems(Change&& change, const char* headers = "{}") {
  const document holder(headers);
  connection c{"https://api.acme.com/v1", "/chat", "bearer", std::nullopt, holder};
  change(c);
  std::string lines;
  for (const std::string& one : connection_problems(c, "")) lines += (lines.empty() ? "" : "\n") + one;
  return lines;
}
std::string problems_of_headers(const char* headers) {
  return problems([](connection&) {}, headers);
}

TEST(connection, a_good_one_has_none) {
  EXPECT_EQ(problems_of_headers(R"({"X-Version": "1", "HTTP-Referer": "https://x"})"), "");
  EXPECT_EQ(problems([](connection& c) { c.auth_scheme = "none"; }), "");
}

TEST(connection, urls) {
  EXPECT_EQ(problems([](connection& c) { c.base_url = "http://api.acme.com"; }).substr(0, 10), "base_url: ");
  EXPECT_EQ(problems([](connection& c) { c.base_url = "https://u:p@api.acme.com"; }).substr(0, 10),
            "base_url: ");
  EXPECT_EQ(problems([](connection& c) { c.base_url = "https://h/{api_key}"; }),
            "base_url may not hold {api_key}");
  EXPECT_EQ(problems([](connection& c) { c.endpoint_path_template = "//evil.example"; }),
            "endpoint_path_template must begin with exactly one /");
}

TEST(connection, auth_template) {
  EXPECT_EQ(problems([](connection& c) { c.auth_scheme = "custom"; }),
            "auth_header_template is needed for auth_scheme custom");
  for (const std::string_view bad : {"X-Key", "X-Key: k", "X-Key: {api_key}\r\nX: y", "X Key: {api_key}"})
    EXPECT_EQ(problems([&](connection& c) { c.auth_header_template = bad; }),
              "auth_header_template must read 'Name: text {api_key}' without control characters")
        << bad;
  const auto in_query = [](std::string_view name) {
    return problems([=](connection& c) {
      c.auth_scheme = "query_param";
      c.auth_header_template = name;
    });
  };
  EXPECT_EQ(in_query("key"), "");
  EXPECT_EQ(in_query("a&b"),
            "auth_header_template must be the plain name of a query parameter for auth_scheme query_param");
}

TEST(connection, headers_beside_the_one_of_the_key) {
  for (const char* bad : {R"({"authorization": "x"})", R"({"X_Api..Key": "x"})", R"({"Host": "x"})",
                          R"({"Transfer-Encoding": "x"})", R"({"X-Forwarded-Host": "x"})"})
    EXPECT_NE(problems_of_headers(bad).find("may not be set here"), std::string::npos) << bad;
  EXPECT_EQ(problems_of_headers(R"({"X Y": "x"})"),
            "additional_headers holds a name that is no HTTP header name");
  EXPECT_EQ(problems_of_headers(R"({"X": 1})"), "additional_headers.X must be a text");
  EXPECT_EQ(problems_of_headers(R"({"X": "a\r\nHost: evil"})"),
            "additional_headers.X holds control characters");
  EXPECT_EQ(problems_of_headers("{\"X\": \"\xe2\x82\xac\"}"),
            "additional_headers.X holds characters that are not in Latin-1");
  EXPECT_EQ(problems_of_headers(R"({"X": "Bearer {api_key}"})"),
            "additional_headers.X may not hold {api_key}; that is what auth_header_template is for");
}

TEST(connection, own_header_is_taken) {
  EXPECT_NE(problems(
                [](connection& c) {
                  c.auth_scheme = "custom";
                  c.auth_header_template = "X-Own: {api_key}";
                },
                R"({"x-own": "x"})")
                .find("may not be set here"),
            std::string::npos);
}

TEST(connection, problems_are_bounded) {
  std::string headers;
  for (int n = 0; n < 300; ++n) headers += (n == 0 ? "\"X" : ",\"X") + std::to_string(n) + "\":1";
  const document holder("{" + headers + "}");
  const auto all = connection_problems({"https://h", "/c", "bearer", std::nullopt, holder}, "");
  ASSERT_EQ(all.size(), 101U);
  EXPECT_EQ(all.back(), "there may be more problems; the first 100 are listed");
}

TEST(connection, a_tenants_url_has_no_holes_in_its_host) {
  EXPECT_TRUE(tenant_url_problems("https://api.acme.com/{project}", "").empty());
  EXPECT_EQ(tenant_url_problems("https://{region}.acme.com", "").size(), 1U);
  EXPECT_EQ(tenant_url_problems("https://h/" + std::string(2048, 'a'), "").size(), 1U);
}

}  // namespace
}  // namespace llm_admin
