// The auth header of a provider: `Name: text {api_key}`, split at the first ": ".
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace llm_admin::auth {

struct header_template {
  std::string name;    // as written
  std::string before;  // the value's text before the key
  std::string after;   // and after it
};

// The template of a scheme when the row gives none; empty for schemes that need one written or use no header.
std::string_view default_template(std::string_view auth_scheme) noexcept;

// Nothing when it is not `Name: text {api_key}` with a valid header name, a printable value and one
// {api_key}.
std::optional<header_template> parse_template(std::string_view text);

// Header names that carry credentials or steer where a request goes; a provider's additional_headers may not
// set them.
bool is_reserved_header(std::string_view name) noexcept;

// ASCII case-blind equality, for header names.
bool same_header(std::string_view a, std::string_view b) noexcept;

}  // namespace llm_admin::auth
