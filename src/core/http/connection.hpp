// What a provider row must be beyond its mapping: URLs that reach the right host, headers that carry no
// credentials, an auth header that can be built. Pure: no server, no reads.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json/view.hpp"

namespace llm_admin {

inline constexpr std::size_t longest_url = 8192;  // bytes, of the base URL and of the path; as servers take
inline constexpr std::size_t longest_header_value = 65536;  // bytes

struct connection {
  std::string_view base_url;
  std::string_view endpoint_path_template;
  std::string_view auth_scheme;
  std::optional<std::string_view> auth_header_template;
  json::node additional_headers;
};

// What is wrong with it, a sentence each, the first hundred; empty when it is fine. `plain_http_hosts` is the
// setting of that name; `poll` is called every few thousand headers, and what it throws passes. What is too
// long is not looked through.
std::vector<std::string> connection_problems(const connection& c, std::string_view plain_http_hosts,
                                             void (*poll)() = nullptr);

// The same for a tenant's own base URL, which has no holes in its host.
inline constexpr std::size_t longest_tenant_url = 2048;  // characters
std::vector<std::string> tenant_url_problems(std::string_view base_url, std::string_view plain_http_hosts);

}  // namespace llm_admin
