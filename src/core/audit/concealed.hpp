// What looks like a secret among the values that the audit log is to record. The log cannot be changed, and outlives the row
// that somebody put a key into by mistake: of such a value it says "***".
//
// A name is that of a secret when it is or ends with one of a list (api_key, apiKey, X-Api-Key, client_secret, password,
// Authorization): case and what is no letter or digit count for nothing. A text is one when it begins as keys of providers
// do, or as envelopes, has 20 bytes or more and no blank behind that beginning; or when it has the form of our own tokens, of
// access keys and of senders' tickets. Throws std::bad_alloc only.
#pragma once

#include <string_view>

#include "core/json/tree.hpp"

namespace llm_admin::audit {

inline constexpr std::string_view concealed = "***";

bool is_name_of_secret(std::string_view name) noexcept;
bool looks_secret(std::string_view text) noexcept;

// The value as an item of `in`: borrowed where it holds nothing of the kind, else a copy with "***" in each place. Iterative.
json::item* without_secrets(json::tree& in, const json::node& value);

}  // namespace llm_admin::audit
