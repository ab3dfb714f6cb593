#include "core/http/connection.hpp"

#include "core/given_name.hpp"
#include "core/http/auth.hpp"
#include "core/http/headers.hpp"
#include "core/http/url.hpp"
#include "core/text.hpp"

namespace llm_admin {

namespace {

void check_auth(const connection& c, std::vector<std::string>& problems) {
  if (c.auth_scheme == "none") return;
  if (c.auth_scheme == "query_param") {
    // The template names the query parameter.
    if (c.auth_header_template && percent_encode_query(*c.auth_header_template) != *c.auth_header_template)
      problems.push_back(
          "auth_header_template must be the plain name of a query parameter for auth_scheme query_param");
    return;
  }
  const std::string_view text = c.auth_header_template.value_or(auth::default_template(c.auth_scheme));
  if (text.empty())
    problems.push_back("auth_header_template is needed for auth_scheme " + named_or_length(c.auth_scheme));
  else if (!auth::parse_template(text))
    problems.push_back("auth_header_template must read 'Name: text {api_key}' without control characters");
}

constexpr std::size_t max_problems = 100;
constexpr std::uint32_t headers_between_polls = 4096;

void check_headers(const connection& c, void (*poll)(), std::vector<std::string>& problems) {
  if (!c.additional_headers.is_object()) return;
  const auto own =
      auth::parse_template(c.auth_header_template.value_or(auth::default_template(c.auth_scheme)));
  for (std::uint32_t n = 0; n < c.additional_headers.size; ++n) {
    if (problems.size() >= max_problems) {
      problems.push_back("there may be more problems; the first 100 are listed");
      return;
    }
    if (n % headers_between_polls == headers_between_polls - 1 && poll != nullptr) poll();
    std::string_view name;
    const json::node value = c.additional_headers.member_at(n, name);
    if (!valid_header_name(name)) {
      problems.push_back("additional_headers holds a name that is no HTTP header name");
      continue;
    }
    const std::string quoted_name = "additional_headers." + header_named(name);
    if (auth::is_reserved_header(name) || (own && same_header(own->name, name)))
      problems.push_back(quoted_name + " may not be set here: it carries credentials or steers delivery");
    if (!value.is_string())
      problems.push_back(quoted_name + " must be a text");
    else if (value.text().size() > longest_header_value)
      problems.push_back(quoted_name + " is longer than " + std::to_string(longest_header_value) + " bytes");
    else if (!valid_header_value(value.text()))
      problems.push_back(quoted_name + " holds control characters");
    else if (!within_latin_1(value.text()))
      problems.push_back(quoted_name + " holds characters that are not in Latin-1");
    else if (value.text().find("{api_key}") != std::string_view::npos)
      problems.push_back(quoted_name + " may not hold {api_key}; that is what auth_header_template is for");
  }
}

}  // namespace

std::vector<std::string> connection_problems(const connection& c, std::string_view plain_http_hosts,
                                             void (*poll)()) {
  std::vector<std::string> problems;
  const auto bounded = [&](const char* column, std::string_view text) {
    if (text.size() > longest_url)
      problems.push_back(column + (" is longer than " + std::to_string(longest_url)) + " bytes");
  };
  bounded("base_url", c.base_url);
  bounded("endpoint_path_template", c.endpoint_path_template);
  bounded("auth_header_template", c.auth_header_template.value_or(""));
  if (!problems.empty()) return problems;
  for (std::string& p : base_url_problems(c.base_url, plain_http_hosts))
    problems.push_back("base_url: " + std::move(p));
  if (c.base_url.find("{api_key}") != std::string_view::npos)
    problems.push_back("base_url may not hold {api_key}");
  for (std::string& p : endpoint_path_problems(c.endpoint_path_template))
    problems.push_back("endpoint_path_template " + std::move(p));
  check_auth(c, problems);
  check_headers(c, poll, problems);
  return problems;
}

std::vector<std::string> tenant_url_problems(std::string_view base_url, std::string_view plain_http_hosts) {
  const std::string too_long = "it has more than " + std::to_string(longest_tenant_url) + " characters";
  if (base_url.size() > 4 * longest_tenant_url) return {too_long};
  std::vector<std::string> problems = base_url_problems(base_url, plain_http_hosts);
  if (problems.empty() && parse_url(base_url).host.find('{') != std::string::npos)
    problems.emplace_back("its host holds a {hole}, which nothing fills; write the host itself");
  if (characters_in(base_url) > longest_tenant_url) problems.push_back(too_long);
  return problems;
}

}  // namespace llm_admin
