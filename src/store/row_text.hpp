// Columns of a row as JSON, the same whatever the session's settings are: numbers and booleans as such, jsonb as it
// stands, times in UTC with microseconds, everything else as text. What looks like a secret is concealed
// (core/audit/concealed.hpp).
#pragma once

#include <string>
#include <string_view>

#include "core/json/tree.hpp"
#include "pg/tuple.hpp"

namespace llm_admin::audit {

// A value of more bytes is recorded by its size: {"bytes": n}.
inline constexpr std::size_t most_value_bytes = 1 << 20;

// Whether a column holds a key, or the hash of a token, which is as good as one. Of these no more is shown anywhere than
// that they changed.
bool is_key_column(std::string_view name) noexcept;
// Whether a column is what servers and workers note as they run. A change in these alone is nobody's change.
bool is_running_note(std::string_view name) noexcept;

// JSON's null for NULL. What it points to lives as long as the row and the current context.
json::item* column_value(json::tree& in, const pg::tuple_image& row, int attribute);

// The values of the primary key, joined by '/'; empty where the table has none. For a key of several columns `parts`
// becomes an object of them, else it stays null.
std::string row_id(json::tree& in, Relation table, const pg::tuple_image& row, json::item*& parts);

}  // namespace llm_admin::audit
