#include "core/audit/concealed.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "core/calls/ticket.hpp"
#include "core/keys/access_token.hpp"
#include "core/keys/random_token.hpp"

namespace llm_admin::audit {

namespace {

constexpr std::array<std::string_view, 15> endings = {
    "apikey",      "accesskey",   "secretkey",     "privatekey",  "secret",
    "password",    "passwd",      "authorization", "credentials", "apitoken",
    "accesstoken", "bearertoken", "refreshtoken",  "authtoken",   "passphrase"};
constexpr std::array<std::string_view, 12> beginnings = {
    "sk-", "sk_", "gsk_", "xai-", "AIza", "hf_", "r8_", "pplx-", "nvapi-", "Bearer ", "lma1.", "ghp_"};
constexpr std::size_t shortest = 20;
// Of a longer name the end tells.
constexpr std::size_t most_of_name = 64;

bool is_blank(char c) noexcept { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

bool is_secret_member(std::string_view name, const json::node& value) noexcept {
  if (value.type == json::kind::null || value.type == json::kind::boolean) return false;
  if (value.is_string() && value.size == 0) return false;
  return is_name_of_secret(name);
}

bool holds_secret(const json::node& value) {
  std::vector<json::node> left{value};
  while (!left.empty()) {
    const json::node one = left.back();
    left.pop_back();
    if (one.is_string() && looks_secret(one.text())) return true;
    if (!one.is_object() && !one.is_array()) continue;
    for (std::uint32_t n = 0; n < one.size; ++n) {
      std::string_view key;
      const json::node child = one.is_array() ? one.element(n) : one.member_at(n, key);
      if (one.is_object() && is_secret_member(key, child)) return true;
      if (child.is_string() || child.is_object() || child.is_array()) left.push_back(child);
    }
  }
  return false;
}

}  // namespace

bool is_name_of_secret(std::string_view name) noexcept {
  char plain[most_of_name];
  std::size_t size = 0;
  if (name.size() > most_of_name) name.remove_prefix(name.size() - most_of_name);
  for (const char c : name) {
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) plain[size++] = c;
    if (c >= 'A' && c <= 'Z') plain[size++] = static_cast<char>(c - 'A' + 'a');
  }
  const std::string_view seen(plain, size);
  return seen == "token" || std::any_of(endings.begin(), endings.end(),
                                        [=](std::string_view ending) { return seen.ends_with(ending); });
}

bool looks_secret(std::string_view text) noexcept {
  if (text.size() < shortest) return false;
  if (has_random_token_form(text, access_token_beginning) ||
      has_random_token_form(text, calls::ticket_beginning))
    return true;
  const auto* begins = std::find_if(beginnings.begin(), beginnings.end(),
                                    [=](std::string_view beginning) { return text.starts_with(beginning); });
  return begins != beginnings.end() &&
         std::none_of(text.begin() + static_cast<std::ptrdiff_t>(begins->size()), text.end(), is_blank);
}

json::item* without_secrets(json::tree& in, const json::node& value) {
  if (!holds_secret(value)) return in.borrow(value);
  json::item* whole = in.copy(value);
  std::vector<json::item*> left{whole};
  const auto conceal = [](json::item* one) {
    const std::string_view key = one->key;
    *one = json::item{};
    one->type = json::kind::string;
    one->key = key;
    one->text = concealed;
  };
  while (!left.empty()) {
    json::item* one = left.back();
    left.pop_back();
    if (one->type == json::kind::string && looks_secret(one->text)) conceal(one);
    if (one->type != json::kind::object && one->type != json::kind::array) continue;
    for (json::item* child : one->children()) {
      if (one->type == json::kind::object && is_secret_member(child->key, json::view(child)))
        conceal(child);
      else
        left.push_back(child);
    }
  }
  return whole;
}

}  // namespace llm_admin::audit
