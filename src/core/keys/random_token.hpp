// A text that nobody can guess: a beginning that says what it is, and 256 random bits in canonical base64url
// (core/encoding.hpp), 43 characters. It is a secret; what is stored is its hash.
#pragma once

#include <cstddef>
#include <string_view>

#include "core/secret_bytes.hpp"

namespace llm_admin {

inline constexpr std::size_t random_token_bytes = 32;
inline constexpr std::size_t random_token_characters = 43;  // behind the beginning

// Encoded without a table that the secret would index. Throws what crypto::random_bytes() throws.
secret_bytes make_random_token(std::string_view beginning);

// Whether `text` can have come from make_random_token(beginning). One that was cut, or whose last character holds
// more bits than are left for it, cannot.
bool has_random_token_form(std::string_view text, std::string_view beginning) noexcept;

}  // namespace llm_admin
