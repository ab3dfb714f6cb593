#include "ledger/script_file.hpp"

#include <fstream>
#include <iterator>
#include <optional>
#include <vector>

#include "core/crypto/primitives.hpp"
#include "core/encoding.hpp"
#include "pg/guard.hpp"

namespace llm_admin::ledger {

namespace {

std::string share_folder() {
  char path[MAXPGPATH];
  get_share_path(my_exec_path, path);
  return path;
}

// PostgreSQL 18 looks through extension_control_path, whose elements hold a folder `extension`; $system
// stands for the server's own share folder. Older servers know only the latter.
std::vector<std::string> folders() {
  std::vector<std::string> found{share_folder()};
  const char* setting = pg::call([] { return GetConfigOption("extension_control_path", true, false); });
  std::string rest = setting != nullptr ? setting : "";
  while (!rest.empty()) {
    const std::size_t colon = rest.find(':');
    const std::string element = rest.substr(0, colon);
    if (!element.empty() && element[0] == '/') found.push_back(element);
    rest.erase(0, colon == std::string::npos ? rest.size() : colon + 1);
  }
  return found;
}

std::optional<std::string> contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (file.bad() || bytes.empty()) return std::nullopt;
  return bytes;
}

}  // namespace

std::string script_checksum(const std::string& name) {
  for (const std::string& folder : folders())
    if (const auto bytes = contents(folder + "/extension/" + name))
      return hex_encode(crypto::sha256(as_bytes(*bytes)));
  return "unknown";
}

}  // namespace llm_admin::ledger
