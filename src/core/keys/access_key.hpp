// An access key at a point in time, and the models that it may be used for. Pure: rows are read by others.
//
// Times are microseconds since 2000-01-01T00:00:00Z, the server's epoch, with its infinities as the least and the
// greatest number. A time that is reached has passed: a key ends at expires_at, not behind it.
//
// Refusals are LA011 and name the key by id and prefix, never by token or hash. Throws std::bad_alloc besides.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/error.hpp"
#include "core/uuid.hpp"

namespace llm_admin {

struct access_key_lifetime {
  bool blocked = false;
  std::optional<std::int64_t> expires_at, revoke_at;
  std::optional<std::int64_t> previous_until;  // until when the token before the last rotation is taken
};

enum class access_key_state : std::uint8_t {
  active,
  in_grace,  // found by the token before, which is still taken
  revoked,
  blocked,
  expired,
  replaced,  // found by the token before, which is not taken any more
};

// Of several states the one that says most: what was revoked is not mended by unblocking it. Without
// previous_until a token that was replaced is not taken at all.
access_key_state state_of(const access_key_lifetime& key, bool by_previous_token, std::int64_t now) noexcept;
constexpr bool is_usable(access_key_state state) noexcept {
  return state == access_key_state::active || state == access_key_state::in_grace;
}
std::string_view state_name(access_key_state state) noexcept;  // "in grace"

// The refusal of a key in a state that is not usable, with the statement that mends it.
error refusal_of(access_key_state state, const uuid_bytes& id, std::string_view prefix,
                 const access_key_lifetime& key);
// Of a token or hash that no key has; `problem` as in access_credential, or null.
error unknown_access_key(const char* problem = nullptr);

// What a key says of a model by its canonical name. It only narrows: what it allows, the rules of its tier must
// allow besides.
enum class model_verdict : std::uint8_t {
  tier_alone,   // it says nothing: allow is empty
  allowed,      // a pattern of allow matches
  denied,       // a pattern of deny matches, which wins over all of allow
  not_allowed,  // allow has patterns, and none matches
};
struct model_judgement {
  model_verdict verdict = model_verdict::tier_alone;
  std::string_view by;  // the pattern, of what was passed; empty where none matched
  bool is_open() const noexcept {
    return verdict == model_verdict::tier_alone || verdict == model_verdict::allowed;
  }
};
model_judgement judge_model(std::span<const std::string> allow, std::span<const std::string> deny,
                            std::string_view canonical);

}  // namespace llm_admin
