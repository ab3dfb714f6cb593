// What our tables and indexes are: their names, their columns with types, and the statements that make a
// missing part again. One list for whoever reads a table by name and for whoever says what is wrong with it.
#pragma once

#include <string_view>

#include "pg/server.hpp"

namespace llm_admin::store {

struct own_column {
  const char* name;
  Oid type;
  const char* definition;       // what follows the name in ADD COLUMN; NOT NULL only beside a default
  const char* since = nullptr;  // the version that brought it, where that is later than the table's
};

struct own_table {
  const char* name;
  const char* since;    // the version that brought it
  const char* telling;  // a column that no other table of ours has
  const own_column* columns;
  int count;
  char kind = RELKIND_RELATION;
};

struct own_index {
  const char* name;
  const char* table;
  const char* column;  // the first
  Oid type;            // of that column
  int columns;
  bool partial;
  const char* making;  // the statement that makes it
};

// Null where there is none of that name.
const own_table* find_own_table(std::string_view name);
const own_column* find_own_column(const own_table& table, std::string_view name);
const own_index* find_own_index(std::string_view name);
const own_table* first_own_table() noexcept;
const own_table* next_own_table(const own_table* after) noexcept;  // null after the last
const own_index* first_own_index() noexcept;
const own_index* next_own_index(const own_index* after) noexcept;  // null after the last
// The kind (relkind) of a sequence or view of ours; 0 for another name.
char find_own_relation(std::string_view name);

}  // namespace llm_admin::store
