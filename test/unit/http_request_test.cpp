// Where the URL, the headers and the key of a request come from and go: core/http/request.hpp.
#include "core/http/request.hpp"

#include <gtest/gtest.h>

#include "core/encoding.hpp"
#include "core/error.hpp"
#include "unit/json_text.hpp"

namespace llm_admin::http {
namespace {

using test::document;
using test::text_of;

struct call {
  endpoint to{"acme", "https://api.acme.com/v1", "/chat", "POST", "bearer", "", {}};
  mapping::built_request built;
  mapping::limits limits;
  document headers{"{}"};
  json::tree out;
  request made;

  call() { built.body = out.object(); }
  call& run() {
    to.headers = headers;
    made = build(to, built, limits, out);
    return *this;
  }
  call& run_with(std::string_view key) {
    run();
    add_key(made, to, built, secret_bytes::copy_of(as_bytes(key)), out);
    return *this;
  }
  std::string url() { return std::string(made.whole_url().text()); }
  std::string shown_headers() { return text_of(made.headers); }
};

// "sqlstate message|detail" of what a call refuses; "" when it refuses nothing.
template <class Act>
std::string refused(Act&& act) {
  try {
    act();
  } catch (const error& e) {
    return std::string(e.sqlstate()) + " " + e.message() + "|" + e.detail();
  }
  return "";
}

std::string url_with(std::string_view base, std::string_view path,
                     std::vector<std::pair<std::string, std::string>> holes) {
  call c;
  c.to.base_url = base;
  c.to.path_template = path;
  c.built.url_holes = std::move(holes);
  return c.run().url();
}

std::string refused_url(std::string_view base, std::string_view path,
                        std::vector<std::pair<std::string, std::string>> holes) {
  return refused([&] { url_with(base, path, holes); });
}

// ---- the URL
// ------------------------------------------------------------------------------------------------

TEST(http_request_url, joins_base_and_path) {
  EXPECT_EQ(url_with("https://h/v1", "/chat", {}), "https://h/v1/chat");
  EXPECT_EQ(url_with("https://h/v1/", "/v1/chat", {}), "https://h/v1/chat");
}

TEST(http_request_url, path_of_the_mapping_goes_before_that_of_the_row) {
  call c;
  c.built.path = "/models";
  c.built.method = "GET";
  EXPECT_EQ(c.run().url(), "https://api.acme.com/v1/models");
  EXPECT_EQ(c.made.method, "GET");
  EXPECT_EQ(c.made.body, nullptr);
}

TEST(http_request_url, a_hole_is_one_encoded_segment) {
  EXPECT_EQ(url_with("https://h", "/m/{model}:run", {{"model", "a b/c?d#e%f"}}),
            "https://h/m/a%20b%2Fc%3Fd%23e%25f:run");
  EXPECT_EQ(url_with("https://h", "/{a}/{b}/{a}", {{"a", "x"}, {"b", "\xc3\xa9"}}), "https://h/x/%C3%A9/x");
  EXPECT_EQ(url_with("https://h", "/{a}", {{"a", "{b}"}, {"b", "never"}}), "https://h/%7Bb%7D");
  EXPECT_EQ(url_with("https://h", "/{a}", {{"a", "\r\nHost: evil"}}), "https://h/%0D%0AHost%3A%20evil");
}

TEST(http_request_url, the_host_is_filled_by_nothing) {
  for (const std::string_view base :
       {"https://{host}/v1", "https://api.{host}.com", "https://h{host}:443/x"}) {
    EXPECT_EQ(refused_url(base, "/chat", {{"host", "evil.example"}}),
              "LA002 the URL of provider acme cannot be built|base_url's host holds {host}: write the host "
              "itself there")
        << base;
  }
  EXPECT_EQ(url_with("https://h/{project}", "/chat", {{"project", "p@q:1"}}), "https://h/p%40q%3A1/chat");
}

TEST(http_request_url, no_step_up_the_path) {
  for (const char* dots : {".", ".."})
    EXPECT_EQ(refused_url("https://h", "/a/{x}/b", {{"x", dots}}),
              "LA002 the URL of provider acme cannot be built|the value for {x} is a dot segment");
  EXPECT_EQ(url_with("https://h", "/{x}", {{"x", "..."}}), "https://h/...");
  EXPECT_EQ(url_with("https://h", "/{x}", {{"x", "%2e%2e"}}), "https://h/%252e%252e");
}

TEST(http_request_url, a_hole_of_several_segments_keeps_its_slashes) {
  call c;
  c.to.base_url = "https://h";
  c.to.path_template = "/v1/{w}/x/{one}";
  c.built.url_holes = {{"w", "a/b c/%2F"}, {"one", "a/b"}};
  c.built.segmented_holes = {"w"};
  EXPECT_EQ(c.run().url(), "https://h/v1/a/b%20c/%252F/x/a%2Fb");
}

TEST(http_request_url, every_hole_is_filled) {
  EXPECT_EQ(refused_url("https://h", "/{x}", {{"y", "1"}}),
            "LA002 the URL of provider acme cannot be built|nothing fills {x}");
  EXPECT_EQ(refused_url("https://h", "/{x", {{"x", "1"}}),
            "LA002 the URL of provider acme cannot be built|a { is never closed");
}

TEST(http_request_url, query_of_the_mapping) {
  call c;
  c.built.query = {{"a b", "1&2"}, {"c", ""}};
  EXPECT_EQ(c.run().url(), "https://api.acme.com/v1/chat?a%20b=1%262&c=");
  call of_path;
  of_path.to.path_template = "/chat?alt=sse";
  of_path.built.query = {{"a", "="}};
  EXPECT_EQ(of_path.run().url(), "https://api.acme.com/v1/chat?alt=sse&a=%3D");
}

TEST(http_request_url, is_bounded) {
  call holes;
  holes.limits.max_output_bytes = 100;
  holes.to.path_template = "/{x}/{x}/{x}/{x}";
  holes.built.url_holes = {{"x", std::string(30, 'y')}};
  EXPECT_EQ(refused([&] { holes.run(); }).substr(0, 5), "54000");
  call query;
  query.limits.max_output_bytes = 100;
  for (int n = 0; n < 10; ++n) query.built.query.emplace_back("name", "0123456789");
  EXPECT_EQ(refused([&] { query.run(); }).substr(0, 5), "54000");
}

// ---- headers
// ------------------------------------------------------------------------------------------------

TEST(http_request_headers, the_rows_go_before_the_mappings) {
  call c;
  c.headers = document(R"({"X-Version": "row", "x-other": "o"})");
  c.built.headers = {{"x-version", "mapping"}, {"X-New", "n"}};
  EXPECT_EQ(c.run().shown_headers(),
            R"({"X-Version":"row","x-other":"o","X-New":"n","Content-Type":"application/json"})");
}

TEST(http_request_headers, content_type_only_with_a_body_and_once) {
  call given;
  given.headers = document(R"({"content-TYPE": "application/x"})");
  EXPECT_EQ(given.run().shown_headers(), R"({"content-TYPE":"application/x"})");
  call none;
  none.built.body = nullptr;
  EXPECT_EQ(none.run().shown_headers(), "{}");
}

TEST(http_request_headers, the_one_of_the_key_is_never_the_mappings) {
  for (const bool with_key : {false, true}) {
    call c;
    c.to.auth_scheme = "header";
    c.to.auth_header_template = "X-Api-Key: {api_key}";
    c.built.headers = {{"x-API-key", "of the mapping"}};
    with_key ? c.run_with("sk-1") : c.run();
    EXPECT_EQ(c.shown_headers(), with_key ? R"({"Content-Type":"application/json","X-Api-Key":"sk-1"})"
                                          : R"({"Content-Type":"application/json"})");
  }
}

// ---- the key
// ------------------------------------------------------------------------------------------------

TEST(http_request_key, bearer_has_a_template_of_its_own) {
  call c;
  EXPECT_EQ(c.run_with("sk-1").shown_headers(),
            R"({"Content-Type":"application/json","Authorization":"Bearer sk-1"})");
  EXPECT_EQ(c.url(), "https://api.acme.com/v1/chat");
}

TEST(http_request_key, stands_between_the_texts_of_the_template) {
  call c;
  c.to.auth_scheme = "custom";
  c.to.auth_header_template = "X-Auth: key={api_key}; v=1";
  EXPECT_EQ(c.run_with("{api_key}").shown_headers(),
            R"({"Content-Type":"application/json","X-Auth":"key={api_key}; v=1"})");
}

TEST(http_request_key, none_adds_nothing) {
  call c;
  c.to.auth_scheme = "none";
  EXPECT_EQ(c.run_with("sk-1").shown_headers(), R"({"Content-Type":"application/json"})");
  EXPECT_EQ(c.url(), "https://api.acme.com/v1/chat");
}

TEST(http_request_key, query_param_is_encoded_and_only_in_the_tail) {
  call c;
  c.to.auth_scheme = "query_param";
  c.run_with("a&b=c d/\xc3\xa9#%");
  EXPECT_EQ(c.made.url, "https://api.acme.com/v1/chat");
  EXPECT_EQ(c.url(), "https://api.acme.com/v1/chat?key=a%26b%3Dc%20d%2F%C3%A9%23%25");
  EXPECT_EQ(c.shown_headers(), R"({"Content-Type":"application/json"})");
  call named;
  named.to.auth_scheme = "query_param";
  named.to.auth_header_template = "token";
  named.built.query = {{"alt", "sse"}};
  EXPECT_EQ(named.run_with("k").url(), "https://api.acme.com/v1/chat?alt=sse&token=k");
}

TEST(http_request_key, no_rule_sets_its_parameter) {
  call c;
  c.to.auth_scheme = "query_param";
  c.built.query = {{"key", "of the mapping"}};
  EXPECT_EQ(refused([&] { c.run_with("sk-secret"); }),
            "LA002 the URL of provider acme cannot be built|a rule sets the query parameter that carries the "
            "key");
}

TEST(http_request_key, ends_no_line_and_is_never_shown) {
  for (const std::string_view bad : {"sk-secret\r\nHost: evil", "sk-secret\n", "sk-secret\x7f", "sk-secret\t",
                                     "sk-secret\xc4\x8a", "sk-secret\xc2\x85", "sk-secret\xe2\x80\xa8"}) {
    call c;
    const std::string said = refused([&] { c.run_with(bad); });
    EXPECT_EQ(said.substr(0, 57), "LA002 the key of provider acme cannot stand in a header|i") << bad;
    EXPECT_EQ(said.find("secret"), std::string::npos);
    EXPECT_EQ(c.shown_headers(), R"({"Content-Type":"application/json"})");
  }
  call latin;
  EXPECT_EQ(latin.run_with("\xc3\xa9").shown_headers(),
            "{\"Content-Type\":\"application/json\",\"Authorization\":\"Bearer \xc3\xa9\"}");
}

TEST(http_request_key, a_broken_template_is_no_header) {
  for (const std::string_view bad : {"X-Key {api_key}", "X-Key: none", "X Key: {api_key}",
                                     "X-Key: {api_key}{api_key}", "X-Key: \n{api_key}"}) {
    call c;
    c.to.auth_scheme = "header";
    c.to.auth_header_template = bad;
    EXPECT_EQ(refused([&] { c.run_with("sk-secret"); }),
              "LA001 auth_header_template of provider acme is invalid|")
        << bad;
  }
}

}  // namespace
}  // namespace llm_admin::http
