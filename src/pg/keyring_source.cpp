// Where this backend's root keys come from (contract in pg/key_store.hpp).
#include <unistd.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/crypto/keyring_file.hpp"
#include "core/crypto/primitives.hpp"
#include "core/error.hpp"
#include "pg/command.hpp"
#include "pg/guard.hpp"
#include "pg/key_store.hpp"
#include "pg/role.hpp"
#include "pg/settings.hpp"

extern "C" {
#include "common/file_perm.h"
#include "storage/fd.h"
}

namespace llm_admin::pg::keyring_source {

namespace {

struct kept {
  crypto::keyring ring;
  std::string source;                                     // the settings it was read under
  std::map<std::int32_t, crypto::wrapping_key> wrapping;  // of the ring's keys, as they were asked for
};

kept* instance = nullptr;

extern "C" void forget_root_keys(int, Datum) noexcept {
  if (instance == nullptr) return;
  instance->wrapping.clear();
  instance->ring = crypto::keyring();
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

// Where the keyring lies, and what is wrong there, is told to whom caller_may_see_keyring() says; to others
// the server's log has it.
[[noreturn]] void refuse(const llm_admin::error& found) {
  if (caller_may_see_keyring()) throw found;
  throw llm_admin::error(
      found.sqlstate(), found.message(), "",
      "a superuser or a role of level security sees more: SELECT * FROM llm_admin.key_status()",
      found.detail() + (found.hint().empty() ? "" : "; " + found.hint()));
}

kept& keep(crypto::keyring ring) {
  if (instance == nullptr) {
    instance = std::make_unique<kept>().release();
    call([] { on_proc_exit(forget_root_keys, 0); });
  }
  instance->wrapping.clear();
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

namespace {

crypto::keyring read_source() {
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

}  // namespace

crypto::keyring read() {
  try {
    return read_source();
  } catch (const llm_admin::error& found) {
    refuse(found);
  }
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

crypto::wrapping_key* wrapping(std::int32_t root_id) {
  const secret_bytes* root = find(root_id);
  if (root == nullptr) return nullptr;
  return &instance->wrapping.try_emplace(root_id, root->span()).first->second;
}

}  // namespace llm_admin::pg::keyring_source

namespace llm_admin::pg {

const secret_bytes& require_root(std::int32_t root_id, std::string_view expected_check) {
  const secret_bytes* root = keyring_source::find(root_id);
  const std::string id = std::to_string(root_id);
  if (root == nullptr) {
    std::string held;
    for (const std::int32_t other : keyring_source::current().ids())
      held += (held.empty() ? "" : ", ") + std::to_string(other);
    keyring_source::refuse(llm_admin::error(
        sqlstate::keyring, "the keyring does not hold root key " + id,
        "expected root key " + id +
            (expected_check.empty() ? "" : " with check value " + std::string(expected_check)) + ", found " +
            (held.empty() ? "none" : held) + " in the keyring (" + keyring_source::describe() + ")",
        expected_check.empty()
            ? "add it with scripts/new-keyring --add PATH; SELECT * FROM llm_admin.key_status() tells more"
            : "put root key " + id +
                  " back into the keyring; SELECT * FROM llm_admin.key_status() tells more"));
  }
  if (expected_check.empty()) return *root;
  std::string found = crypto::check_value(root->span(), "root");
  if (found != expected_check && keyring_source::reread())  // it may have been put right since it was read
    if (const secret_bytes* now = keyring_source::find(root_id)) {
      root = now;
      found = crypto::check_value(root->span(), "root");
    }
  if (found != expected_check)
    keyring_source::refuse(llm_admin::error(
        sqlstate::keyring, "root key " + id + " of the keyring is not the one this database uses",
        "expected check value " + std::string(expected_check) + ", found " + found + " (" +
            keyring_source::describe() + ")",
        "put the right keyring in place; SELECT * FROM llm_admin.key_status() tells more"));
  return *root;
}

}  // namespace llm_admin::pg
