// The rows of key_status() and who adds them; private to this room. A verdict is ok, info, warning or error.
// No row ever holds key material or a check value; paths are shown to superusers only.
#pragma once

#include <string_view>

#include "pg/result.hpp"

namespace llm_admin::keys {

namespace verdict {
inline constexpr const char* ok = "ok";
inline constexpr const char* info = "info";
inline constexpr const char* warning = "warning";
inline constexpr const char* error = "error";
}  // namespace verdict

class status_rows {
 public:
  explicit status_rows(FunctionCallInfo fcinfo) : rows_(fcinfo) {}
  // An empty hint becomes NULL.
  void add(std::string_view item, std::string_view value, const char* verdict, std::string_view hint = {});

 private:
  pg::row_set rows_;
};

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

}  // namespace llm_admin::keys
