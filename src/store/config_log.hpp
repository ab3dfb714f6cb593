// What changes in the configuration, told in the order of commits: rows of config_changes, and one notification of the
// channel llm_admin_config a commit.
//
// A change is noted in this backend's memory as it happens and is written when the transaction commits, before the server
// sends what is to be notified. Only there is the version taken, under one lock that is held until the commit is done. So
// versions rise in the order of commits, and whoever has seen one misses none below it. The lock costs what
// a notification costs anyway: the server lets those who notify commit one after the other. Nothing is waited for under
// it, so it takes part in no deadlock.
//
// A version is the time of its commit in microseconds since 1970, or the one before and one where the clock has not gone on.
// So those of another database, of a restored one or of a server that lost its last commits are not taken for ours.
//
// Rolled back savepoints take their changes away. Too much may be noted, never too little: a reader is told what a row
// is now, not what became of it. A prepared transaction holds the lock until it ends, and notifies nobody:
// the server allows it not.
#pragma once

#include <cstdint>
#include <string_view>

namespace llm_admin::store {

// Rows of config_changes that are kept.
inline constexpr std::int64_t most_config_changes = 100000;
// Changes of one kind in one transaction beyond which all of that kind is to be read anew.
inline constexpr std::uint32_t most_changes_at_once = 1000;

namespace config_op {
inline constexpr const char* put = "put";
inline constexpr const char* gone = "delete";
inline constexpr const char* reset = "reset";
}  // namespace config_op

// `kind` and `op` are constants; the texts are copied.
void note_config_change(const char* kind, const char* op, std::string_view id, std::string_view tenant_id);
// All of a kind is to be read anew: its table was emptied, or rows were loaded (store/load.hpp). A load alone is not written
// where no change was ever: nobody knows a version of such a database, and a restore stays as it was dumped.
void note_config_reset(const char* kind, bool by_load);

void register_config_log();  // _PG_init only

}  // namespace llm_admin::store
