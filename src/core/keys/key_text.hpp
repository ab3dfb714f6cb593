// Whether a text can be an API key at all, before it is sealed: what a slip of the hand makes of one is
// refused.
#pragma once

#include <string_view>

namespace llm_admin {

// What is wrong with `key` as a phrase without full stop ("is empty"), or null: it must be 1..65536 bytes
// long (the most an envelope holds), free of control characters, line breaks included, and no envelope of
// ours. Says nothing of its content. Throws nothing.
const char* key_problem(std::string_view key) noexcept;

// Throws error{invalid_parameter} when key_problem() finds something.
void require_key(std::string_view key);

}  // namespace llm_admin
