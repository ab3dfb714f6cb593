#include "core/crypto/keyring_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string_view>
#include <system_error>

#include "core/crypto/keyring.hpp"
#include "core/error.hpp"

namespace llm_admin::crypto {

namespace {

#ifdef O_PATH
constexpr int open_directory = O_PATH | O_DIRECTORY | O_CLOEXEC;
#else
constexpr int open_directory = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
#endif
constexpr int open_keyring = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY;
constexpr mode_t permissions = 07777;

class descriptor {
 public:
  explicit descriptor(int number) noexcept : number_(number) {}
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  ~descriptor() {
    if (number_ >= 0) close(number_);
  }
  int get() const noexcept { return number_; }
  bool valid() const noexcept { return number_ >= 0; }

 private:
  int number_;
};

[[noreturn]] void refuse(std::string detail, std::string hint) {
  throw error(sqlstate::keyring, "keyring file cannot be used", std::move(detail), std::move(hint));
}

std::string quoted(std::string_view text, std::string_view escaped_quote) {
  std::string result = "'";
  for (const char c : text) {
    if (c == '\'') {
      result += escaped_quote;
    } else {
      result += c;
    }
  }
  return result += '\'';
}
std::string shell_quoted(std::string_view text) { return quoted(text, "'\\''"); }

std::string set_to(std::string_view path) {
  return "LOAD 'llm_admin'; ALTER SYSTEM SET llm_admin.keyring_file = " + quoted(path, "''") +
         "; SELECT pg_reload_conf();";
}

std::string shown(std::string_view path) {
  std::string result(1, '"');
  return result.append(path).append(1, '"');
}
std::string system_text(int code) { return std::generic_category().message(code); }
std::string octal(mode_t mode) {
  std::string digits = "0000";
  for (std::size_t i = digits.size(); i-- > 0; mode >>= 3) digits[i] = static_cast<char>('0' + (mode & 7));
  return digits;
}

std::optional<std::string> resolved(const std::string& path) {
  struct releaser {
    void operator()(char* text) const noexcept { std::free(text); }  // NOLINT: realpath's own allocation
  };
  const std::unique_ptr<char, releaser> text(realpath(path.c_str(), nullptr));
  if (!text) return std::nullopt;
  return std::string(text.get());
}

bool is_inside(std::string_view path, std::string_view directory) noexcept {
  while (directory.size() > 1 && directory.back() == '/') directory.remove_suffix(1);
  if (directory.empty() || !path.starts_with(directory)) return false;
  return directory == "/" || path.size() == directory.size() || path[directory.size()] == '/';
}

struct place {
  std::string directory;  // resolved
  std::string name;
  std::string full() const { return (directory == "/" ? "" : directory) + "/" + name; }
};

place locate(const std::string& path) {
  if (path.empty()) {
    refuse("llm_admin.keyring_file is empty",
           "make a keyring with scripts/new-keyring /path, then: " + set_to("/path"));
  }
  if (path.front() != '/' || path.find('\0') != std::string::npos) {
    refuse(shown(path.c_str()) + " is not an absolute path", set_to("/path"));
  }
  const std::size_t slash = path.rfind('/');
  place found{path.substr(0, slash + 1), path.substr(slash + 1)};
  if (found.name.empty() || found.name == "." || found.name == "..") {
    refuse(shown(path) + " names a directory", set_to("/path"));
  }
  auto directory = resolved(found.directory);
  if (!directory) {
    refuse("directory " + shown(found.directory) + " cannot be resolved: " + system_text(errno),
           "make the keyring with scripts/new-keyring " + shell_quoted(path));
  }
  found.directory = std::move(*directory);
  return found;
}

void check_directory(const place& found, int directory, const keyring_file_policy& policy) {
  for (const std::string& forbidden : policy.forbidden_directories) {
    if (is_inside(found.full(), resolved(forbidden).value_or(forbidden))) {
      refuse(
          shown(found.full()) + " lies in " + shown(forbidden) + ", whose backups would carry the keys along",
          "move the file elsewhere, then: " + set_to("/path"));
    }
  }
  struct stat status {};
  if (fstat(directory, &status) != 0)
    refuse("directory " + shown(found.directory) + ": " + system_text(errno), "");
  if ((status.st_mode & S_IWOTH) != 0) {
    refuse("everybody can write to its directory " + shown(found.directory) + " (mode " +
               octal(status.st_mode & permissions) + ")",
           "move the file to a directory of its own and set that path, or run: chmod o-w " +
               shell_quoted(found.directory));
  }
}

[[noreturn]] void refuse_open(const place& found, const std::string& path, int code) {
  if (code == ELOOP || code == EMLINK) {
    const auto target = resolved(found.full());
    refuse(shown(path) + " is a symbolic link" + (target ? "" : " that leads nowhere"),
           set_to(target ? *target : "/path"));
  }
  std::string hint;
  if (code == ENOENT) hint = "make the keyring with scripts/new-keyring " + shell_quoted(path);
  if (code == EACCES)
    hint = "run: chown <server user> " + shell_quoted(path) + "; chmod 0600 " + shell_quoted(path);
  refuse(shown(path) + " cannot be opened: " + system_text(code), hint);
}

void check_file(const struct stat& status, const std::string& path, const keyring_file_policy& policy) {
  if (!S_ISREG(status.st_mode)) refuse(shown(path) + " is not a regular file", set_to("/path"));
  const mode_t mode = status.st_mode & permissions;
  const std::string by_server = "run: chown " + std::to_string(policy.server_uid) + " " + shell_quoted(path) +
                                "; chmod 0600 " + shell_quoted(path);
  if (status.st_uid != policy.server_uid && status.st_uid != 0) {
    refuse(shown(path) + " belongs to user id " + std::to_string(status.st_uid) +
               ", not to the server's user (" + std::to_string(policy.server_uid) + ") or root",
           by_server);
  }
  const mode_t most = status.st_uid == 0 ? 0640 : 0600;
  if ((mode & ~most) != 0) {
    refuse(shown(path) + " has mode " + octal(mode) + ", more than " + octal(most) +
               (status.st_uid == 0 ? " for a file of root" : " for a file of the server's user"),
           "run: chmod " + octal(most) + " " + shell_quoted(path));
  }
  if (status.st_size > static_cast<off_t>(max_keyring_bytes)) {
    refuse(shown(path) + " is larger than 1 MB",
           "make a keyring with scripts/new-keyring " + shell_quoted(path));
  }
}

}  // namespace

secret_bytes read_keyring_file(const std::string& path, const keyring_file_policy& policy) {
  const place found = locate(path);
  const descriptor directory(open(found.directory.c_str(), open_directory));
  if (!directory.valid()) {
    refuse("directory " + shown(found.directory) + " cannot be opened: " + system_text(errno),
           "run: chmod u+x " + shell_quoted(found.directory));
  }
  check_directory(found, directory.get(), policy);

  const descriptor file(openat(directory.get(), found.name.c_str(), open_keyring));
  if (!file.valid()) refuse_open(found, path, errno);
  struct stat status {};
  if (fstat(file.get(), &status) != 0) refuse(shown(path) + ": " + system_text(errno), "");
  check_file(status, path, policy);

  // One byte more than it has, to notice a file that grows meanwhile.
  secret_bytes content(static_cast<std::size_t>(status.st_size) + 1);
  std::size_t have = 0;
  while (have < content.size()) {
    const ssize_t got = read(file.get(), content.data() + have, content.size() - have);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) refuse(shown(path) + " cannot be read: " + system_text(errno), "");
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
  }
  if (have == content.size()) refuse(shown(path) + " grew while it was read", "SELECT pg_reload_conf();");
  content.shrink(have);
  return content;
}

}  // namespace llm_admin::crypto
