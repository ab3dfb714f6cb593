#include "ledger/script_file.hpp"

#include <unistd.h>

#include <fstream>
#include <iterator>
#include <optional>

#include "core/crypto/primitives.hpp"
#include "core/encoding.hpp"
#include "core/extension_path.hpp"
#include "pg/guard.hpp"

namespace llm_admin::ledger {

namespace {

std::string share_folder() {
  char path[MAXPGPATH];
  get_share_path(my_exec_path, path);
  return path;
}

constexpr const char* unknown = "unknown";

bool is_there(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

std::optional<std::string> contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (file.bad() || bytes.empty()) return std::nullopt;
  return bytes;
}

}  // namespace

// PostgreSQL 18 takes the first control file in the order of extension_control_path, and the scripts from
// beside it; older servers have no such setting.
std::string script_checksum(const std::string& name) {
  const char* setting = pg::call([] { return GetConfigOption("extension_control_path", true, false); });
  const auto folders = extension_folders(setting != nullptr ? setting : "", share_folder());
  if (!folders) return unknown;
  for (const std::string& folder : *folders) {
    if (!is_there(folder + "/llm_admin.control")) continue;
    const auto bytes = contents(folder + "/" + name);
    return bytes ? hex_encode(crypto::sha256(as_bytes(*bytes))) : unknown;
  }
  return unknown;
}

}  // namespace llm_admin::ledger
