// Runs a shell command and gathers what it prints, with a time limit, interruptible.
#pragma once

#include <string>

#include "core/secret_bytes.hpp"

namespace llm_admin::pg {

// Standard output of `sh -c command`; standard error goes to the server's log. LA030 when the command cannot
// be run, fails, runs past `timeout_ms`, or prints more than `most_bytes`; a cancel of the query ends it too.
// However it ends, what is left of its process group is killed and its leader reaped, also when this backend
// itself is killed (on Linux, where the leader is told of it). A process that leaves the group (setsid) is
// out of reach. The command's text is never logged or reported.
secret_bytes run_command(const std::string& command, int timeout_ms, std::size_t most_bytes);

}  // namespace llm_admin::pg
