// The arguments of issue_access_key(), decoded and checked as far as that needs no database.
//
// Options: tenant_id, user_id, team (texts; without one the key is bound to none, and to the platform itself where it
// has no tenant), tier (a tier's code), allow and deny (globs over canonical names), tags (core/call_tags.hpp),
// expires_at (a time, as the server reads it), blocked.
//
// An empty tier or expires_at is refused and not taken for none: whoever builds options from variables that happen to
// be empty would get a key that may do more. Errors are 22023 with all problems at once. Views last as long as what
// was given.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "core/call_tags.hpp"
#include "core/json/view.hpp"

namespace llm_admin {

inline constexpr std::size_t most_key_globs = 1000;   // of allow, and of deny
inline constexpr std::size_t longest_key_glob = 255;  // bytes, as those of a tier's rules
inline constexpr std::size_t longest_key_name = 255;  // bytes

struct access_key_options {
  std::string_view name;
  std::string_view tenant_id, user_id, team;  // empty where not given
  std::optional<std::string_view> tier, expires_at;
  std::vector<std::string_view> allow, deny;
  std::vector<call_tag> tags;
  bool blocked = false;
};

access_key_options read_access_key_options(std::string_view name, const json::node& options);

}  // namespace llm_admin
