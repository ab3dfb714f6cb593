// A row of access_keys: who a caller is, by its token, by the hash of one, or by the key's id.
//
// Nothing is kept between statements: each look-up reads the newest committed row by an index, whatever the isolation
// level, so that a key that was revoked is refused in the next statement of every session. Rows are read with the rights
// of the code; of other tenants than the entered one nothing is told. A hash is as good as a token: whoever takes one
// lets level app alone call it. Neither is ever a parameter of a statement, which logs may print, or in a message.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/keys/access_key.hpp"
#include "core/keys/access_token.hpp"
#include "core/uuid.hpp"
#include "pg/server.hpp"
#include "store/access.hpp"

namespace llm_admin::store {

// Views and datums last as long as the memory context that was current when the row was read.
struct access_key {
  uuid_bytes id;
  std::string_view prefix, name, tenant_id, team_id, user_id;
  std::optional<std::string_view> tier;
  Datum allow, deny;  // text[]
  Datum tags;         // jsonb
  access_key_lifetime lifetime;
  access_key_state state;  // when it was read
  std::optional<std::int32_t> last_used_day;
};

// LA011 where no key has it, the key is not usable now, or is of another tenant than the entered one.
access_key require_access_key(const access_credential& given);
// Nothing where there is none of that id, or it is out of reach.
std::optional<access_key> find_access_key(const uuid_bytes& id);
// 42704.
[[noreturn]] void no_such_access_key(const uuid_bytes& id);

// Notes the day, in UTC, that the key was used on: once a day, and not where another transaction is about to, nor where
// nothing can be written or an older snapshot would make it an error (REPEATABLE READ).
void note_use(const access_key& key);

// Makes the call the key's: tenant, user and tier are the key's where it has them. LA011 where what was given differs.
void bind_to_key(access_request& request, const access_key& key);
// What the key says of the model, after its tier was asked: it only narrows.
void apply_key(access_decision& made, const access_key& key);

std::vector<std::string> texts_of_array(Datum array);
Datum uuid_datum(const uuid_bytes& id);

// The hash that the trigger of access_keys writes into the row of the one statement that runs in this scope.
class hash_to_store {
 public:
  explicit hash_to_store(const crypto::digest& hash) noexcept;
  ~hash_to_store();
  hash_to_store(const hash_to_store&) = delete;
  hash_to_store& operator=(const hash_to_store&) = delete;
  static const crypto::digest* current() noexcept;  // null: none
};

}  // namespace llm_admin::store
