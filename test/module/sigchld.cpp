// llm_admin_test.disturb_sigchld(how), sigchld(): what code of a procedural language may do to the signal by
// which a process learns that its children have ended.
#include <signal.h>
#include <sys/wait.h>

#include "core/error.hpp"
#include "pg/args.hpp"
#include "pg/entry.hpp"

using namespace llm_admin;

namespace {

extern "C" void reap_all(int) noexcept {
  while (::waitpid(-1, nullptr, WNOHANG) > 0) {
  }
}

}  // namespace

LLM_ADMIN_FUNCTION(llm_admin_test_disturb_sigchld)(FunctionCallInfo fcinfo) {
  const std::string_view how = pg::args(fcinfo).required_text(0, "how");
  struct sigaction wanted = {};
  wanted.sa_handler = how == "ignored" ? SIG_IGN : how == "reaped by a handler" ? reap_all : SIG_DFL;
  sigemptyset(&wanted.sa_mask);
  wanted.sa_flags = SA_RESTART;
  ::sigaction(SIGCHLD, &wanted, nullptr);
  return pg::make_text(how);
}

LLM_ADMIN_FUNCTION(llm_admin_test_sigchld)(FunctionCallInfo) {
  struct sigaction now = {};
  ::sigaction(SIGCHLD, nullptr, &now);
  return pg::make_text(now.sa_handler == SIG_IGN    ? "ignored"
                       : now.sa_handler == reap_all ? "reaped by a handler"
                                                    : "default");
}
