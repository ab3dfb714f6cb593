// What stands in an installation besides what this version made: the user's ("yours"), or an error where it
// widens what roles see, swallows what they write, or stops writes. Nothing here fails but for memory.
#pragma once

#include <string>

#include "core/schema/object.hpp"

namespace llm_admin::schema {

struct verdict_on_other {
  const char* verdict;  // error, yours, or null: not worth telling
  std::string detail;
  std::string statement;  // empty: nothing that runs by itself mends it
};

// `on_table` says that it hangs on one of our tables.
verdict_on_other judge_other(const object& other, bool on_table);

}  // namespace llm_admin::schema
