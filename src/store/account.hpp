// Accounts at vendors (llm_providers): which one a call of the platform uses, and its key.
//
// Of a provider's enabled accounts that have a key and need not rest, the one of the highest metadata.priority,
// then the first by name. None: the provider's row itself has the URL and the key. A tenant's own key goes
// before both (store/resolution.hpp).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/secret_bytes.hpp"
#include "core/uuid.hpp"
#include "store/provider.hpp"
#include "store/sealing.hpp"

namespace llm_admin::store {

struct account {
  std::string id, name, type;
  std::string base_url;  // the one that calls are sent to
  std::string stored_key;
};

// As the running statement sees it. `model`: its canonical id, of which an account may have to rest alone; empty: of none.
std::optional<account> account_for(const provider& of, std::string_view model = {});
// That account, whether it rests or not; nothing where it is not enabled, has no key, or is of another provider.
std::optional<account> account_of(const provider& of, const uuid_bytes& id);
// The ids of all that may be used now, in their order.
std::vector<uuid_bytes> accounts_for(const provider& of, std::string_view model);

// What came of a call: the account, or one model of it, rests until a time, or it works again. Writes where that changes
// something.
void rest_account(const uuid_bytes& id, std::string_view model, std::int64_t until, std::string_view reason);
void note_success(const uuid_bytes& id, std::string_view model);
// Where the account's key belongs; views of both.
key_place place_of(const account& of, const provider& provider);
// The key in the clear; errors as key_of() of a provider.
secret_bytes key_of(const account& of, const provider& provider);
// For errors and hints: "account x (type)" and the statement that gives it a key. What is not `stored` is what a
// caller gave, which may be a key in the wrong place.
key_texts texts_of_account(std::string_view name, std::string_view type, bool stored);

}  // namespace llm_admin::store
