#include "core/crypto/open_path.hpp"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstddef>
#include <iterator>
#include <string_view>
#include <utility>

namespace llm_admin::crypto {

namespace {

#ifdef O_PATH
constexpr int to_pass = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
#else
constexpr int to_pass = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
#endif
constexpr int to_read = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY;
constexpr std::size_t most_links = 40;
constexpr int most_tries = 5;

using outcome = opened_path::outcome;

// The components of a path in reverse, the next one last; empty ones and "." are left out.
void push_components(std::vector<std::string>& todo, std::string_view path) {
  std::vector<std::string> found;
  for (std::size_t at = 0; at < path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    const std::string_view one = path.substr(at, end - at);
    if (!one.empty() && one != ".") found.emplace_back(one);
    at = end + 1;
  }
  todo.insert(todo.end(), std::make_move_iterator(found.rbegin()), std::make_move_iterator(found.rend()));
}

class walk {
 public:
  explicit walk(const std::string& path) { push_components(todo_, path); }

  opened_path run() {
    if (!to_root()) return std::move(result_);
    bool goes_on = true;
    while (goes_on && !todo_.empty()) {
      const std::string name = std::move(todo_.back());
      todo_.pop_back();
      if (name != "..")
        goes_on = step(name);
      else if (stack_.size() > 1)
        stack_.pop_back();
    }
    if (goes_on) ends(outcome::missing_file, EISDIR);  // a link's target ended in ".."
    result_.folder = here().path;
    for (const level& one : stack_) result_.above.push_back(one.folder);
    return std::move(result_);
  }

 private:
  struct level {
    descriptor handle;
    std::size_t folder;  // of result_.folders
  };

  passed_folder& here() { return result_.folders[stack_.back().folder]; }

  bool to_root() {
    stack_.clear();
    return enter(descriptor(open("/", to_pass)), "/");
  }

  bool enter(descriptor handle, std::string path) {
    passed_folder folder;
    struct statvfs system {};
    if (!handle.valid() || fstat(handle.get(), &folder.status) != 0)
      return ends(outcome::missing_folder, errno);
    folder.read_only = fstatvfs(handle.get(), &system) == 0 && (system.f_flag & ST_RDONLY) != 0;
    folder.path = std::move(path);
    result_.folders.push_back(std::move(folder));
    stack_.push_back({std::move(handle), result_.folders.size() - 1});
    return true;
  }

  bool ends(outcome what, int error) {
    const bool gone = error == ENOENT && !result_.links.empty();
    result_.what = gone ? outcome::dangling : what;
    result_.error = error;
    return false;
  }

  // One component; false at the end, good or bad.
  bool step(const std::string& name) {
    const bool last = todo_.empty();
    if (last) result_.name = name;
    const int in = stack_.back().handle.get();
    struct stat status {};
    if (fstatat(in, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0)
      return ends(last ? outcome::missing_file : outcome::missing_folder, errno);
    if (S_ISLNK(status.st_mode)) return follow(name, status);
    const std::string path = (here().path == "/" ? "" : here().path) + "/" + name;
    if (!last) return enter(descriptor(openat(in, name.c_str(), to_pass)), path);
    result_.file = descriptor(openat(in, name.c_str(), to_read));
    if (!result_.file.valid()) return ends(outcome::missing_file, errno);
    result_.what = outcome::opened;
    return false;
  }

  bool follow(const std::string& name, const struct stat& status) {
    char target[PATH_MAX];
    const ssize_t size = readlinkat(stack_.back().handle.get(), name.c_str(), target, sizeof target);
    if (size < 0) return ends(outcome::missing_folder, errno);
    result_.links.push_back({(here().path == "/" ? "" : here().path) + "/" + name, status.st_uid});
    here().holds_link = true;
    const std::string_view text(target, static_cast<std::size_t>(size));
    if (result_.links.size() > most_links) return ends(outcome::endless, ELOOP);
    if (text.empty() || text.size() == sizeof target) return ends(outcome::missing_folder, ENAMETOOLONG);
    push_components(todo_, text);
    return text[0] != '/' || to_root();
  }

  opened_path result_;
  std::vector<std::string> todo_;
  std::vector<level> stack_;  // from "/" to where we are
};

}  // namespace

descriptor& descriptor::operator=(descriptor&& other) noexcept {
  std::swap(number_, other.number_);
  return *this;
}

descriptor::~descriptor() {
  if (number_ >= 0) close(number_);
}

opened_path open_path(const std::string& path) {
  for (int tries = 1;; ++tries) {
    opened_path result = walk(path).run();
    const bool changing = result.what == outcome::dangling || result.error == ESTALE ||
                          (result.error == ELOOP && result.what != outcome::endless);
    if (tries == most_tries || !changing) return result;
  }
}

}  // namespace llm_admin::crypto
