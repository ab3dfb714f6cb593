// The token of an access key: made, hashed, shown, and told from a hash.
//
// A token is `la_` and 43 characters of base64url (core/keys/random_token.hpp). It is shown once and stored nowhere.
// Stored is the SHA-256 of its text, the form in which LiteLLM keeps the keys of its callers, so that theirs go on
// working when their hashes are taken over: a token of another form is hashed all the same. A hash is as good as a
// token where it is taken, so neither ever stands in a message.
//
// For people there is the prefix: `la_` and the 8 characters behind it. Those are 48 of the 256 bits. 208 remain,
// which is beyond any search, of the token as of its hash; and 48 tell keys apart: of a million two alike are met
// once in 500 installations. Its end is not shown, which would tell no more. Of a token of another form nothing is
// shown: it may be short, and then its beginning is too much of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/crypto/primitives.hpp"
#include "core/secret_bytes.hpp"

namespace llm_admin {

inline constexpr std::string_view access_token_beginning = "la_";
inline constexpr std::size_t access_prefix_characters = 8;  // behind the beginning
inline constexpr std::size_t longest_access_token = 8192;   // bytes; servers take no longer header line

struct made_access_token {
  secret_bytes text;
  crypto::digest hash;
  std::string prefix;
};
made_access_token make_access_token();

crypto::digest access_token_hash(std::string_view token);
// "la_AbCdEfGh", or "" for a token of another form.
std::string access_token_prefix(std::string_view token);

// A hash as SQL writes it: 64 hexadecimal digits, with or without the \x of a bytea; or the 32 bytes themselves.
std::optional<crypto::digest> read_access_hash(std::string_view text) noexcept;
std::optional<crypto::digest> read_access_hash(byte_view bytes) noexcept;

// What a caller gave where a key is asked for.
enum class credential_form : std::uint8_t { own_token, foreign_token, hash, malformed };
struct access_credential {
  credential_form form = credential_form::malformed;
  crypto::digest hash{};          // of what the keys are looked up by; not where it is malformed
  const char* problem = nullptr;  // of a malformed one, a phrase: "holds blanks or control characters"
};
// A token. What begins like an own one and has not its form is malformed: it was cut, or mistyped.
access_credential read_access_token(std::string_view text);
// A token or a hash; what has the form of a hash is taken for one.
access_credential read_access_credential(std::string_view text);

// In a time that tells nothing of where they differ.
bool same_access_hash(byte_view left, byte_view right) noexcept;

}  // namespace llm_admin
