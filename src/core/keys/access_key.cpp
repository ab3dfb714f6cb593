#include "core/keys/access_key.hpp"

#include "core/glob.hpp"
#include "core/time_text.hpp"

namespace llm_admin {

namespace {

bool is_reached(const std::optional<std::int64_t>& time, std::int64_t now) noexcept {
  return time && *time <= now;
}

std::string on_the(const char* what, const std::optional<std::int64_t>& time) {
  return time && *time != INT64_MIN ? std::string(what) + " at " + iso_utc(*time) : std::string(what);
}

const std::string* first_match(std::span<const std::string> patterns, std::string_view text) {
  for (const std::string& pattern : patterns)
    if (glob_matches(pattern, text)) return &pattern;
  return nullptr;
}

}  // namespace

access_key_state state_of(const access_key_lifetime& key, bool by_previous_token, std::int64_t now) noexcept {
  if (is_reached(key.revoke_at, now)) return access_key_state::revoked;
  if (key.blocked) return access_key_state::blocked;
  if (is_reached(key.expires_at, now)) return access_key_state::expired;
  if (!by_previous_token) return access_key_state::active;
  return key.previous_until && now < *key.previous_until ? access_key_state::in_grace
                                                         : access_key_state::replaced;
}

std::string_view state_name(access_key_state state) noexcept {
  switch (state) {
    case access_key_state::active:
      return "active";
    case access_key_state::in_grace:
      return "in grace";
    case access_key_state::revoked:
      return "revoked";
    case access_key_state::blocked:
      return "blocked";
    case access_key_state::expired:
      return "expired";
    case access_key_state::replaced:
      return "replaced";
  }
  return "";
}

error refusal_of(access_key_state state, const uuid_bytes& id, std::string_view prefix,
                 const access_key_lifetime& key) {
  const std::string literal = '\'' + uuid_string(id) + '\'';
  std::string happened, mend;
  switch (state) {
    case access_key_state::revoked:
      happened = on_the("was revoked", key.revoke_at);
      mend = "SELECT token FROM llm_admin.issue_access_key('<name>')";
      break;
    case access_key_state::blocked:
      happened = "is blocked";
      mend = "SELECT llm_admin.block_access_key(" + literal + ", false)";
      break;
    case access_key_state::expired:
      happened = on_the("expired", key.expires_at);
      mend = "UPDATE llm_admin.access_keys SET expires_at = '<time>' WHERE id = " + literal;
      break;
    case access_key_state::replaced:
      happened = on_the("has a new token, and this one ended", key.previous_until);
      mend = "use the new token, or SELECT token FROM llm_admin.rotate_access_key(" + literal + ", 0)";
      break;
    default:
      return {sqlstate::internal_error, "an access key in use was refused"};
  }
  const std::string shown = prefix.empty() ? std::string() : " (" + std::string(prefix) + "...)";
  return {sqlstate::not_allowed, "the access key is " + std::string(state_name(state)),
          "key " + uuid_string(id) + shown + ' ' + happened, mend};
}

error unknown_access_key(const char* problem) {
  return {sqlstate::not_allowed, "the access key is not known",
          problem == nullptr ? std::string() : "what was given " + std::string(problem),
          "SELECT * FROM llm_admin.list_access_keys() shows the keys that there are"};
}

model_judgement judge_model(std::span<const std::string> allow, std::span<const std::string> deny,
                            std::string_view canonical) {
  if (const std::string* by = first_match(deny, canonical)) return {model_verdict::denied, *by};
  if (allow.empty()) return {model_verdict::tier_alone, {}};
  if (const std::string* by = first_match(allow, canonical)) return {model_verdict::allowed, *by};
  return {model_verdict::not_allowed, {}};
}

}  // namespace llm_admin
