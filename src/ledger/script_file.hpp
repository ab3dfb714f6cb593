// The script file behind a migration, found where the server finds extension scripts.
#pragma once

#include <string>

namespace llm_admin::ledger {

// SHA-256 of the file's bytes as lower-case hex; "unknown" when no such file can be read. `name` has been
// parsed, so it holds no folder.
std::string script_checksum(const std::string& name);

}  // namespace llm_admin::ledger
