// Runs as any user: permissions are judged by their bits, so root, who may open anything, sees the same
// refusals.
#include "core/crypto/keyring_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "core/crypto/keyring.hpp"
#include "core/error.hpp"

namespace llm_admin::crypto {
namespace {

namespace fs = std::filesystem;

class KeyringFile : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "keyring-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    root_ = fs::canonical(pattern);
    make_directory("etc", 0755);
    policy_.server_uid = geteuid();
  }
  void TearDown() override { fs::remove_all(root_); }

  std::string at(const std::string& name) const { return (root_ / name).string(); }
  void make_directory(const std::string& name, mode_t mode) {
    fs::create_directory(at(name));
    ASSERT_EQ(chmod(at(name).c_str(), mode), 0);
  }
  std::string write(const std::string& name, mode_t mode, const std::string& content = "content") {
    std::ofstream(at(name)) << content;
    EXPECT_EQ(chmod(at(name).c_str(), mode), 0);
    return at(name);
  }
  std::string content(const std::string& path) const {
    return std::string(read_keyring_file(path, policy_).text());
  }
  // Both parts that a person reads; checks what every refusal has in common.
  std::string refusal(const std::string& path) const {
    try {
      (void)read_keyring_file(path, policy_);
    } catch (const error& e) {
      EXPECT_STREQ(e.sqlstate(), "LA030");
      EXPECT_EQ(e.message(), "keyring file cannot be used");
      EXPECT_FALSE(e.detail().empty());
      EXPECT_FALSE(e.hint().empty()) << e.detail();
      if (e.hint().find("ALTER SYSTEM") != std::string::npos) {
        EXPECT_NE(e.hint().find("LOAD 'llm_admin'; ALTER SYSTEM SET llm_admin.keyring_file = "),
                  std::string::npos);
      }
      return e.detail() + " | " + e.hint();
    }
    ADD_FAILURE() << "accepted: " << path;
    return "";
  }
  static bool says(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
  }

  fs::path root_;
  keyring_file_policy policy_;
};

TEST_F(KeyringFile, ReadsAPrivateFile) {
  EXPECT_EQ(content(write("etc/keyring", 0600)), "content");
  EXPECT_EQ(content(write("etc/readonly", 0400)), "content");
  EXPECT_EQ(content(write("etc/empty", 0600, "")), "");
  const std::string most(max_keyring_bytes, 'x');
  EXPECT_EQ(content(write("etc/large", 0600, most)), most);
}

TEST_F(KeyringFile, ModeOfTheServersFile) {
  for (const mode_t mode : {0601, 0602, 0604, 0660, 0644, 0777, 0610, 0700, 04600}) {
    if (geteuid() == 0 && mode == 0640) continue;
    const std::string text = refusal(write("etc/keyring", mode));
    EXPECT_TRUE(says(text, "mode")) << text;
    EXPECT_TRUE(says(text, "run: chmod 06")) << text;
  }
}

TEST_F(KeyringFile, RootMayLetTheServersGroupRead) {
  const std::string path = write("etc/keyring", 0640);
  if (geteuid() != 0) {
    EXPECT_TRUE(says(refusal(path), "mode 0640, more than 0600"));
    return;
  }
  policy_.server_uid = 12345;  // the server is somebody else
  EXPECT_EQ(content(path), "content");
  EXPECT_TRUE(says(refusal(write("etc/wide", 0644)), "mode 0644, more than 0640"));
  ASSERT_EQ(chown(path.c_str(), 12345, 12345), 0);
  EXPECT_TRUE(says(refusal(path), "mode 0640, more than 0600"));
  ASSERT_EQ(chmod(path.c_str(), 0600), 0);
  EXPECT_EQ(content(path), "content");
}

TEST_F(KeyringFile, OwnerIsTheServerOrRoot) {
  const std::string path = write("etc/keyring", 0600);
  if (geteuid() == 0) {
    ASSERT_EQ(chown(path.c_str(), 54321, 54321), 0);
    policy_.server_uid = 12345;
  } else {
    policy_.server_uid = geteuid() + 1;
  }
  const std::string text = refusal(path);
  EXPECT_TRUE(says(text, "belongs to user id")) << text;
  EXPECT_TRUE(says(text, "run: chown " + std::to_string(policy_.server_uid))) << text;
}

TEST_F(KeyringFile, PathIsAbsolute) {
  write("etc/keyring", 0600);
  EXPECT_TRUE(says(refusal(""), "is empty"));
  EXPECT_TRUE(says(refusal("etc/keyring"), "absolute"));
  EXPECT_TRUE(says(refusal("./keyring"), "absolute"));
  EXPECT_TRUE(says(refusal(at("etc/keyring") + std::string(1, '\0') + "x"), "absolute"));
}

// The file at the end of the links is judged, whatever their kind.
TEST_F(KeyringFile, LinksAreFollowed) {
  const std::string path = write("etc/it's", 0600);
  make_directory("etc/deep", 0755);
  fs::create_symlink(path, at("etc/absolute"));
  fs::create_symlink("it's", at("etc/relative"));
  fs::create_symlink("../it's", at("etc/deep/up"));
  fs::create_symlink("./deep//../relative", at("etc/odd"));
  fs::create_symlink("deep/up", at("etc/chain"));
  for (const char* name : {"absolute", "relative", "deep/up", "odd", "chain"})
    EXPECT_EQ(content(at(std::string("etc/") + name)), "content") << name;
  EXPECT_TRUE(says(refusal(at("etc/odd/x")), "cannot be resolved"));

  fs::create_symlink(at("nowhere"), at("etc/dangling"));
  EXPECT_TRUE(says(refusal(at("etc/dangling")),
                   "\"" + at("etc/dangling") + "\" is a symbolic link that leads nowhere"));
  fs::create_symlink("ring2", at("etc/ring1"));
  fs::create_symlink("ring1", at("etc/ring2"));
  EXPECT_TRUE(says(refusal(at("etc/ring1")), "a ring of them"));
  fs::create_symlink("..", at("etc/folder"));
  EXPECT_TRUE(says(refusal(at("etc/folder")), "cannot be opened"));
  std::string before = "it's";
  for (int n = 0; n < 41; ++n) {
    fs::create_symlink(before, at("etc/link" + std::to_string(n)));
    before = "link" + std::to_string(n);
  }
  EXPECT_EQ(content(at("etc/link39")), "content");
  EXPECT_TRUE(says(refusal(at("etc/link40")), "more than 40"));

  EXPECT_TRUE(says(refusal(write("etc/it's", 0644)), "mode"));
  const std::string text = refusal(at("etc/chain"));
  EXPECT_TRUE(says(text, "mode 0644")) << text;
  ASSERT_EQ(chmod(path.c_str(), 0600), 0);
  policy_.forbidden_directories = {at("etc/deep")};
  EXPECT_EQ(content(at("etc/chain")), "content");  // the link lies there, the file does not
  policy_.forbidden_directories = {at("etc")};
  fs::create_symlink(at("etc/it's"), at("outside"));
  EXPECT_TRUE(says(refusal(at("outside")), "lies in"));
}

// As a Secret is mounted, and exchanged: keyring -> ..data/keyring, ..data -> ..2026_01.
TEST_F(KeyringFile, MountedSecret) {
  make_directory("secret", 0755);
  make_directory("secret/..2026_01", 0755);
  make_directory("secret/..2026_02", 0755);
  write("secret/..2026_01/keyring", 0400, "first");
  write("secret/..2026_02/keyring", 0400, "second");
  fs::create_directory_symlink("..2026_01", at("secret/..data"));
  fs::create_symlink("..data/keyring", at("secret/keyring"));
  EXPECT_EQ(content(at("secret/keyring")), "first");
  fs::create_directory_symlink("..2026_02", at("secret/..data_tmp"));
  fs::rename(at("secret/..data_tmp"), at("secret/..data"));
  fs::remove_all(at("secret/..2026_01"));
  EXPECT_EQ(content(at("secret/keyring")), "second");
  for (const mode_t mode : {0775, 0777, 01777, 0757}) {
    ASSERT_EQ(chmod(at("secret").c_str(), mode), 0);
    if (mode == 0775 && getegid() == 0) continue;  // root's own group
    const std::string text = refusal(at("secret/keyring"));
    EXPECT_TRUE(says(text, "others can write to directory")) << text;
    EXPECT_TRUE(says(text, "chmod go-w '" + at("secret") + "'")) << text;
  }
  ASSERT_EQ(chmod(at("secret").c_str(), 0755), 0);
  EXPECT_EQ(content(at("secret/keyring")), "second");
  ASSERT_EQ(chmod(at("secret/..2026_02").c_str(), 01777), 0);
  EXPECT_TRUE(says(refusal(at("secret/keyring")), "everybody can write to its directory"));
}

TEST_F(KeyringFile, OwnersOnTheWayOfLinks) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  policy_.server_uid = 12345;
  make_directory("etc/inner", 0755);
  const std::string path = write("etc/inner/keyring", 0600);
  ASSERT_EQ(chown(path.c_str(), 12345, 12345), 0);
  fs::create_symlink("inner/keyring", at("etc/link"));
  EXPECT_EQ(content(at("etc/link")), "content");
  ASSERT_EQ(lchown(at("etc/link").c_str(), 12345, 12345), 0);
  EXPECT_EQ(content(at("etc/link")), "content");
  ASSERT_EQ(lchown(at("etc/link").c_str(), 54321, 54321), 0);
  EXPECT_TRUE(
      says(refusal(at("etc/link")), "the symbolic link \"" + at("etc/link") + "\" belongs to user id 54321"));
  ASSERT_EQ(lchown(at("etc/link").c_str(), 0, 0), 0);
  ASSERT_EQ(chown(at("etc/inner").c_str(), 54321, 54321), 0);
  EXPECT_TRUE(says(refusal(at("etc/link")), "on the way through links belongs to user id 54321"));
  EXPECT_EQ(content(path), "content");  // without links the folder's modes decide, as before
  ASSERT_EQ(chown(at("etc/inner").c_str(), 0, 777), 0);
  ASSERT_EQ(chmod(at("etc/inner").c_str(), 0775), 0);
  EXPECT_TRUE(says(refusal(at("etc/link")), "others can write"));
}

// A link in /tmp, or any folder that everybody may write to, can be anybody's; a folder there cannot.
TEST_F(KeyringFile, StickyFolders) {
  write("etc/keyring", 0600);
  make_directory("open", 01777);
  fs::create_symlink(at("etc/keyring"), at("open/link"));
  EXPECT_TRUE(says(refusal(at("open/link")), "others can write"));
  make_directory("open/own", 0755);
  fs::create_symlink(at("etc/keyring"), at("open/own/link"));
  EXPECT_EQ(content(at("open/own/link")), "content");
  ASSERT_EQ(chmod(at("open").c_str(), 0777), 0);
  EXPECT_TRUE(says(refusal(at("open/own/link")), "others can write"));
}

TEST_F(KeyringFile, LinksAmongDirectoriesAreResolvedBeforeTheChecks) {
  write("etc/keyring", 0600);
  fs::create_directory_symlink(at("etc"), at("alias"));
  EXPECT_EQ(content(at("alias/keyring")), "content");
  EXPECT_EQ(content(at("alias/../etc/keyring")), "content");
  policy_.forbidden_directories = {at("etc")};
  EXPECT_TRUE(says(refusal(at("alias/keyring")), "lies in"));
  make_directory("open", 0777);
  write("open/keyring", 0600);
  fs::create_directory_symlink(at("open"), at("etc/inner"));
  policy_.forbidden_directories.clear();
  EXPECT_TRUE(says(refusal(at("etc/inner/keyring")), "everybody can write"));
}

TEST_F(KeyringFile, ForbiddenDirectories) {
  make_directory("data", 0700);
  make_directory("data/inner", 0700);
  make_directory("database", 0700);
  fs::create_directory_symlink(at("data"), at("pgdata"));
  const std::string inside = write("data/keyring", 0600);
  const std::string deeper = write("data/inner/keyring", 0600);
  const std::string beside = write("database/keyring", 0600);
  for (const std::string& forbidden :
       {at("data"), at("data/"), at("pgdata"), at("etc/../data"), std::string("/")}) {
    policy_.forbidden_directories = {"", at("missing"), forbidden};
    EXPECT_TRUE(says(refusal(inside), "lies in")) << forbidden;
    EXPECT_TRUE(says(refusal(deeper), "lies in")) << forbidden;
    if (forbidden == "/") continue;
    EXPECT_EQ(content(beside), "content") << forbidden;
  }
}

TEST_F(KeyringFile, DirectoryThatEverybodyCanWriteTo) {
  write("etc/keyring", 0600);
  for (const mode_t mode : {0777, 01777, 0702, 0703}) {
    ASSERT_EQ(chmod(at("etc").c_str(), mode), 0);
    const std::string text = refusal(at("etc/keyring"));
    EXPECT_TRUE(says(text, "everybody can write to its directory")) << text;
    EXPECT_TRUE(says(text, "chmod o-w")) << text;
  }
  ASSERT_EQ(chmod(at("etc").c_str(), 0775), 0);
  EXPECT_EQ(content(at("etc/keyring")), "content");
}

TEST_F(KeyringFile, OnlyRegularFiles) {
  ASSERT_EQ(mkfifo(at("etc/fifo").c_str(), 0600), 0);
  EXPECT_TRUE(says(refusal(at("etc/fifo")), "not a regular file"));  // and does not wait for a writer
  make_directory("etc/directory", 0700);
  EXPECT_TRUE(says(refusal(at("etc/directory")), "not a regular file"));
  EXPECT_TRUE(says(refusal(at("etc/")), "names a directory"));
  EXPECT_TRUE(says(refusal(at("etc/..")), "names a directory"));
  EXPECT_TRUE(says(refusal("/"), "names a directory"));
  EXPECT_TRUE(says(refusal("/dev/null"), "not a regular file"));
}

TEST_F(KeyringFile, MissingFilesAndDirectories) {
  EXPECT_TRUE(says(refusal(at("etc/none")), "No such file"));
  EXPECT_TRUE(says(refusal(at("etc/none")), "scripts/new-keyring '" + at("etc/none") + "'"));
  EXPECT_TRUE(says(refusal(at("none/keyring")), "cannot be resolved"));
  write("etc/keyring", 0600);
  EXPECT_TRUE(says(refusal(at("etc/keyring/keyring")), "Not a directory"));
}

TEST_F(KeyringFile, SizeIsBounded) {
  const std::string text = refusal(write("etc/huge", 0600, std::string(max_keyring_bytes + 1, 'x')));
  EXPECT_TRUE(says(text, "larger than 1 MB")) << text;
}

TEST_F(KeyringFile, RefusalsNeverShowContent) {
  const std::string text = refusal(write("etc/keyring", 0644, "hunter2"));
  EXPECT_FALSE(says(text, "hunter2"));
}

}  // namespace
}  // namespace llm_admin::crypto
