#include "pg/command.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/prctl.h>
#endif

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

// Kills all that is left of its process group. Until its leader is reaped no other process can have that
// number.
void kill_running() noexcept {
  if (running <= 0) return;
  ::kill(-running, SIGKILL);
  while (::waitpid(running, nullptr, 0) < 0 && errno == EINTR) {
  }
  running = 0;
}

extern "C" void end_command(int, Datum) noexcept { kill_running(); }

// Code of a procedural language may have left SIGCHLD ignored or with a handler that reaps, and then nobody
// could tell how the command ended: the default holds while it runs.
class default_sigchld {
 public:
  default_sigchld() noexcept {
    struct sigaction standard = {};
    standard.sa_handler = SIG_DFL;
    sigemptyset(&standard.sa_mask);
    ::sigaction(SIGCHLD, &standard, &before_);
  }
  ~default_sigchld() { ::sigaction(SIGCHLD, &before_, nullptr); }
  default_sigchld(const default_sigchld&) = delete;
  default_sigchld& operator=(const default_sigchld&) = delete;

 private:
  struct sigaction before_;
};

enum class ending : std::uint8_t { none, exited, by_signal, unknown };

// Its process group is killed and its leader reaped when this goes.
class child {
 public:
  explicit child(pid_t pid) { running = pid; }
  ~child() { kill_running(); }
  child(const child&) = delete;
  child& operator=(const child&) = delete;

  // Looks without reaping. `code` becomes the exit status.
  static ending look(int& code) noexcept {
    siginfo_t info = {};
    int rc = 0;
    do {
      rc = ::waitid(P_PID, static_cast<id_t>(running), &info, WEXITED | WNOHANG | WNOWAIT);
    } while (rc < 0 && errno == EINTR);
    if (rc < 0) return ending::unknown;
    if (info.si_pid == 0) return ending::none;
    code = info.si_status;
    return info.si_code == CLD_EXITED ? ending::exited : ending::by_signal;
  }
};

class external_fd {
 public:
  external_fd() {
    if (!call([] { return AcquireExternalFD(); })) fail("too many open files");
  }
  ~external_fd() { ReleaseExternalFD(); }
};

// ---- in the children, between fork and exec: async-signal-safe calls only
// ------------------------------------

void close_from(int first) noexcept {
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 34)
  ::closefrom(first);
#else
  const long most = ::sysconf(_SC_OPEN_MAX);
  for (int fd = first; fd < (most > 0 ? most : 1024); ++fd) ::close(fd);
#endif
}

void unblock_signals() noexcept {
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

[[noreturn]] void become_shell(char* const* arguments, int output) noexcept {
  unblock_signals();
  const int nothing = ::open("/dev/null", O_RDONLY);
  if (nothing < 0 || ::dup2(nothing, STDIN_FILENO) < 0 || ::dup2(output, STDOUT_FILENO) < 0) ::_exit(127);
  close_from(STDERR_FILENO + 1);  // the client's socket among others
  ::execve(arguments[0], arguments, environ);
  ::_exit(127);
}

#ifdef __linux__
extern "C" void end_group(int) noexcept { ::kill(0, SIGKILL); }

// The leader of the command's group: a backend that is killed runs no code of its own, so the kernel tells
// this process, which ends the group. Ends as the shell does.
[[noreturn]] void watch_over_shell(char* const* arguments, int output, pid_t parent) noexcept {
  struct sigaction ending = {};
  ending.sa_handler = end_group;
  sigemptyset(&ending.sa_mask);
  ::sigaction(SIGTERM, &ending, nullptr);
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) ::_exit(127);
  const pid_t shell = ::fork();
  if (shell == 0) {
    ending.sa_handler = SIG_DFL;
    ::sigaction(SIGTERM, &ending, nullptr);
    become_shell(arguments, output);
  }
  close_from(0);
  unblock_signals();
  int status = 127 << 8;
  while (shell > 0 && ::waitpid(shell, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status)) ::_exit(WEXITSTATUS(status));
  ::kill(::getpid(), SIGKILL);
  ::_exit(127);
}
#endif

[[noreturn]] void lead_group(char* const* arguments, int output, pid_t parent) noexcept {
  ::setpgid(0, 0);
  struct sigaction standard = {};
  standard.sa_handler = SIG_DFL;
  sigemptyset(&standard.sa_mask);
  for (int signal = 1; signal < NSIG; ++signal) ::sigaction(signal, &standard, nullptr);
#ifdef __linux__
  watch_over_shell(arguments, output, parent);
#else
  (void)parent;
  become_shell(arguments, output);
#endif
}

// ---- in the backend
// -----------------------------------------------------------------------------------------

pid_t spawn(const std::string& command, int output) {
  char shell[] = "/bin/sh";
  char option[] = "-c";
  std::string text = command;
  char* const arguments[] = {shell, option, text.data(), nullptr};
  const pid_t parent = ::getpid();
  // A signal must not run the server's handlers in the child.
  sigset_t all, before;
  sigfillset(&all);
  ::sigprocmask(SIG_SETMASK, &all, &before);
  const pid_t pid = ::fork();
  if (pid == 0) lead_group(arguments, output, parent);
  if (pid > 0) ::setpgid(pid, pid);  // whoever of the two comes first
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
  if (pid < 0) fail("the shell could not be started");
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
  const default_sigchld reaping;
  const child shell(spawn(command, writer.fd()));
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
  int status = 0;
  ending how = child::look(status);
  for (; how == ending::none; how = child::look(status)) {
    if (GetCurrentTimestamp() >= deadline) fail("it ran longer than " + std::to_string(timeout_ms) + " ms");
    nap();
  }
  if (how == ending::unknown) fail("how it ended is not known: another part of this session waited for it");
  if (how == ending::by_signal) fail("it was ended by a signal");
  if (status != 0) fail("exit status " + std::to_string(status));
  return output;
}

}  // namespace llm_admin::pg
