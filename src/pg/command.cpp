#include "pg/command.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "core/error.hpp"
#include "pg/guard.hpp"

extern "C" {
#include "storage/fd.h"
}

namespace llm_admin::pg {

namespace {

[[noreturn]] void fail(const std::string& detail) {
  throw llm_admin::error(
      sqlstate::keyring, "llm_admin.keyring_command failed", detail,
      "run the command by hand as the server's user; it must print the keyring and exit with 0");
}

class pipe_end {
 public:
  explicit pipe_end(int fd) : fd_(fd) {}
  ~pipe_end() { close(); }
  pipe_end(const pipe_end&) = delete;
  pipe_end& operator=(const pipe_end&) = delete;
  int fd() const noexcept { return fd_; }
  void close() noexcept {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

 private:
  int fd_;
};

// The process group of the command at work, 0 for none. The end of a session runs no destructor, so it is
// known here.
pid_t running = 0;

void kill_running() noexcept {
  if (running <= 0) return;
  ::kill(-running, SIGKILL);
  while (::waitpid(running, nullptr, 0) < 0 && errno == EINTR) {
  }
  running = 0;
}

extern "C" void end_command(int, Datum) noexcept { kill_running(); }

// Kills and reaps the command unless ended() saw its end.
class child {
 public:
  explicit child(pid_t pid) { running = pid; }
  ~child() { kill_running(); }
  child(const child&) = delete;
  child& operator=(const child&) = delete;
  bool ended() noexcept {
    pid_t got = 0;
    do {
      got = ::waitpid(running, &status_, WNOHANG);
    } while (got < 0 && errno == EINTR);
    lost_ = got < 0;
    if (got != 0) running = 0;
    return got != 0;
  }
  // Somebody else reaped it, or SIGCHLD is ignored, which code of a language in this session may have done.
  bool status_is_lost() const noexcept { return lost_; }
  int status() const noexcept { return status_; }  // once it has ended

 private:
  int status_ = -1;
  bool lost_ = false;
};

class external_fd {
 public:
  external_fd() {
    if (!call([] { return AcquireExternalFD(); })) fail("too many open files");
  }
  ~external_fd() { ReleaseExternalFD(); }
};

pid_t spawn(const std::string& command, int output) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 34)
  posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);  // the client's socket among others
#endif
  sigset_t none, defaults;
  sigemptyset(&none);
  sigfillset(&defaults);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  char shell[] = "/bin/sh";
  char option[] = "-c";
  std::string text = command;
  char* argv[] = {shell, option, text.data(), nullptr};
  pid_t pid = 0;
  const int rc = posix_spawn(&pid, shell, &actions, &attributes, argv, environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (rc != 0) fail("the shell could not be started");
  return pid;
}

// Waits until `fd` can be read, a cancel arrives (raised), or the time is up (false).
bool wait_readable(int fd, int milliseconds) {
  return call([=] {
    const int events =
        WaitLatchOrSocket(MyLatch, WL_LATCH_SET | WL_SOCKET_READABLE | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, fd,
                          milliseconds, PG_WAIT_EXTENSION);
    if (events & WL_LATCH_SET) ResetLatch(MyLatch);
    CHECK_FOR_INTERRUPTS();
    return (events & WL_TIMEOUT) == 0;
  });
}

// Waits a moment, or until a cancel arrives (raised).
void nap() {
  call([] {
    const int events =
        WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, 1, PG_WAIT_EXTENSION);
    if (events & WL_LATCH_SET) ResetLatch(MyLatch);
    CHECK_FOR_INTERRUPTS();
  });
}

}  // namespace

secret_bytes run_command(const std::string& command, int timeout_ms, std::size_t most_bytes) {
  const external_fd accounted;
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) fail("no pipe could be made");
  pipe_end reader(ends[0]);
  pipe_end writer(ends[1]);
  // Our end only: the command's must block, or it fails where it prints faster than we read.
  if (::fcntl(reader.fd(), F_SETFL, O_NONBLOCK) != 0) fail("no pipe could be made");
  static bool registered = false;
  if (!registered) call([] { on_proc_exit(end_command, 0); });
  registered = true;
  child shell(spawn(command, writer.fd()));
  writer.close();
  const TimestampTz deadline = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), timeout_ms);
  secret_bytes output;
  secret_bytes chunk(4096);
  for (;;) {
    const ssize_t n = ::read(reader.fd(), chunk.data(), chunk.size());
    if (n == 0) break;
    if (n > 0) {
      output.append(chunk.span().first(static_cast<std::size_t>(n)));
      if (output.size() > most_bytes) fail("it printed more than " + std::to_string(most_bytes) + " bytes");
      continue;
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK) fail("its output could not be read");
    const auto left = static_cast<int>(TimestampDifferenceMilliseconds(GetCurrentTimestamp(), deadline));
    if (left <= 0 || !wait_readable(reader.fd(), left))
      if (GetCurrentTimestamp() >= deadline) fail("it ran longer than " + std::to_string(timeout_ms) + " ms");
  }
  // It may close its output and run on.
  while (!shell.ended()) {
    if (GetCurrentTimestamp() >= deadline) fail("it ran longer than " + std::to_string(timeout_ms) + " ms");
    nap();
  }
  if (shell.status_is_lost()) fail("how it ended cannot be told: this session ignores SIGCHLD");
  const int status = shell.status();
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    fail(WIFEXITED(status) ? "exit status " + std::to_string(WEXITSTATUS(status))
                           : "it was ended by a signal");
  return output;
}

}  // namespace llm_admin::pg
