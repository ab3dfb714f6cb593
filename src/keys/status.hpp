// The rows of key_status() and who adds them; private to this room. A verdict is ok, info, warning or error.
// No row ever holds key material or a check value; paths are shown to superusers and level security only.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/crypto/keyring.hpp"
#include "pg/result.hpp"

namespace llm_admin::keys {

namespace verdict {
inline constexpr const char* ok = "ok";
inline constexpr const char* info = "info";
inline constexpr const char* warning = "warning";
inline constexpr const char* error = "error";
}  // namespace verdict

std::string list(const std::vector<std::int32_t>& ids);  // "1, 2"

class status_rows {
 public:
  explicit status_rows(FunctionCallInfo fcinfo) : rows_(fcinfo) {}
  // An empty hint becomes NULL.
  void add(std::string_view item, std::string_view value, const char* verdict, std::string_view hint = {});

 private:
  pg::row_set rows_;
};

// Root keys in use against the keyring; null when it cannot be read.
void add_roots(status_rows& rows, const crypto::keyring* ring);
// Data keys that the keyring's root keys do not open, and damaged check values; nothing when there are none.
void add_data_keys(status_rows& rows, const crypto::keyring* ring);
// How far the installation's data key and the most used one of a tenant are from their bounds.
void add_uses(status_rows& rows);
// What the key columns hold, and which data keys sealed it (status_stored_keys.cpp). Of an entered tenant and
// the providers alone, where one is entered.
void add_stored_keys(status_rows& rows);
void add_data_keys_of_stored(status_rows& rows);

// What in the server bears on the keys: roles that reach the server's files, settings that would log a
// literal.
void add_roles(status_rows& rows);
void add_logging(status_rows& rows);
// Levels whose role is gone or another; no row when there are none.
void add_levels(status_rows& rows);

// Whether this session is taken to be loading a dump; nothing when all is as ever.
void add_load(status_rows& rows);
// Whether every session of the server loads the library, so that its settings are hidden from the first on.
void add_preload(status_rows& rows);
// Providers with headers that an earlier version took and that are refused since.
void add_headers(status_rows& rows);
// Objects of the schema that are not as this version made them; no row when all are.
void add_schema(status_rows& rows);

}  // namespace llm_admin::keys
