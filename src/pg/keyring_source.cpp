// Where this backend's root keys come from (contract in pg/key_store.hpp).
#include <unistd.h>

#include <memory>
#include <string>
#include <vector>

#include "core/crypto/keyring_file.hpp"
#include "core/error.hpp"
#include "pg/command.hpp"
#include "pg/guard.hpp"
#include "pg/key_store.hpp"
#include "pg/settings.hpp"

extern "C" {
#include "common/file_perm.h"
#include "storage/fd.h"
}

namespace llm_admin::pg::keyring_source {

namespace {

struct kept {
  crypto::keyring ring;
  std::string source;  // the settings it was read under
};

kept* instance = nullptr;

extern "C" void forget_root_keys(int, Datum) noexcept {
  if (instance != nullptr) instance->ring = crypto::keyring();
}

std::string source_now() {
  return std::string(settings::keyring_file()) + '\n' + std::string(settings::keyring_command());
}

// The data directory and every tablespace: a backup of those must not hold the root keys.
std::vector<std::string> forbidden_directories() {
  std::vector<std::string> places{DataDir};
  const std::string links = std::string(DataDir) + "/pg_tblspc";
  const char* directory = links.c_str();
  DIR* dir = call([=] { return AllocateDir(directory); });
  for (;;) {
    const dirent* entry = call([=] { return ReadDirExtended(dir, directory, LOG); });
    if (entry == nullptr) break;
    const std::string name(entry->d_name);
    if (name != "." && name != "..") places.push_back(links + "/" + name);
  }
  call([=] { FreeDir(dir); });
  return places;
}

kept& keep(crypto::keyring ring) {
  if (instance == nullptr) {
    instance = std::make_unique<kept>().release();
    call([] { on_proc_exit(forget_root_keys, 0); });
  }
  instance->ring = std::move(ring);
  instance->source = source_now();
  return *instance;
}

}  // namespace

std::string describe() {
  if (!settings::keyring_file().empty()) return "file " + std::string(settings::keyring_file());
  if (!settings::keyring_command().empty()) return "command";
  return "not configured";
}

crypto::keyring read() {
  const std::string file(settings::keyring_file());
  if (!file.empty()) {
    const crypto::keyring_file_policy policy{geteuid(), forbidden_directories()};
    const secret_bytes content = crypto::read_keyring_file(file, policy);
    return crypto::keyring::parse(content.text());
  }
  const std::string command(settings::keyring_command());
  if (!command.empty()) {
    const secret_bytes output =
        run_command(command, settings::keyring_command_timeout_ms(), crypto::max_keyring_bytes);
    return crypto::keyring::parse(output.text());
  }
  throw llm_admin::error(sqlstate::keyring, "no keyring is configured",
                         "llm_admin.keyring_file and llm_admin.keyring_command are both empty",
                         "make one with scripts/new-keyring, then: LOAD 'llm_admin'; ALTER SYSTEM SET "
                         "llm_admin.keyring_file = '/path/to/keyring'; SELECT pg_reload_conf();");
}

const crypto::keyring& current() {
  if (instance != nullptr && !instance->ring.empty()) {
    if (instance->source == source_now()) return instance->ring;
    try {
      return keep(read()).ring;
    } catch (const llm_admin::error&) {
      // A bad file at reload: a backend that has keys keeps them, and does not ask again for each use.
      instance->source = source_now();
      return instance->ring;
    }
  }
  return keep(read()).ring;
}

bool reread() {
  try {
    keep(read());
    return true;
  } catch (const llm_admin::error&) {
    return false;
  }
}

const secret_bytes* find(std::int32_t root_id) {
  if (const secret_bytes* key = current().find(root_id)) return key;
  return reread() ? instance->ring.find(root_id) : nullptr;
}

}  // namespace llm_admin::pg::keyring_source
