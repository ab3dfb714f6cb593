#include "core/http/auth.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <span>

#include "core/http/headers.hpp"
#include "core/text.hpp"

namespace llm_admin::auth {

namespace {

constexpr std::string_view key_hole = "{api_key}";

constexpr std::string_view reserved_since_0_1[] = {"authorization",
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

constexpr std::size_t longest_name = 256;

// The name in lower case with one '-' for each run of other marks, as the servers behind CGI and gateways
// read it: X_Api..Key is x-api-key.
class plain_name {
 public:
  explicit plain_name(std::string_view name) noexcept {
    for (const char c : name.substr(0, longest_name)) {
      const char small = ascii_lower(c);
      const bool mark = !((small >= 'a' && small <= 'z') || (small >= '0' && small <= '9'));
      if (mark && (size_ == 0 || text_[size_ - 1] == '-')) continue;
      text_[size_++] = mark ? '-' : small;
    }
    if (size_ > 0 && text_[size_ - 1] == '-') --size_;
  }
  std::string_view text() const noexcept { return {text_.data(), size_}; }
  bool is_one_of(std::span<const std::string_view> names) const noexcept {
    return std::any_of(names.begin(), names.end(), [&](std::string_view one) { return text() == one; });
  }
  bool holds_one_of(std::span<const std::string_view> parts) const noexcept {
    return std::any_of(parts.begin(), parts.end(),
                       [&](std::string_view part) { return text().find(part) != std::string_view::npos; });
  }
  bool has_word_of(std::span<const std::string_view> words) const noexcept {
    return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return has_word(word); });
  }
  bool ends_with_word_of(std::span<const std::string_view> words) const noexcept {
    return std::any_of(words.begin(), words.end(), [&](std::string_view word) {
      return text() == word || (text().ends_with(word) && text_[size_ - word.size() - 1] == '-');
    });
  }

 private:
  bool has_word(std::string_view word) const noexcept {
    for (std::size_t at = text().find(word); at != std::string_view::npos; at = text().find(word, at + 1)) {
      const std::size_t end = at + word.size();
      if ((at == 0 || text_[at - 1] == '-') && (end == size_ || text_[end] == '-')) return true;
    }
    return false;
  }

  std::array<char, longest_name> text_{};
  std::size_t size_ = 0;
};

// Names of the hop and of the message's frame (RFC 9110, 9112), which the client sets.
constexpr std::string_view of_the_hop[] = {
    "connection",  "keep-alive",     "te",     "trailer",        "transfer-encoding",
    "upgrade",     "content-length", "expect", "http2-settings", "alt-used",
    "max-forwards"};
constexpr std::string_view steering[] = {"host",          "forwarded",       "proxy",        "authority",
                                         "rewrite",       "method-override", "http-method",  "x-original",
                                         "original-path", "original-uri",    "original-url", "remote-addr",
                                         "api-base"};
// Whole words of a name: a place, the way to it, or the address that somebody came from.
constexpr std::string_view steering_words[] = {
    "addr",    "address",  "backend", "destination", "domain",   "downstream", "endpoint", "https",
    "ip",      "override", "port",    "proto",       "protocol", "redirect",   "route",    "router",
    "routing", "scheme",   "server",  "sni",         "upstream", "uri",        "url",      "via"};
constexpr std::string_view credentials[] = {"apikey",     "api-key", "token",     "authoriz", "authenticat",
                                            "cookie",     "secret",  "password",  "passwd",   "passphrase",
                                            "credential", "bearer",  "signature", "accesskey"};
constexpr std::string_view credential_words[] = {
    "auth", "cert",     "certificate", "cred",  "creds",   "csrf",      "hmac",   "impersonate",
    "jwt",  "kerberos", "login",       "logon", "mfa",     "oauth",     "oauth2", "oidc",
    "otp",  "pass",     "passcode",    "pat",   "pin",     "principal", "pwd",    "saml",
    "sid",  "sig",      "sso",         "totp",  "webauth", "xsrf"};
// Words that are one where nothing follows them: a session's id, which vendors group calls by, is none.
constexpr std::string_view last_words[] = {"session", "sessions", "ticket", "tickets"};
// Names that are one as a whole, with x- in front or without; and parts of a pair with a secret.
constexpr std::string_view whole_names[] = {"access", "login", "x-access", "remote-user", "x-remote-user"};
constexpr std::string_view credential_parts[] = {"access-client", "session-key", "session-ticket"};
// Not every key is one of access: idempotency-key tells one call from another.
constexpr std::string_view keys[] = {"access-key",  "account-key",   "admin-key",   "app-key",
                                     "client-key",  "functions-key", "license-key", "master-key",
                                     "private-key", "service-key",   "signing-key", "subscription-key",
                                     "user-key",    "virtual-key"};

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

bool steers_delivery(std::string_view name) noexcept {
  const plain_name plain(name);
  return name.size() > longest_name || plain.is_one_of(of_the_hop) || plain.holds_one_of(steering) ||
         plain.has_word_of(steering_words);
}

bool was_always_reserved(std::string_view name) noexcept {
  return std::any_of(std::begin(reserved_since_0_1), std::end(reserved_since_0_1),
                     [&](std::string_view one) { return same_header(one, name); });
}

bool carries_credentials(std::string_view name) noexcept {
  const plain_name plain(name);
  return plain.holds_one_of(credentials) || plain.holds_one_of(keys) ||
         plain.holds_one_of(credential_parts) || plain.has_word_of(credential_words) ||
         plain.ends_with_word_of(last_words) || plain.is_one_of(whole_names);
}

}  // namespace llm_admin::auth
