#include "core/keys/access_key_options.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "core/keys/access_token.hpp"
#include "core/keys/random_token.hpp"
#include "core/text.hpp"

namespace llm_admin {

namespace {

constexpr std::array<std::string_view, 9> issue_options = {
    "tenant_id", "user_id", "team", "tier", "allow", "deny", "tags", "expires_at", "blocked"};

constexpr std::size_t longest_tier_code = 50;
constexpr std::size_t longest_tenant_id = 255;  // characters
constexpr std::size_t longest_time = 64;        // bytes

bool is_tier_code(std::string_view text) noexcept {
  return text.size() <= longest_tier_code && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
         });
}

void check_key_name(std::string_view name, checked_options& in) {
  if (const auto wrong = name_problem(name, longest_key_name))
    in.problem("argument name " + *wrong);
  else if (has_random_token_form(name, access_token_beginning))
    in.problem("argument name is an access token, and a name is shown to people");
}

void check_globs(const access_key_options& read, checked_options& in) {
  std::vector<std::string_view> denied = read.deny;
  std::sort(denied.begin(), denied.end());
  for (std::size_t n = 0; n < read.allow.size(); ++n)
    if (std::binary_search(denied.begin(), denied.end(), read.allow[n]))
      in.problem("option allow: element " + std::to_string(n + 1) + " stands in deny, too, which wins");
}

}  // namespace

access_key_options read_access_key_options(std::string_view name, const json::node& options) {
  using empty = checked_options::empty;
  checked_options in(options, issue_options);
  access_key_options read;
  read.name = name;
  check_key_name(name, in);
  read.tenant_id = in.text("tenant_id").value_or("");
  if (characters_in(read.tenant_id) > longest_tenant_id)
    in.problem("option tenant_id must have at most 255 characters");
  read.user_id = in.text("user_id").value_or("");
  read.team = in.text("team").value_or("");
  read.tier = in.text("tier", empty::refused);
  if (read.tier && !is_tier_code(*read.tier))
    in.problem("option tier must be a tier's code, up to 50 of a-z, 0-9, _ and -");
  read.allow = in.texts("allow", most_key_globs, longest_key_glob);
  read.deny = in.texts("deny", most_key_globs, longest_key_glob);
  check_globs(read, in);
  read.tags = read_tags(in, "tags");
  read.expires_at = in.text("expires_at", empty::refused, longest_time);
  read.blocked = in.boolean("blocked").value_or(false);
  in.require("SELECT token FROM llm_admin.issue_access_key('<name>', '{\"tenant_id\": \"<tenant>\"}')");
  return read;
}

}  // namespace llm_admin
