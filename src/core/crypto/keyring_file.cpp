#include "core/crypto/keyring_file.hpp"

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
#include "core/crypto/open_path.hpp"
#include "core/error.hpp"

namespace llm_admin::crypto {

namespace {

constexpr mode_t permissions = 07777;

[[noreturn]] void refuse_file(std::string detail, std::string hint) {
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

void check_path(const std::string& path) {
  if (path.empty()) {
    refuse_file("llm_admin.keyring_file is empty",
                "make a keyring with scripts/new-keyring /path, then: " + set_to("/path"));
  }
  if (path.front() != '/' || path.find('\0') != std::string::npos) {
    refuse_file(shown(path.c_str()) + " is not an absolute path", set_to("/path"));
  }
  const std::string name = path.substr(path.rfind('/') + 1);
  if (name.empty() || name == "." || name == "..")
    refuse_file(shown(path) + " names a directory", set_to("/path"));
}

[[noreturn]] void refuse_unopened(const opened_path& found, const std::string& path) {
  const std::string end = (found.folder == "/" ? "" : found.folder) + "/" + found.name;
  std::string hint = "run: chown <server user> " + shell_quoted(end) + "; chmod 0600 " + shell_quoted(end);
  switch (found.what) {
    case opened_path::outcome::endless:
      refuse_file(shown(path) + " is a chain of more than 40 symbolic links, or a ring of them",
                  set_to("/path"));
    case opened_path::outcome::dangling:
      refuse_file(shown(found.links.back().path) + " is a symbolic link that leads nowhere", set_to("/path"));
    case opened_path::outcome::missing_folder:
      refuse_file("directory " + shown(path.substr(0, path.rfind('/') + 1)) +
                      " cannot be resolved: " + system_text(found.error),
                  "make the keyring with scripts/new-keyring " + shell_quoted(path));
    case opened_path::outcome::missing_file:
    case opened_path::outcome::opened:
      break;
  }
  if (found.error == ENOENT) hint = "make the keyring with scripts/new-keyring " + shell_quoted(path);
  if (found.error != ENOENT && found.error != EACCES) hint = set_to("/path");
  refuse_file(shown(path) + " cannot be opened: " + system_text(found.error), hint);
}

bool same_folder(const struct stat& a, const struct stat& b) noexcept {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

// By names and, where it is mounted a second time elsewhere, by what the folders are.
void check_place(const opened_path& found, const keyring_file_policy& policy) {
  const std::string end = (found.folder == "/" ? "" : found.folder) + "/" + found.name;
  for (const std::string& forbidden : policy.forbidden_directories) {
    struct stat status {};
    bool inside = is_inside(end, resolved(forbidden).value_or(forbidden));
    if (!forbidden.empty() && stat(forbidden.c_str(), &status) == 0)
      for (const std::size_t n : found.above) inside = inside || same_folder(found.folders[n].status, status);
    if (inside)
      refuse_file(shown(end) + " lies in " + shown(forbidden) + ", whose backups would carry the keys along",
                  "move the file elsewhere, then: " + set_to("/path"));
  }
}

// Whoever writes to a folder can exchange what lies in it. On a file system that is mounted read-only, as
// Secrets are in a container, nobody can.
void check_directory(const passed_folder& folder) {
  if (folder.read_only || (folder.status.st_mode & S_IWOTH) == 0) return;
  refuse_file("everybody can write to its directory " + shown(folder.path) + " (mode " +
                  octal(folder.status.st_mode & permissions) + ")",
              "move the file to a directory of its own and set that path, or run: chmod o-w " +
                  shell_quoted(folder.path));
}

// A path with links is only as good as each of them and each folder on the way. In a folder with the sticky
// bit, /tmp for one, nobody else can exchange a folder, but put links there themselves.
void check_way(const opened_path& found, const keyring_file_policy& policy) {
  const auto trusted = [&](uid_t owner) { return owner == 0 || owner == policy.server_uid; };
  const std::string by_server = "run: chown -h " + std::to_string(policy.server_uid) + " ";
  for (const passed_link& link : found.links)
    if (!trusted(link.owner))
      refuse_file("the symbolic link " + shown(link.path) + " belongs to user id " +
                      std::to_string(link.owner) + ", not to the server's user (" +
                      std::to_string(policy.server_uid) + ") or root",
                  by_server + shell_quoted(link.path));
  for (const passed_folder& folder : found.folders) {
    if (!trusted(folder.status.st_uid))
      refuse_file("directory " + shown(folder.path) + " on the way through links belongs to user id " +
                      std::to_string(folder.status.st_uid) + ", not to the server's user (" +
                      std::to_string(policy.server_uid) + ") or root",
                  by_server + shell_quoted(folder.path));
    const bool by_group = (folder.status.st_mode & S_IWGRP) != 0 && folder.status.st_gid != 0;
    const bool by_others = (folder.status.st_mode & S_IWOTH) != 0;
    const bool sticky = (folder.status.st_mode & S_ISVTX) != 0 && !folder.holds_link;
    if (folder.read_only || sticky || (!by_group && !by_others)) continue;
    refuse_file("others can write to directory " + shown(folder.path) + " on the way through links (mode " +
                    octal(folder.status.st_mode & permissions) + ")",
                "run: chmod go-w " + shell_quoted(folder.path) + "; or set a path without links");
  }
}

void check_file(const struct stat& status, const std::string& path, const keyring_file_policy& policy) {
  if (!S_ISREG(status.st_mode)) refuse_file(shown(path) + " is not a regular file", set_to("/path"));
  const mode_t mode = status.st_mode & permissions;
  const std::string by_server = "run: chown " + std::to_string(policy.server_uid) + " " + shell_quoted(path) +
                                "; chmod 0600 " + shell_quoted(path);
  if (status.st_uid != policy.server_uid && status.st_uid != 0) {
    refuse_file(shown(path) + " belongs to user id " + std::to_string(status.st_uid) +
                    ", not to the server's user (" + std::to_string(policy.server_uid) + ") or root",
                by_server);
  }
  const mode_t most = status.st_uid == 0 ? 0640 : 0600;
  if ((mode & ~most) != 0) {
    refuse_file(shown(path) + " has mode " + octal(mode) + ", more than " + octal(most) +
                    (status.st_uid == 0 ? " for a file of root" : " for a file of the server's user"),
                "run: chmod " + octal(most) + " " + shell_quoted(path));
  }
  if (status.st_size > static_cast<off_t>(max_keyring_bytes)) {
    refuse_file(shown(path) + " is larger than 1 MB",
                "make a keyring with scripts/new-keyring " + shell_quoted(path));
  }
}

}  // namespace

secret_bytes read_keyring_file(const std::string& path, const keyring_file_policy& policy) {
  check_path(path);
  const opened_path found = open_path(path);
  if (found.what != opened_path::outcome::opened) refuse_unopened(found, path);
  check_place(found, policy);
  check_directory(found.folders[found.above.back()]);
  if (!found.links.empty()) check_way(found, policy);
  const descriptor& file = found.file;
  struct stat status {};
  if (fstat(file.get(), &status) != 0) refuse_file(shown(path) + ": " + system_text(errno), "");
  check_file(status, path, policy);

  // One byte more than it has, to notice a file that grows meanwhile.
  secret_bytes content(static_cast<std::size_t>(status.st_size) + 1);
  std::size_t have = 0;
  while (have < content.size()) {
    const ssize_t got = read(file.get(), content.data() + have, content.size() - have);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) refuse_file(shown(path) + " cannot be read: " + system_text(errno), "");
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
  }
  if (have == content.size())
    refuse_file(shown(path) + " grew while it was read", "SELECT pg_reload_conf();");
  content.shrink(have);
  return content;
}

}  // namespace llm_admin::crypto
