// The key of a provider: where it belongs, and what it is in the clear, which exists only in secret_bytes.
#pragma once

#include <string>

#include "core/error.hpp"
#include "core/secret_bytes.hpp"
#include "store/provider.hpp"
#include "store/sealing.hpp"

namespace llm_admin::store {

key_place place_of(const provider& row);
// The provider's key; errors for a missing, foreign or unadopted one.
secret_bytes key_of(const provider& row);
// What stands for a vendor's words where the key that they may quote is sealed and cannot be opened now.
inline constexpr const char* left_out = "the message is left out: the key that it may quote cannot be opened";
// What a vendor said, without the provider's key (core/keys/redact.hpp, scrub); left_out where that is sealed
// and cannot be opened, as it is where there is none or a foreign one.
std::string without_key(const provider& row, std::string text);
// An error about what a vendor said; as it is when there is no key that can be opened.
llm_admin::error without_key(const provider& row, const llm_admin::error& from);

}  // namespace llm_admin::store
