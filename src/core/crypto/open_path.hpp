// Opens a file by an absolute path, link by link, and tells what lay on the way.
//
// Each folder is opened below the one before and judged by its descriptor, so that nothing can be exchanged
// between a look and its use; a link is read in the folder that holds it. Links may be relative or absolute,
// of folders and of the file, in chains of up to 40. A path whose end goes away between two steps, as where a
// mounted Secret is exchanged, is tried again. Linux and POSIX.1-2008; where there is no O_PATH, folders must
// be readable.
#pragma once

#include <sys/stat.h>

#include <string>
#include <vector>

namespace llm_admin::crypto {

// A file descriptor that closes itself; below 0 for none.
class descriptor {
 public:
  explicit descriptor(int number = -1) noexcept : number_(number) {}
  descriptor(descriptor&& other) noexcept : number_(other.number_) { other.number_ = -1; }
  descriptor& operator=(descriptor&& other) noexcept;
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  ~descriptor();
  int get() const noexcept { return number_; }
  bool valid() const noexcept { return number_ >= 0; }

 private:
  int number_;
};

struct passed_folder {
  std::string path;  // without links
  struct stat status {};
  bool read_only = false;   // its file system is mounted so: nobody here can write to it
  bool holds_link = false;  // one that was followed
};

struct passed_link {
  std::string path;
  uid_t owner = 0;
};

struct opened_path {
  enum class outcome {
    opened,
    missing_folder,  // or one that may not be entered; `error` says why
    missing_file,    // or one that may not be opened
    dangling,        // a link leads nowhere
    endless,         // more than 40 links
  };
  outcome what = outcome::missing_folder;
  int error = 0;                       // errno
  std::string folder;                  // where the end lies or should lie, without links
  std::string name;                    // in `folder`
  descriptor file;                     // read only, if opened; never one that blocks
  std::vector<passed_folder> folders;  // "/" first, each as often as it was entered; the end's own last
  std::vector<std::size_t> above;      // of `folders`: those that the end lies in
  std::vector<passed_link> links;
};

// `path` is absolute. Throws std::bad_alloc only.
opened_path open_path(const std::string& path);

}  // namespace llm_admin::crypto
