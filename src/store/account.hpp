// Accounts at vendors (llm_providers): which one a call of the platform uses, and its key.
//
// Of a provider's enabled accounts that have a key and need not rest, the one of the highest metadata.priority,
// then the first by name. None: the provider's row itself has the URL and the key. A tenant's own key goes
// before both (store/resolution.hpp).
#pragma once

#include <optional>
#include <string>

#include "core/secret_bytes.hpp"
#include "store/provider.hpp"
#include "store/sealing.hpp"

namespace llm_admin::store {

struct account {
  std::string id, name, type;
  std::string base_url;  // the one that calls are sent to
  std::string stored_key;
};

// As the running statement sees it.
std::optional<account> account_for(const provider& of);
// Where the account's key belongs; views of both.
key_place place_of(const account& of, const provider& provider);
// The key in the clear; errors as key_of() of a provider.
secret_bytes key_of(const account& of, const provider& provider);
// For errors and hints: "account x (type)" and the statement that gives it a key. What is not `stored` is what a
// caller gave, which may be a key in the wrong place.
key_texts texts_of_account(std::string_view name, std::string_view type, bool stored);

}  // namespace llm_admin::store
