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
// What a vendor said, or an error about what it said, without the provider's key (core/keys/redact.hpp,
// scrub); as it is when there is no key that can be opened.
std::string without_key(const provider& row, std::string text);
llm_admin::error without_key(const provider& row, const llm_admin::error& from);

}  // namespace llm_admin::store
