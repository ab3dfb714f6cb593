// The auth header of a provider: `Name: text {api_key}`, split at the first ": ". The key itself is put into it
// by core/http/request.hpp, add_key().
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

// Header names by kind, whatever their case and marks (X_Forwarded.Host is x-forwarded-host). No header
// beside the one of the key may be of either kind.
//   steers_delivery      names a host or a hop, or bears on how the message is framed or routed
//   carries_credentials  holds key, token, cookie, password and the like; idempotency-key is none
bool steers_delivery(std::string_view name) noexcept;
bool carries_credentials(std::string_view name) noexcept;
// Those that 0.3 refused already, so that no stored mapping may hold them.
bool was_always_reserved(std::string_view name) noexcept;
inline bool is_reserved_header(std::string_view name) noexcept {
  return steers_delivery(name) || carries_credentials(name);
}

}  // namespace llm_admin::auth
