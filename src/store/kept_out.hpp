// A change of a row that somebody's own trigger or rule has kept out of a table of ours, where what it would have said must
// not be lost: units that were taken, calls that were begun.
#pragma once

namespace llm_admin::store {

// `table`: its name, without the schema; `message`: what could not be done. 55000.
[[noreturn]] void refuse_kept_out(const char* table, const char* message);

}  // namespace llm_admin::store
