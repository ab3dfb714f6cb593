// Data keys under another root key.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace llm_admin::store::data_keys {

// Wraps every data key that another root key wraps under `root_id`, the active one, and writes damaged check
// values anew. A data key that does not open stays as it is and stops no other. Under lock_for_change().
struct rewrapped {
  std::int64_t done = 0;
  std::int64_t damaged = 0;         // data keys that do not open
  std::vector<std::string> owners;  // of those, the first few: "tenant x", "the installation"
  std::string first_tenant;         // of those; empty where they are the installation's alone
};
rewrapped rewrap(std::int32_t root_id);

}  // namespace llm_admin::store::data_keys
