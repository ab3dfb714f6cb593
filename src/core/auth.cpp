#include "core/auth.hpp"

#include <algorithm>
#include <array>

#include "core/url.hpp"

namespace llm_admin::auth {

namespace {

constexpr std::string_view key_hole = "{api_key}";

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Credentials in the first line; in the second, what decides where or how the request is delivered.
constexpr std::array<std::string_view, 27> reserved = {"authorization",
                                                       "proxy-authorization",
                                                       "cookie",
                                                       "x-api-key",
                                                       "api-key",
                                                       "x-goog-api-key",
                                                       "x-auth-token",
                                                       "x-amz-security-token",
                                                       "host",
                                                       "content-length",
                                                       "transfer-encoding",
                                                       "connection",
                                                       "upgrade",
                                                       "te",
                                                       "trailer",
                                                       "forwarded",
                                                       "x-forwarded-host",
                                                       "x-http-method-override",
                                                       "x-original-url",
                                                       "proxy",
                                                       "proxy-connection",
                                                       "keep-alive",
                                                       "expect",
                                                       "http2-settings",
                                                       "x-http-method",
                                                       "x-method-override",
                                                       "x-rewrite-url"};

}  // namespace

std::string_view default_template(std::string_view auth_scheme) noexcept {
  return auth_scheme == "bearer" ? "Authorization: Bearer {api_key}" : "";
}

std::optional<header_template> parse_template(std::string_view text) {
  const std::size_t colon = text.find(": ");
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string_view name = text.substr(0, colon);
  const std::string_view value = text.substr(colon + 2);
  const std::size_t hole = value.find(key_hole);
  if (!valid_header_name(name) || !valid_header_value(value) || hole == std::string_view::npos)
    return std::nullopt;
  const std::string_view after = value.substr(hole + key_hole.size());
  if (after.find(key_hole) != std::string_view::npos) return std::nullopt;
  return header_template{std::string(name), std::string(value.substr(0, hole)), std::string(after)};
}

bool same_header(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

bool is_reserved_header(std::string_view name) noexcept {
  return std::any_of(reserved.begin(), reserved.end(),
                     [&](std::string_view r) { return same_header(r, name); });
}

}  // namespace llm_admin::auth
