#include "store/keyring.hpp"

#include <unistd.h>

#include <map>
#include <memory>

#include "core/crypto/keyring_file.hpp"
#include "core/crypto/primitives.hpp"
#include "core/error.hpp"
#include "pg/command.hpp"
#include "pg/guard.hpp"
#include "pg/settings.hpp"

#include "store/owner.hpp"

extern "C" {
#include "common/file_perm.h"
#include "storage/fd.h"
}

namespace llm_admin::store::keyring {

namespace {

struct kept {
  crypto::keyring ring;
  std::string source;                                     // the settings it was read under
  std::map<std::int32_t, crypto::wrapping_key> wrapping;  // of the ring's keys, as they were asked for
};

// How the last read went. Within one statement the next one would go the same way.
struct attempt {
  TimestampTz statement = 0;
  std::string source;
  std::optional<crypto::keyring> ring;  // read and not taken up
  std::optional<llm_admin::error> failure;
  std::string logged;  // the last failure that the log was told of
};

// For the life of the backend; pointers, so that no destructor runs at exit.
kept* instance = nullptr;
attempt* last = nullptr;

extern "C" void forget_root_keys(int, Datum) noexcept {
  if (last != nullptr) last->ring.reset();
  if (instance == nullptr) return;
  instance->wrapping.clear();
  instance->ring = crypto::keyring();
}

std::string source_now() {
  return std::string(pg::settings::keyring_file()) + '\n' + std::string(pg::settings::keyring_command());
}

// The data directory and every tablespace: a backup of those must not hold the root keys.
std::vector<std::string> forbidden_directories() {
  std::vector<std::string> places{DataDir};
  const std::string links = std::string(DataDir) + "/pg_tblspc";
  const char* directory = links.c_str();
  DIR* dir = pg::call([=] { return AllocateDir(directory); });
  for (;;) {
    const dirent* entry = pg::call([=] { return ReadDirExtended(dir, directory, LOG); });
    if (entry == nullptr) break;
    const std::string name(entry->d_name);
    if (name != "." && name != "..") places.push_back(links + "/" + name);
  }
  pg::call([=] { FreeDir(dir); });
  return places;
}

crypto::keyring read() {
  const std::string file(pg::settings::keyring_file());
  if (!file.empty()) {
    const crypto::keyring_file_policy policy{geteuid(), forbidden_directories()};
    const secret_bytes content = crypto::read_keyring_file(file, policy);
    return crypto::keyring::parse(content.text());
  }
  const std::string command(pg::settings::keyring_command());
  if (!command.empty()) {
    const secret_bytes output =
        pg::run_command(command, pg::settings::keyring_command_timeout_ms(), crypto::max_keyring_bytes);
    return crypto::keyring::parse(output.text());
  }
  throw llm_admin::error(sqlstate::keyring, "no keyring is configured",
                         "llm_admin.keyring_file and llm_admin.keyring_command are both empty",
                         "make one with scripts/new-keyring, then: LOAD 'llm_admin'; ALTER SYSTEM SET "
                         "llm_admin.keyring_file = '/path/to/keyring'; SELECT pg_reload_conf();");
}

// Whether this statement has read the source already. A cancel or a lack of memory is not remembered.
bool asked_already() {
  return last != nullptr && last->statement == GetCurrentStatementStartTimestamp() &&
         last->source == source_now();
}

// Reads the source unless this statement has done so.
attempt& ask() {
  if (asked_already()) return *last;
  if (last == nullptr) {
    last = std::make_unique<attempt>().release();
    pg::call([] { on_proc_exit(forget_root_keys, 0); });
  }
  last->statement = 0;
  last->ring.reset();
  last->failure.reset();
  last->source = source_now();
  try {
    last->ring = read();
  } catch (const llm_admin::error& failed) {
    if (failed.is_fault()) throw;
    last->failure = failed;
  }
  last->statement = GetCurrentStatementStartTimestamp();
  return *last;
}

// A session that has keys keeps them and its calls go on, so that only the log can tell.
void log_failure(attempt& of) {
  const std::string reason = of.failure->message() + of.failure->detail();
  if (of.logged == reason) return;
  const char* message = of.failure->message().c_str();
  const char* detail = of.failure->detail().c_str();
  pg::call([=] {
    ereport(LOG_SERVER_ONLY,
            (errmsg("llm_admin keeps the root keys it has, for the keyring cannot be read again"),
             errdetail_internal("%s%s%s", message, *detail != '\0' ? ": " : "", detail)));
  });
  of.logged = reason;
}

// Takes up what the source holds; false when it cannot be read or that is done.
bool take_up(attempt& from) {
  if (!from.ring) return false;
  if (instance == nullptr) instance = std::make_unique<kept>().release();
  instance->wrapping.clear();
  instance->ring = std::move(*from.ring);
  instance->source = from.source;
  from.ring.reset();
  from.logged.clear();
  return true;
}

}  // namespace

void refuse(const llm_admin::error& found) {
  if (caller_may_see_keyring()) throw found;
  throw llm_admin::error(
      found.sqlstate(), found.message(), "",
      "a superuser or a role of level security sees more: SELECT * FROM llm_admin.key_status()",
      found.detail() + (found.hint().empty() ? "" : "; " + found.hint()));
}

namespace {

const crypto::keyring& current() {
  const bool have = instance != nullptr && !instance->ring.empty();
  if (have && instance->source == source_now()) return instance->ring;
  attempt& now = ask();
  if (take_up(now)) return instance->ring;
  if (!have) refuse(*now.failure);
  // A bad one at reload: a backend that has keys keeps them, and does not ask again for each use.
  if (now.failure) log_failure(now);
  instance->source = now.source;
  return instance->ring;
}

}  // namespace

std::string describe() {
  if (!pg::settings::keyring_file().empty()) return "file " + std::string(pg::settings::keyring_file());
  if (!pg::settings::keyring_command().empty()) return "command";
  return "not configured";
}

std::vector<std::int32_t> ids() { return current().ids(); }
std::int32_t first_active() { return current().first_active(); }

bool reread() {
  if (asked_already()) return take_up(*last);
  attempt& now = ask();
  if (now.failure && instance != nullptr && !instance->ring.empty()) log_failure(now);
  return take_up(now);
}

void require_newest() {
  attempt& now = ask();
  if (now.failure) refuse(*now.failure);
  (void)take_up(now);
}

crypto::keyring newest() {
  const attempt& now = ask();
  if (now.failure) refuse(*now.failure);
  return (now.ring ? *now.ring : instance->ring).copy();
}

std::optional<secret_bytes> find(std::int32_t root_id) {
  const secret_bytes* key = current().find(root_id);
  if (key == nullptr && reread()) key = instance->ring.find(root_id);
  if (key == nullptr) return std::nullopt;
  return secret_bytes::copy_of(key->span());
}

std::optional<secret_bytes> unwrap(const crypto::wrap_place& place, byte_view wrapped) {
  (void)current();
  const auto known = instance->wrapping.find(place.root_id);
  if (known != instance->wrapping.end()) return known->second.unwrap(place, wrapped);
  const std::optional<secret_bytes> root = find(place.root_id);
  if (!root) return std::nullopt;
  return instance->wrapping.try_emplace(place.root_id, root->span()).first->second.unwrap(place, wrapped);
}

}  // namespace llm_admin::store::keyring

namespace llm_admin::store {

secret_bytes require_root(std::int32_t root_id, std::string_view expected_check) {
  if (std::optional<secret_bytes> root = keyring::find(root_id)) return std::move(*root);
  const std::string id = std::to_string(root_id);
  std::string held;
  for (const std::int32_t other : keyring::ids()) held += (held.empty() ? "" : ", ") + std::to_string(other);
  keyring::refuse(llm_admin::error(
      sqlstate::keyring, "the keyring does not hold root key " + id,
      "expected root key " + id +
          (expected_check.empty() ? "" : " with check value " + std::string(expected_check)) + ", found " +
          (held.empty() ? "none" : held) + " in the keyring (" + keyring::describe() + ")",
      expected_check.empty()
          ? "add it with scripts/new-keyring --add PATH; SELECT * FROM llm_admin.key_status() tells more"
          : "put root key " + id +
                " back into the keyring; SELECT * FROM llm_admin.key_status() tells more"));
}

}  // namespace llm_admin::store
