// The extension's catalog compared with the reference that ships: the one comparison behind
// validate_schema(), repair_schema(), verify_llm_configs() and key_status().
//
// Reads pg_catalog alone, as whoever calls, under settings that the texts of the reference were made with.
// The reference is that of the library's version, so an extension at another version is not compared, and
// neither is one on a major of the server that the reference has no lines for. While the schema has another
// name than llm_admin, everything is compared as if it had that one; the finding that names it comes first.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "core/schema/drift.hpp"

namespace llm_admin::store {

struct drift {
  std::string not_compared;  // why nothing was; empty when all was
  std::string statement;     // what lets it be compared, if something does
  std::size_t compared = 0;  // objects of the reference
  std::vector<schema::finding> findings;
};

drift schema_drift();

// Names of the tables, functions and so on of the reference, with their schema; empty when there is none.
std::set<std::string, std::less<>> shipped_names();

// The version of the extension in this database; empty when there is none.
std::string installed_version();

}  // namespace llm_admin::store
